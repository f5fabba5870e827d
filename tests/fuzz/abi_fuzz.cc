// Arbitrary calls of the C ABI. The input is calls between bytes 0x1d; a call is one byte that names the
// operation and frames between bytes 0x1e. A capital letter hands the frames over as they are; a small one
// puts time and seed into the control, so that the flow behind it is reached; `!` hands over bytes that may
// be no frames.
#include "tests/fuzz/abi.h"

using namespace sluice::fuzz;

namespace {

struct Letter {
  char name;
  int32_t op;
};

constexpr Letter kLetters[] = {
    {'f', SLUICE_OP_CONFIGURE},      {'l', SLUICE_OP_SQL},
    {'a', SLUICE_OP_ADMIT},          {'m', SLUICE_OP_ADMIT_BATCH},
    {'h', SLUICE_OP_ADMIT_CHAT},     {'c', SLUICE_OP_CLAIM},
    {'s', SLUICE_OP_SETTLE},         {'p', SLUICE_OP_PULSE},
    {'b', SLUICE_OP_BURY},           {'w', SLUICE_OP_SWEEP},
    {'q', SLUICE_OP_QUERY},          {'r', SLUICE_OP_RETRY},
    {'x', SLUICE_OP_CANCEL},         {'e', SLUICE_OP_REQUEUE},
    {'n', SLUICE_OP_REQUEUE_MANY},   {'d', SLUICE_OP_DISCARD},
    {'A', SLUICE_OP_COMPAT_ADMIT},   {'S', SLUICE_OP_COMPAT_STATS},
    {'L', SLUICE_OP_COMPAT_LETTERS}, {'R', SLUICE_OP_COMPAT_REQUEUE},
    {'k', SLUICE_OP_LOCK},           {'u', SLUICE_OP_UNLOCK},
    {'o', SLUICE_OP_PROBE},          {'t', SLUICE_OP_PARENTS},
};

constexpr std::string_view kPreset = R"({"now":1800000000000,"seed":"000102030405060708090a0b0c0d0e0f",)";

struct Call {
  int32_t op = 0;
  std::string bytes;
};

Call read_call(std::string_view text) {
  Call out;
  const char name = text.empty() ? '\0' : text[0];
  const std::string_view rest = text.substr(std::min<size_t>(1, text.size()));
  if (name == '!') {
    out.op = rest.empty() ? 0 : kLetters[static_cast<uint8_t>(rest[0]) % std::size(kLetters)].op;
    out.bytes = rest.substr(std::min<size_t>(1, rest.size()));
    return out;
  }
  out.op = static_cast<int8_t>(name);
  bool preset = false;
  for (const Letter& letter : kLetters) {
    if ((name | 0x20) != letter.name) continue;
    out.op = letter.op;
    preset = name == letter.name && letter.op >= SLUICE_OP_ADMIT && letter.op < SLUICE_OP_PROBE;
  }
  std::vector<std::string> frames;
  for (const std::string_view frame : split(rest, '\x1e')) frames.emplace_back(frame);
  if (preset && frames[0].size() > 2 && frames[0][0] == '{') {
    frames[0] = std::string(kPreset).append(frames[0], 1);
  }
  out.bytes = framed(frames);
  return out;
}

void check_answer(const Call& call, const Answer& answer) {
  if (answer.code != SLUICE_OK) return;
  if (call.op == SLUICE_OP_CONFIGURE)
    demand(answer.frames.empty(), "a configuration that is taken answers nothing");
  if (call.op == SLUICE_OP_PROBE) {
    demand(answer.frames.size() == 1 && is_json(answer.frames[0]), "a probe answers JSON");
  }
  if (call.op >= SLUICE_OP_ADMIT && call.op < SLUICE_OP_PROBE) check_step(answer);
}

// One round of the calls, under the same configuration whatever calls came before.
std::vector<std::string> round(const std::vector<Call>& calls) {
  static bool stale = true;
  if (stale) configure();
  stale = false;
  std::vector<std::string> out;
  for (const Call& call : calls) {
    const Answer answer = call_bytes(call.op, call.bytes);
    check_answer(call, answer);
    out.push_back(answer.bytes + static_cast<char>(answer.code));
    stale = stale || call.op == SLUICE_OP_CONFIGURE;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<Call> calls;
  for (const std::string_view text : split({reinterpret_cast<const char*>(data), size}, '\x1d')) {
    if (calls.size() < 8) calls.push_back(read_call(text));
  }
  size_t held = 0;
  {
    const std::vector<std::string> first = round(calls);
    demand(round(calls) == first, "the same calls give the same bytes");
  }
  held = memory_held();
  (void)round(calls);
  demand(memory_held() <= held, "repeated calls hold no more memory");
  return 0;
}
