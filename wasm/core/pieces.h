// Rows of any number bound to statements in parameters that D1 takes.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/guard.h"
#include "core/step.h"

namespace sluice {

// Collects rows (JSON, at most kParamBytesMax bytes each) into arrays; each array is ?1 of all `statements`,
// in their order, and `scalars` is their ?2. The last is added by flush().
class Pieces {
 public:
  Pieces(Step& step, std::vector<Sql> statements, uint32_t scalars)
      : step_(step), statements_(std::move(statements)), scalars_(scalars) {}

  void add(std::string_view row) {
    if (rows_.size() + row.size() > limits::kParamBytesMax && holds(Guard::parameter_bytes)) flush();
    rows_.append(rows_.empty() ? "[" : ",").append(row);
  }
  void flush() {
    if (rows_.empty()) return;
    const uint32_t bound = step_.text(std::move(rows_.append("]")));
    for (const Sql statement : statements_) step_.add(statement, {bound, scalars_});
    rows_.clear();
  }

 private:
  Step& step_;
  std::vector<Sql> statements_;
  uint32_t scalars_;
  std::string rows_;
};

}  // namespace sluice
