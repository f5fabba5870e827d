// What is left out of contents and steps leads nowhere else: with everything explored, the same jobs and dead
// letters are reached, and no rule is broken either.
#include <catch2/catch.hpp>
#include <iostream>

#include "tests/exhaustive/explorer.h"
#include "tests/exhaustive/setups.h"

using namespace sluice::exhaustive;

namespace {

void expect_same(Setup setup, const std::string& name) {
  setup.plain = false;
  const Report report = explore(setup);
  setup.plain = true;
  const Report plain = explore(setup);
  std::cout << name << ": " << report.states << " of " << plain.states << " states" << std::endl;
  INFO(name << '\n' << report.history << plain.history);
  CHECK(report.rule == "");
  CHECK(plain.rule == "");
  CHECK(plain.states > report.states);
  CHECK(report.gists.size() > 10);
  CHECK(report.gists == plain.gists);
}

}  // namespace

TEST_CASE("Whatever is reached with every step by itself is reached with fewer") {
  for (const std::string name : {"two sweeps and cancel", "cancel and redrive", "burial and redrive"}) {
    Setup setup = sluice::exhaustive::setup(name).setup;
    setup.clock = {0, setup.clock.back()};
    setup.pulses = 0;
    setup.faults = name == "two sweeps and cancel" ? 0 : 1;
    setup.deliveries = 2;
    setup.burials = setup.burials > 0 ? 1 : 0;
    expect_same(setup, name);
  }
  Setup setup = sluice::exhaustive::setup("one message twice").setup;
  setup.clock = {0, 2000, 80000};
  expect_same(setup, "one message twice");
}
