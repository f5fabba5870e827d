// Runs as tests speak of them: with their token, their record, and what a handler sees of its job, in one
// object.
#pragma once

#include <string>
#include <vector>

#include "core/run.h"
#include "core/step.h"

namespace sluice::test {

inline std::string described(const std::string& record) {
  const Config config;
  Input input{config, {}, 0, Entropy(0, 0)};
  input.frames = {record};
  return describe(input).reply.body;
}

inline std::vector<std::string> whole_runs(const Step& step) {
  std::vector<std::string> out;
  for (size_t n = 0; n < step.runs.size(); ++n) {
    std::string run = step.runs[n];
    run.pop_back();
    out.push_back(run + R"(,"token":)" + step.tokens[n] + R"(,"record":)" + step.records[n] + R"(,"job":)" +
                  described(step.records[n]) + "}");
  }
  return out;
}

}  // namespace sluice::test
