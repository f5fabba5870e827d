// Guards that can be cut out of the statements, to prove that the rules can be broken.
#pragma once

#include <string>
#include <vector>

#include "tests/exhaustive/store.h"

namespace sluice::exhaustive {

// Cuts the blocks between a marker's two comments. A block that WHERE, AND or OR asks for becomes a condition
// that always holds, a whole statement one that takes the same parameters and does nothing.
Store::Cut cut_marker(const std::string& name);

// The markers that the statements hold, sorted.
std::vector<std::string> markers();

}  // namespace sluice::exhaustive
