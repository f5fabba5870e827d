// The C ABI as a fuzz target calls it: every answer is checked for what any answer must be.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "abi/codec.h"
#include "abi/sluice_abi.h"
#include "tests/fuzz/support.h"

#if defined(__SANITIZE_ADDRESS__)
#define SLUICE_COUNTS_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLUICE_COUNTS_MEMORY 1
#endif
#endif
#ifdef SLUICE_COUNTS_MEMORY
// The sanitizers' runtime has it with GCC as well; their header comes with clang only.
extern "C" size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace sluice::fuzz {

struct Answer {
  int32_t code = 0;
  std::string bytes;
  std::vector<std::string> frames;
};

// Bytes that the process holds; 0 where nothing counts them.
inline size_t memory_held() {
#ifdef SLUICE_COUNTS_MEMORY
  return __sanitizer_get_current_allocated_bytes();
#else
  return 0;
#endif
}

// Calls with these input bytes; the output must be frames, and an error's output one plain text.
inline Answer call_bytes(int32_t op, std::string_view input) {
  if (!input.empty()) std::memcpy(sluice_input(input.size()), input.data(), input.size());
  Answer out;
  out.code = sluice_call(op, input.size());
  demand(out.code >= SLUICE_OK && out.code <= SLUICE_ERROR_OP, "a call gives a known result");
  out.bytes.assign(reinterpret_cast<const char*>(sluice_output()), sluice_output_size());
  std::vector<std::string_view> frames;
  demand(abi::read_frames(out.bytes, frames), "the output is frames");
  out.frames.assign(frames.begin(), frames.end());
  if (out.code != SLUICE_OK) {
    demand(out.frames.size() == 1 && !out.frames[0].empty(), "an error is one text");
    demand(out.frames[0].front() != '{', "an error's text is no control");
  }
  return out;
}

inline std::string framed(const std::vector<std::string>& frames) {
  std::string out;
  abi::write_frames({frames.begin(), frames.end()}, out);
  return out;
}

// What follows from a step, or would.
template <typename Frame>
void check_outcome(const nlohmann::json& control, const Frame& frame) {
  for (const auto& send : control.value("sends", nlohmann::json::array())) {
    static const std::vector<std::string> kBindings = {"SCRAPING_QUEUE", "PRIORITY_SCRAPING_QUEUE",
                                                       "JOB_QUEUE", "SCRAPING_DLQ", "JOB_DLQ"};
    demand(std::find(kBindings.begin(), kBindings.end(), send[0].get<std::string>()) != kBindings.end(),
           "a message goes to a queue that exists");
    demand(is_json(frame(send[1])), "a message's body is JSON");
    demand(frame(send[1]).size() <= 100'000, "a message fits a queue");
    demand(send[2].get<int64_t>() >= 0 && send[2].get<int64_t>() <= 86'400, "a queue can delay so long");
  }
  for (const auto& mark : control.value("marks", nlohmann::json::array())) {
    demand(mark.size() == 3 && mark[0].is_number_integer() && mark[1].is_boolean(), "a mark has three parts");
    demand(mark[2].get<int64_t>() >= 0 && mark[2].get<int64_t>() <= 86'400, "a retry waits at most a day");
  }
  for (const char* key : {"runs", "aborts", "alerts", "logs"}) {
    for (const auto& item : control.value(key, nlohmann::json::array())) {
      demand(item.is_object(), "runs, aborts, alerts and logs are objects");
    }
  }
  if (control.contains("reply")) {
    const auto& reply = control["reply"];
    const auto status = reply["status"].get<int64_t>();
    demand(status >= 200 && status <= 599, "a reply has an HTTP status");
    const std::string& body = frame(reply["frame"]);
    demand(body.empty() || is_json(body), "a reply's body is JSON");
  }
  if (control.contains("againMs")) {
    demand(control["againMs"].get<int64_t>() >= 0 && control["againMs"].get<int64_t>() <= 5'000,
           "a step is repeated within seconds");
  }
}

// What every outcome or plan must be, whatever it was made from. `bodies` is the count of frames handed in.
inline void check_step(const Answer& answer) {
  demand(!answer.frames.empty(), "a flow answers with a control");
  const auto control = nlohmann::json::parse(answer.frames[0], nullptr, false);
  demand(control.is_object(), "a flow's control is a JSON object");
  const auto frame = [&](const nlohmann::json& index) -> const std::string& {
    demand(index.is_number_integer(), "a frame's index is an integer");
    const auto n = index.get<int64_t>();
    demand(n >= 1 && n < static_cast<int64_t>(answer.frames.size()), "a frame's index is in range");
    return answer.frames[static_cast<size_t>(n)];
  };
  if (control.contains("plan")) {
    const size_t beside = (control.contains("carry") ? 1 : 0) + (control.contains("expect") ? 2 : 0);
    demand(!control["plan"].empty() && control.size() == 1 + beside,
           "a plan has statements, and beside it only what the step carries or expects");
    if (control.contains("expect")) {
      demand(is_json(frame(control["expect"])), "expected rows are JSON");
      check_outcome(control["expected"], frame);
    }
    for (const auto& index : control.value("carry", nlohmann::json::array())) (void)frame(index);
    for (const auto& statement : control["plan"]) {
      demand(statement.size() == 3 && statement[0].is_number_integer(), "a statement has three parts");
      for (const auto& index : statement[1]) demand(is_json(frame(index)), "every bound text is JSON");
    }
    return;
  }
  check_outcome(control, frame);
}

// The configuration that flows run under.
inline constexpr char kConfig[] =
    R"json({"vars": {},
 "types": [
  {"type": "plain", "queue": "background-jobs", "maxAttempts": 3,
   "backoff": {"type": "fixed", "delay": 1000, "jitter": 0}, "payload": {}},
  {"type": "checked", "queue": "reports", "timeoutMs": 60000,
   "payload": {"type": "object", "required": ["url"], "additionalProperties": false,
               "properties": {"url": {"type": "string", "format": "uri"}, "pages": {"type": "integer"}}}},
  {"type": "single", "queue": "background-jobs", "maxAttempts": 1, "payload": {}},
  {"type": "scrape_request", "queue": "scraping-tasks", "urgentQueue": "scraping-priority", "maxAttempts": 4,
   "urgentMaxAttempts": 6, "backoff": {"type": "exponential", "delay": 10000, "maxDelay": 3600000, "jitter": 0.1},
   "payload": {"type": "object"}}]})json";

inline void configure() {
  demand(call_bytes(SLUICE_OP_CONFIGURE, framed({kConfig})).code == SLUICE_OK, "the configuration is taken");
}

}  // namespace sluice::fuzz
