// The rules can be broken: without each guard, a history is found that breaks one.
#include <catch2/catch.hpp>
#include <set>

#include "tests/exhaustive/explorer.h"
#include "tests/exhaustive/guards.h"
#include "tests/exhaustive/setups.h"

using namespace sluice::exhaustive;

namespace {

struct Break {
  const char* name;
  Store::Cut cut;
  const char* setup;
  const char* rule;  // that its shortest history breaks
};

const std::vector<Break>& marker_breaks() {
  static const std::vector<Break> all = {
      {"bury_fence", cut_marker("bury_fence"), "burial and redrive", "buried by an old letter"},
      {"counter", cut_marker("counter"), "one message twice", "counters"},
      {"fence", cut_marker("fence"), "one message twice", "settled after a later lease"},
      {"lease", cut_marker("lease"), "both jobs, sweep, cancel and redrive", "two leases at once"},
      {"op", cut_marker("op"), "two sweeps and cancel", "stale decision"},
      {"state", cut_marker("state"), "two sweeps and cancel", "lease of what was not waiting"},
  };
  return all;
}

const std::vector<Break>& statement_breaks() {
  static const std::vector<Break> all = {
      {"archive", cut_statement("INSERT INTO dead_letters (id, job_id, fence"), "burial and redrive",
       "a failed job without a dead letter"},
      {"revive", cut_statement("DELETE FROM dead_letters"), "burial and redrive",
       "a dead letter of a job that is not failed"},
      {"watch", cut_statement("UPDATE jobs SET wake_at = CASE WHEN status = 'processing'"),
       "one message twice", "unwatched"},
      {"outbox", cut_statement("WHERE wake_at <= ?1"), "one message twice", "not final"},
      {"bury_mark", cut_statement("UPDATE dead_letters SET buried_at"), "burial and redrive", "unwatched"},
  };
  return all;
}

void expect_found(const Break& guard) {
  Setup setup = sluice::exhaustive::setup(guard.setup).setup;
  setup.faults = 0;
  const Report report = find_violation(setup, guard.cut);
  INFO(guard.name << " cut in \"" << guard.setup << "\"\n" << report.history);
  CHECK(report.rule == guard.rule);
  CHECK(report.history != "");
}

}  // namespace

TEST_CASE("Each guard that the statements name, cut out, is missed within one explored case") {
  std::set<std::string> known;
  for (const Break& guard : marker_breaks()) known.insert(guard.name);
  for (const std::string& marker : markers()) CHECK(known.count(marker) == 1);
  for (const Break& guard : marker_breaks()) expect_found(guard);
}

TEST_CASE("Each statement that keeps a promise, left out, is missed within one explored case") {
  for (const Break& guard : statement_breaks()) expect_found(guard);
}

TEST_CASE("A history that breaks a rule is told step by step") {
  Setup setup = sluice::exhaustive::setup("two sweeps and cancel").setup;
  setup.faults = 0;
  const Report report = find_violation(setup, cut_marker("op"));
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
