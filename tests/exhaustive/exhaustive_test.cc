#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>

#include "tests/exhaustive/explorer.h"
#include "tests/exhaustive/setups.h"

using namespace sluice::exhaustive;

TEST_CASE("probe", "[.probe]") {
  const char* name = getenv("P_NAME");
  for (const Named& n : setups()) {
    if (name != nullptr && std::string(n.name).find(name) == std::string::npos) continue;
  for (unsigned faults = 0; faults <= (unsigned)atoi(getenv("P_FAULTS")); ++faults) {
    Setup setup = n.setup;
    setup.faults = faults;
    const auto begin = clock();
    const Report report = explore(setup);
    std::cout << n.name << " " << faults << ": " << report.line() << " " << double(clock()-begin)/CLOCKS_PER_SEC << " s" << std::endl;
    if (!report.rule.empty()) std::cout << report.rule << "\n" << report.history << std::endl;
  }
  }
}
