// Visits every state of a configuration once, depth first.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/exhaustive/model.h"

namespace sluice::exhaustive {

struct Report {
  size_t states = 0;
  size_t transitions = 0;
  double histories = 0;  // complete ones: ways from the start to a state where nothing can happen any more
  size_t drains = 0;
  size_t contents = 0;          // of the database
  size_t batches = 0;           // that SQLite has run
  std::set<std::string> gists;  // of the contents of all states
  std::string rule;             // what was violated; empty: nothing
  std::string history;          // a shortest one that leads there, a step per line

  [[nodiscard]] std::string line() const;
};

// Explores a configuration; `cut` takes guards out of the statements. `states_max` bounds what is visited
// where the search is for a violation; 0: no bound. Stops at the first violation.
Report explore(const Setup& setup, const Store::Cut& cut = {});

// Breadth first, until the first violation: its history is a shortest one.
Report find_violation(const Setup& setup, const Store::Cut& cut = {}, size_t states_max = 0);

}  // namespace sluice::exhaustive
