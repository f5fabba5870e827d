// Times: RFC 3339 there and back, two readers of it against each other and against the C library's calendar,
// ids around a millisecond, and what the sweep and a delayed job make of any time. (Schedules are not in the
// product yet: of times, this is what it reads and writes.)
#include <ctime>

#include "core/clock.h"
#include "core/entropy.h"
#include "core/format.h"
#include "core/id.h"
#include "tests/fuzz/abi.h"

using namespace sluice;
using namespace sluice::fuzz;

namespace {

constexpr int64_t kLatest = 253'402'300'799'999;  // the end of the year 9999
constexpr std::string_view kSeed = R"("seed":"000102030405060708090a0b0c0d0e0f")";

// The C library's opinion of a time.
std::string by_calendar(int64_t at_ms) {
  const std::time_t seconds = at_ms / 1000;
  std::tm parts = {};
  demand(gmtime_r(&seconds, &parts) != nullptr, "the C library knows the time");
  char text[100];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900,
                parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                static_cast<int>(at_ms % 1000));
  return text;
}

void check_time(int64_t at) {
  const std::string text = rfc3339(at);
  demand(text == by_calendar(at), "a time is written as the C library writes it");
  demand(parse_rfc3339(text) == at, "a time comes back from its text");
  demand(is_date_time(text), "a time's text has the format");
}

void check_text(std::string_view text) {
  const int64_t at = parse_rfc3339(text);
  demand(at >= -1 && at <= kLatest, "what is read is a time or nothing");
  if (at >= 0) check_time(at);
  if (!is_date_time(text)) {
    // The clock also takes a space before the time, and a 60th second of any minute.
    const bool leap = text.find(":60") != std::string_view::npos;
    demand(at < 0 || leap || text.substr(10, 1) == " ", "what is read has the format");
    return;
  }
  // Years before 1970 are dates to a schema; as a time to run at, they are refused.
  if (text.substr(0, 4) > "1970" && text.substr(0, 4) < "9999")
    demand(at >= 0, "what has the format is read");
}

void check_ids(int64_t at, unsigned place, unsigned shard, Entropy& entropy) {
  const std::string id = make_id(at, place, shard, entropy);
  demand(is_id(id) && is_uuid(id), "an id is a UUID of version 7");
  demand(id_floor(at) < id, "the floor of a millisecond is before its ids");
  demand(id < id_floor(at + 1), "the next millisecond's floor is after them");
  demand(at == 0 || id_floor(at - 1) < id_floor(at), "floors rise");
  demand(id < make_id(at + 1, 0, 255, entropy), "ids rise with time");
}

// Any `now`, then rows or not: the sweep answers with a plan or an outcome.
void check_sweep(int64_t now, int64_t cell) {
  const std::string control = R"({"now":)" + std::to_string(now) + "," + std::string(kSeed) + "}";
  const Answer plan = call_bytes(SLUICE_OP_SWEEP, framed({control}));
  demand(plan.code == SLUICE_OK, "the sweep looks at any time");
  check_step(plan);
  const std::string n = std::to_string(cell);
  for (const char* status : {"pending", "delayed", "processing", "failed", "completed"}) {
    const std::string row =
        R"([["01a3185c-5000-7000-a007-106ca4318a61","plain","background-jobs",5,30000,3,)" + n +
        R"(,null,null,null,")" + status + R"(",1,"op",1,)" + n + "," + n + "," + n +
        R"(,0,"background-jobs",)" + n + "]]";
    const Answer moves = call_bytes(SLUICE_OP_SWEEP, framed({control, "[[],[]," + row + ",[[0]]]"}));
    demand(moves.code == SLUICE_OK, "the sweep takes any row");
    check_step(moves);
    demand(nlohmann::json::parse(moves.frames[0]).contains("plan"), "what is due is moved");
  }
}

// A job for any time, by its text and by a number of seconds.
void check_admission(std::string_view text, int64_t now, int64_t cell) {
  const std::string control =
      R"({"now":)" + std::to_string(now) + R"(,"bodies":1,)" + std::string(kSeed) + "}";
  const auto admit = [&](const std::string& option) {
    const Answer answer =
        call_bytes(SLUICE_OP_ADMIT, framed({control, R"({"type":"plain","payload":1,)" + option + "}"}));
    demand(answer.code == SLUICE_OK, "a request is answered");
    check_step(answer);
    return nlohmann::json::parse(answer.frames[0]).contains("plan");
  };
  const bool readable = is_date_time(text) && parse_rfc3339(text) >= 0;
  demand(admit(R"("runAt":)" + nlohmann::json(text).dump(
                                   -1, ' ', true, nlohmann::json::error_handler_t::replace)) == readable,
         "a job is taken where its time can be read");
  const bool sane = cell >= 0 && cell <= 315'360'000;
  demand(admit(R"("delaySeconds":)" + std::to_string(cell)) == sane, "a delay is from now to ten years");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool configured = (configure(), true);
  (void)configured;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check_text(input);
  Choices in(input);
  const auto at = static_cast<int64_t>(in.bits(6) % static_cast<uint64_t>(kLatest));
  check_time(at);
  Entropy entropy(in.byte(), in.byte());
  check_ids(at, in.byte(), in.byte(), entropy);
  const int64_t now = in.integer();
  const int64_t cell = in.integer();
  check_sweep(now, cell);
  check_admission(input.substr(0, 40), at, cell);
  return 0;
}
