// Decision logs (tests/decisions/format.js) give the same bytes natively. `npm run decisions --
// prepare`, which the test run does before, leaves them in build/decisions without compression: what this
// build's module decided on the calls of the committed logs, of the simulator and of
// tests/decisions/by_hand.js.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

#include "abi/codec.h"
#include "abi/sluice_abi.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr size_t kHeadBytes = 16;
constexpr size_t kTold = 5;  // differences that are told of one log

struct Decision {
  int32_t op = 0;
  int32_t code = 0;
  std::string_view input;
  std::string_view output;
};

struct Answer {
  int32_t code = 0;
  std::string output;
};

uint32_t u32(std::string_view bytes, size_t at) {
  uint32_t out = 0;
  for (size_t i = 4; i > 0; --i) out = out << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
  return out;
}

std::vector<Decision> read_log(std::string_view log) {
  const size_t header = log.find('\n');
  REQUIRE(header != std::string_view::npos);
  REQUIRE(log.substr(0, header).find(R"({"decisions":1,)") == 0);
  std::vector<Decision> out;
  for (size_t at = header + 1; at < log.size();) {
    REQUIRE(log.size() - at >= kHeadBytes);
    const size_t input = u32(log, at + 8);
    const size_t output = u32(log, at + 12);
    REQUIRE(log.size() - at - kHeadBytes >= input + output);
    out.push_back({static_cast<int32_t>(u32(log, at)), static_cast<int32_t>(u32(log, at + 4)),
                   log.substr(at + kHeadBytes, input), log.substr(at + kHeadBytes + input, output)});
    at += kHeadBytes + input + output;
  }
  return out;
}

Answer decide(const Decision& logged) {
  uint8_t* room = sluice_input(logged.input.size());
  if (!logged.input.empty()) std::memcpy(room, logged.input.data(), logged.input.size());
  const int32_t code = sluice_call(logged.op, logged.input.size());
  return {code, std::string(reinterpret_cast<const char*>(sluice_output()), sluice_output_size())};
}

std::string difference(const std::string& path, std::string_view was, std::string_view is) {
  return path + " was " + std::string(was.substr(0, 200)) + " and is " + std::string(is.substr(0, 200));
}

std::string json_difference(json::Value was, json::Value is, const std::string& path) {
  const bool nested = was.is(json::Kind::object) || was.is(json::Kind::array);
  if (!nested || was.kind() != is.kind() || was.size() != is.size()) {
    return difference(path, was.raw(), is.raw());
  }
  auto other = is.begin();
  uint32_t n = 0;
  for (const json::Value value : was) {
    const json::Value counterpart = *other;
    ++other;
    const std::string at =
        was.is(json::Kind::array) ? "[" + std::to_string(n++) + "]" : "." + std::string(value.key());
    if (value.key() != counterpart.key()) return difference(path, value.key(), counterpart.key());
    if (value.raw() != counterpart.raw()) return json_difference(value, counterpart, path + at);
  }
  return difference(path, was.raw(), is.raw());
}

// The first place where two answers differ: a frame, and where both are JSON the path in it.
std::string first_difference(std::string_view was, std::string_view is) {
  std::vector<std::string_view> ours;
  std::vector<std::string_view> theirs;
  if (!abi::read_frames(was, theirs) || !abi::read_frames(is, ours)) return difference("output", was, is);
  for (size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    if (ours[i] == theirs[i]) continue;
    const std::string name = "frame " + std::to_string(i);
    json::Document before;
    json::Document after;
    if (before.parse(theirs[i]) || after.parse(ours[i])) return difference(name, theirs[i], ours[i]);
    return json_difference(before.root(), after.root(), name);
  }
  return difference("frames", std::to_string(theirs.size()), std::to_string(ours.size()));
}

// What of a log is decided otherwise here; `only` a decision, if given.
std::vector<std::string> replay(std::string_view log, const std::string& name,
                                std::optional<size_t> only = std::nullopt) {
  std::vector<std::string> out;
  const std::vector<Decision> decisions = read_log(log);
  for (size_t i = 0; i < decisions.size(); ++i) {
    const Decision& logged = decisions[i];
    if (only && i != *only && logged.op != SLUICE_OP_CONFIGURE) continue;
    const Answer answer = decide(logged);
    if (answer.code == logged.code && answer.output == logged.output) continue;
    const std::string what = answer.code == logged.code ? first_difference(logged.output, answer.output)
                                                        : difference("code", std::to_string(logged.code),
                                                                     std::to_string(answer.code));
    const std::string index = std::to_string(i);
    out.push_back("decision " + index + " (op " + std::to_string(logged.op) + "): " + what +
                  "\n  replay: npm run decisions -- replay " + name + " --only " + index + " --in native");
  }
  return out;
}

std::vector<std::filesystem::path> logs() {
  const char* chosen = std::getenv("SLUICE_DECISIONS");
  if (chosen != nullptr) return {chosen};
  std::vector<std::filesystem::path> out;
  const std::filesystem::path folder = SLUICE_SOURCE_DIR "/build/decisions";
  if (std::filesystem::is_directory(folder)) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".log") out.push_back(entry.path());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::optional<size_t> chosen_decision() {
  const char* chosen = std::getenv("SLUICE_DECISION");
  if (chosen == nullptr) return std::nullopt;
  return std::strtoul(chosen, nullptr, 10);
}

}  // namespace

TEST_CASE("What the module decided is decided natively, byte for byte", "[decisions][replay]") {
  const auto files = logs();
  INFO("The logs are made by: npm run decisions -- prepare");
  REQUIRE_FALSE(files.empty());
  for (const auto& file : files) {
    const std::string log = read_file(file.string());
    const char* told = std::getenv("SLUICE_DECISIONS_NAME");
    const std::string name =
        told != nullptr ? told : std::filesystem::relative(file, SLUICE_SOURCE_DIR).string();
    const std::vector<std::string> differences = replay(log, name, chosen_decision());
    for (size_t i = 0; i < std::min(differences.size(), kTold); ++i) FAIL_CHECK(differences[i]);
    INFO(name << ": " << differences.size() << " decisions differ");
    CHECK(differences.empty());
  }
}

TEST_CASE("One altered byte of one logged answer is found, and where it is", "[decisions]") {
  for (const auto& file : logs()) {
    const std::string whole = read_file(file.string());
    const std::vector<Decision> decisions = read_log(whole);
    const auto planned = std::find_if(decisions.begin(), decisions.end(), [](const Decision& decision) {
      return decision.op == SLUICE_OP_SWEEP && decision.output.find(R"({"now":)") != std::string_view::npos;
    });
    if (planned == decisions.end()) continue;
    std::string altered = whole;
    const auto start = static_cast<size_t>(planned->output.data() - whole.data());
    const size_t digit = altered.find(R"({"now":)", start) + 7;
    altered[digit] = altered[digit] == '9' ? '8' : '9';
    const std::vector<std::string> differences = replay(altered, "altered");
    REQUIRE(differences.size() == 1);
    const auto index = static_cast<size_t>(planned - decisions.begin());
    CHECK(differences[0].find("decision " + std::to_string(index) + " (op 40): frame ") == 0);
    CHECK(differences[0].find(".now was ") != std::string::npos);
    CHECK(differences[0].find("replay: npm run decisions -- replay altered --only " +
                              std::to_string(index)) != std::string::npos);
    return;
  }
  FAIL("no log has a sweep's plan");
}
