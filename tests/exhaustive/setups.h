// The configurations that are explored.
#pragma once

#include <vector>

#include "tests/exhaustive/model.h"

namespace sluice::exhaustive {

struct Named {
  const char* name;
  Setup setup;
  unsigned faults;       // in a history, when all tests run
  unsigned faults_full;  // when there is time
};

const std::vector<Named>& setups();
const Named& setup(const std::string& name);

}  // namespace sluice::exhaustive
