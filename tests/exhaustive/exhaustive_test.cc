#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>

#include "tests/exhaustive/explorer.h"

using namespace sluice::exhaustive;

TEST_CASE("Two workers and one message that comes twice") {
  for (unsigned faults = 0; faults <= 2; ++faults) {
    Setup setup;
    setup.job_count = 1;
    setup.copies = 2;
    setup.deliveries = 3;
    setup.clock = {0, 2000, 58000, 80000};
    setup.verdicts = {Verdict::ok, Verdict::error, Verdict::fatal};
    setup.faults = faults;
    setup.skews = true;
    const auto begin = std::chrono::steady_clock::now();
    const Report report = explore(setup);
    const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::cout << faults << ": " << report.line() << " " << s << " s\n";
    INFO(report.history);
    CHECK(report.rule == "");
  }
}
