// Repeating: which errors pass, how long the pauses are, and when a step gives up.
#include "core/step.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

int64_t pause(std::string_view failure, int64_t tries, int64_t tries_max = limits::kStoreTriesMax) {
  const Input input{default_config(), json::Value(), 0, Entropy(0, 0), {}, {}, true, failure, tries};
  Step step;
  const bool again = try_again(input, step, tries_max);
  CHECK(again == (step.again_ms >= 0));
  return step.again_ms;
}

}  // namespace

TEST_CASE("Passing errors are told from lasting ones", "[step]") {
  for (const char* text :
       {"D1_ERROR: Network connection lost.",
        "D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.",
        "D1_ERROR: D1 DB reset because its code was updated.",
        "Internal error while starting up D1 DB storage caused object to be reset.",
        "D1_ERROR: D1 DB is overloaded. Requests queued for too long.",
        "D1_ERROR: D1 DB is overloaded. Too many requests queued.",
        "Cannot resolve D1 DB due to transient issue on remote node.",
        "D1_ERROR: database is locked: SQLITE_BUSY"}) {
    INFO(text);
    CHECK(is_transient(text));
  }
  for (const char* text : {"", "D1_ERROR: malformed JSON", "D1_ERROR: string or blob too big: SQLITE_TOOBIG",
                           "D1_ERROR: CHECK constraint failed: status_known: SQLITE_CONSTRAINT",
                           "D1_ERROR: no such table: jobs: SQLITE_ERROR"}) {
    INFO(text);
    CHECK_FALSE(is_transient(text));
  }
}

TEST_CASE("Pauses double up to their bound, then the step gives up", "[step]") {
  CHECK(pause(kLost, 1) == 100);
  CHECK(pause(kLost, 2) == 200);
  CHECK(pause(kLost, 5) == 1600);
  CHECK(pause(kLost, 6) == -1);
  CHECK(pause(kLost, 7, 100) == limits::kStoreRetryMsMax);
  CHECK(pause(kLost, 99, 100) == limits::kStoreRetryMsMax);
  CHECK(pause("D1_ERROR: malformed JSON", 1) == -1);
}

TEST_CASE("A step with a deadline is repeated while the next try begins before it", "[step]") {
  const auto pause_until = [](std::string_view failure, int64_t tries, int64_t elapsed, int64_t deadline) {
    const Input input{default_config(), json::Value(), 1000,   Entropy(0, 0), {}, {}, true,
                      failure,          tries,         elapsed};
    Step step;
    const bool again = try_until(input, step, deadline);
    CHECK(again == (step.again_ms >= 0));
    return step.again_ms;
  };
  CHECK(pause_until(kLost, 1, 0, 1101) == 100);
  CHECK(pause_until(kLost, 1, 0, 1100) == -1);
  CHECK(pause_until(kLost, 50, 200000, 206001) == limits::kStoreRetryMsMax);
  CHECK(pause_until(kLost, 50, 200000, 206000) == -1);
  CHECK(pause_until("D1_ERROR: malformed JSON", 1, 0, 1000000) == -1);
}

TEST_CASE("A row that is not there is absent", "[step]") {
  const Json rows(R"([[{"a":1}],[]])");
  const Input input{default_config(), json::Value(), 0, Entropy(0, 0), {}, {rows.root()}, false, {}, 0};
  CHECK(input.row(0, 0).find("a").integer() == 1);
  CHECK_FALSE(static_cast<bool>(input.row(0, 0, 1)));
  CHECK_FALSE(static_cast<bool>(input.row(0, 1)));
  CHECK_FALSE(static_cast<bool>(input.row(0, 2)));
  CHECK_FALSE(static_cast<bool>(input.row(1, 0)));
}
