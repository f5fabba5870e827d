// Every state of small cases. Each case is explored with the faults per history that its setup names; with
// SLUICE_EXHAUSTIVE=full in the environment (npm run exhaustive), with as many as it names for then.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>

#include "tests/exhaustive/explorer.h"
#include "tests/exhaustive/setups.h"

using namespace sluice::exhaustive;

namespace {

bool in_full() {
  const char* wish = std::getenv("SLUICE_EXHAUSTIVE");
  return wish != nullptr && std::string(wish) == "full";
}

// `reached`: what the jobs must be in some state, or the case explores too little.
void expect_no_violation(const std::string& name, const std::vector<std::string>& reached) {
  const Named& entry = setup(name);
  Setup setup = entry.setup;
  setup.faults = in_full() ? entry.faults_full : entry.faults;
  const Report report = explore(setup);
  std::cout << name << ", " << setup.faults << " faults: " << report.line() << std::endl;
  INFO(report.history);
  CHECK(report.rule == "");
  for (const std::string& gist : reached) {
    INFO(gist);
    const auto holds = [&](const std::string& other) { return other.find(gist) != std::string::npos; };
    CHECK(std::any_of(report.gists.begin(), report.gists.end(), holds));
  }
}

}  // namespace

TEST_CASE("A message that comes twice gives one lease at a time, whatever its handlers do", "[explore]") {
  expect_no_violation("one message twice",
                      {"j1 completed/1", "j1 delayed/1", "j1 failed/2", "j1 completed/2"});
}

TEST_CASE("Two sweeps, a cancellation and two workers agree on one job", "[explore]") {
  expect_no_violation("two sweeps and cancel", {"j1 cancelled/0", "j1 cancelled/2", "j1 completed/2"});
}

TEST_CASE("A sweep, pulses and a cancellation agree on one job", "[explore]") {
  expect_no_violation("sweep, pulse and cancel", {"j1 cancelled/1", "j1 completed/2"});
}

TEST_CASE("A job that is cancelled and redriven while it runs never runs twice at once", "[explore]") {
  expect_no_violation("cancel and redrive", {"j1 cancelled/1", "j1 pending/1", "j1 completed/2"});
}

TEST_CASE("A job that fails, is buried and redriven, in any order, is a dead letter while it is failed",
          "[explore]") {
  expect_no_violation("burial and redrive", {"j1 dead/1 buried", "j1 dead/2 buried", "j1 pending/1"});
}

TEST_CASE("Two jobs in one message, swept twice, go their own ways", "[explore]") {
  expect_no_violation("packed, swept twice",
                      {"j1 completed/1, j2 delayed/1", "j1 processing/2, j2 completed/1"});
}

TEST_CASE("A job whose leases are lost again and again fails as poison at the third", "[explore]") {
  expect_no_violation("three lost leases",
                      {"j1 failed/3", "j1 dead/3 buried", "j1 pending/3", "j1 completed/3"});
}

TEST_CASE("A job that is snoozed or handed back unstarted comes again", "[explore]") {
  expect_no_violation("snoozed and unstarted", {"j1 delayed/1", "j1 pending/2", "j1 completed/3"});
}

TEST_CASE("Two workers, two jobs, sweep, cancel and redrive agree whatever fails", "[explore]") {
  expect_no_violation("both jobs, sweep, cancel and redrive",
                      {"j1 completed/2, j2 completed/1", "j1 cancelled/1, j2 pending/1"});
}

TEST_CASE("Two workers, two jobs, sweep, cancel, redrive, failure and burial agree", "[explore]") {
  expect_no_violation("everything", {"j1 failed/1, j2 completed/1", "j1 dead/1 buried"});
}

TEST_CASE("A job waits for the one that it depends on, and is cancelled with it", "[explore]") {
  expect_no_violation("parent and child", {"j1 completed/1, j2 completed/1", "j1 failed/1, j2 cancelled/0",
                                           "j1 completed/2, j2 cancelled/0"});
}

TEST_CASE("A job that proceeds waits for the end of the one that it depends on, whatever that is",
          "[explore]") {
  expect_no_violation("a child that proceeds",
                      {"j1 failed/1, j2 completed/1", "j1 cancelled/0, j2 processing/1"});
}
