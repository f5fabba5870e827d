// Runs as tests speak of them: with their token, and what a handler sees of its job, in one object.
#pragma once

#include <string>
#include <vector>

#include "core/step.h"

namespace sluice::test {

inline std::vector<std::string> whole_runs(const Step& step) {
  std::vector<std::string> out;
  for (size_t n = 0; n < step.runs.size(); ++n) {
    std::string run = step.runs[n];
    run.pop_back();
    out.push_back(run + R"(,"token":)" + step.tokens[n] + R"(,"job":)" + step.jobs[n] + "}");
  }
  return out;
}

}  // namespace sluice::test
