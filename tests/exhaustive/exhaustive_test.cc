// Every state of small cases. Each case is explored with the faults per history that its setup names; with
// SLUICE_EXHAUSTIVE=full in the environment (npm run exhaustive), with as many as it names for then.
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

void expect_no_violation(const std::string& name) {
  const Named& entry = setup(name);
  Setup setup = entry.setup;
  setup.faults = in_full() ? entry.faults_full : entry.faults;
  const Report report = explore(setup);
  std::cout << name << ", " << setup.faults << " faults: " << report.line() << std::endl;
  INFO(report.history);
  CHECK(report.rule == "");
}

}  // namespace

TEST_CASE("A message that comes twice gives one lease at a time, whatever its handlers do", "[explore]") {
  expect_no_violation("one message twice");
}

TEST_CASE("Two sweeps, a cancellation and two workers agree on one job", "[explore]") {
  expect_no_violation("two sweeps and cancel");
}

TEST_CASE("A sweep, pulses and a cancellation agree on one job", "[explore]") {
  expect_no_violation("sweep, pulse and cancel");
}

TEST_CASE("A job that is cancelled and redriven while it runs never runs twice at once", "[explore]") {
  expect_no_violation("cancel and redrive");
}

TEST_CASE("A job that fails, is buried and redriven, in any order, is a dead letter while it is failed",
          "[explore]") {
  expect_no_violation("burial and redrive");
}

TEST_CASE("Two jobs in one message, swept twice, go their own ways", "[explore]") {
  expect_no_violation("packed, swept twice");
}

TEST_CASE("A job whose leases are lost again and again fails as poison at the third", "[explore]") {
  expect_no_violation("three lost leases");
}

TEST_CASE("A job that is snoozed or handed back unstarted comes again", "[explore]") {
  expect_no_violation("snoozed and unstarted");
}

TEST_CASE("Two workers, two jobs, sweep, cancel and redrive agree whatever fails", "[explore]") {
  expect_no_violation("both jobs, sweep, cancel and redrive");
}

TEST_CASE("Two workers, two jobs, sweep, cancel, redrive, failure and burial agree", "[explore]") {
  expect_no_violation("everything");
}
