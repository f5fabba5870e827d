// The rules can be broken: without each guard, a history is found that breaks one.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/exhaustive/explorer.h"
#include "tests/exhaustive/guards.h"
#include "tests/exhaustive/setups.h"

using namespace sluice::exhaustive;

namespace {

struct Break {
  const char* marker;
  const char* setup;
  const char* rule;  // that its shortest history breaks
};

const std::vector<Break>& breaks() {
  static const std::vector<Break> all = {
      {"bury", "one message twice", "unwatched"},
      {"bury_fence", "burial and redrive", "buried by an old letter"},
      {"claim_counter", "one message twice", "counters"},
      {"claim_due", "one message twice", "before its time"},
      {"claim_lease", "both jobs, sweep, cancel and redrive", "two leases at once"},
      {"claim_state", "two sweeps and cancel", "lease of what was not waiting"},
      {"depend_blocked", "parent and child", "final state"},
      {"depend_counter", "parent and child", "counters"},
      {"depend_policy", "a child that proceeds", "before its parents"},
      {"letter", "one message twice", "a failed job without a dead letter"},
      {"letter_step", "burial and redrive", "a dead letter of a job that is not failed"},
      {"move_counter", "one message twice", "counters"},
      {"move_fence", "two sweeps and cancel", "settled after a later lease"},
      {"move_op", "two sweeps and cancel", "stale decision"},
      {"move_state", "two sweeps and cancel", "final state"},
      {"outbox", "one message twice", "not final"},
      {"renewal_fence", "one message twice", "settled after a later lease"},
      {"renewal_op", "sweep, pulse and cancel", "lease taken early"},
      {"revived", "burial and redrive", "a dead letter of a job that is not failed"},
      {"revived_step", "burial and redrive", "a failed job without a dead letter"},
      {"unwatch_fence", "burial and redrive", "unwatched"},
      {"unwatch_state", "burial and redrive", "unwatched"},
      {"watch", "one message twice", "unwatched"},
  };
  return all;
}

// Markers that no explored case misses: there is no admission and no retention in them, no long result and no
// checkpoint, no message that comes twice in one batch, no lock, no poll, no schedule, and no rule about work
// that is done in vain. The simulator takes these away as well (tests/sim/breaks.js).
const std::vector<std::string>& out_of_reach() {
  static const std::vector<std::string> all = {
      "admit_counter",
      "archive_message",
      "archive_once",
      "body_once",
      "body_owner",
      "breaker",
      "breaker_open",
      "breaker_probe",
      "buried",
      "bury_once",
      "checkpoint_fence",
      "checkpoint_order",
      "checkpoint_state",
      "claim_held",
      "count_distinct",
      "count_once",
      "defer",
      "defer_state",
      "depend_cascade",
      "depend_close",
      "depend_more",
      "depend_once",
      "depend_prune",
      "depend_ready",
      "depend_release",
      "dependants",
      "depth",
      "discard_step",
      "idle_gate",
      "insert_once",
      "key_owner",
      "letter_once",
      "lines",
      "lock_expired",
      "lock_free",
      "lock_lease",
      "lock_owner",
      "no_overtaking",
      "pace",
      "parents_exist",
      "park",
      "paused",
      "place",
      "place_back",
      "place_once",
      "place_stopped",
      "poll_counter",
      "poll_lease",
      "poll_once",
      "poll_order",
      "poll_park",
      "poll_place",
      "poll_turn",
      "prune_at",
      "prune_counter",
      "prune_later",
      "rate",
      "release",
      "release_fence",
      "release_state",
      "renewal",
      "renewal_max",
      "renewal_state",
      "result",
      "result_once",
      "result_owner",
      "retention",
      "room_op",
      "tick_job",
      "tick_once",
      "tick_op",
      "tick_zone",
      "turn",
      "unique_first",
      "unique_holder",
      "unique_in_request",
      "unwatch_open",
      "wake",
      "wake_state",
      "watch_held",
      "watch_late",
      "watch_state",
      "watermark",
  };
  return all;
}

void expect_found(const Break& guard) {
  Setup setup = sluice::exhaustive::setup(guard.setup).setup;
  setup.faults = 0;
  const Report report = find_violation(setup, cut_marker(guard.marker));
  INFO(guard.marker << " cut in \"" << guard.setup << "\"\n" << report.history);
  CHECK(report.rule == guard.rule);
  CHECK(report.history != "");
}

}  // namespace

TEST_CASE("Every guard that the statements name is taken away, or known to be out of reach") {
  std::vector<std::string> known = out_of_reach();
  for (const Break& guard : breaks()) known.emplace_back(guard.marker);
  std::sort(known.begin(), known.end());
  CHECK(known == markers());
}

TEST_CASE("Each guard within reach, cut out, is missed within one explored case") {
  for (const Break& guard : breaks()) expect_found(guard);
}

TEST_CASE("A history that breaks a rule is told step by step") {
  Setup setup = sluice::exhaustive::setup("two sweeps and cancel").setup;
  setup.faults = 0;
  const Report report = find_violation(setup, cut_marker("move_op"));
  CHECK(report.history == R"(    j1 pending/0
    time passes: 58000 ms
    time passes: 80000 ms
    sweep 1 begins; sweep 1 looks
    sweep 2 begins; sweep 2 looks
    sweep 1 moves
    sweep 2 moves
    stale decision: j1 from pending/0 to pending/0: it had changed since it was read
)");
}
