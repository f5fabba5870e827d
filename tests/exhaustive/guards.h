// Guards that can be cut out of the statements, to prove that the rules can be broken: the named markers, and
// whole statements.
#pragma once

#include <string>
#include <vector>

#include "tests/exhaustive/store.h"

namespace sluice::exhaustive {

// Cuts the blocks between a marker's two comments. A block that begins with AND or ends with a comma is cut
// whole; one that the rest of the condition leans on becomes a condition that always holds.
Store::Cut cut_marker(const std::string& name);

// Leaves out the statements that hold `part`: one that takes the same parameters and does nothing runs
// instead.
Store::Cut cut_statement(const std::string& part);

// The markers that the statements hold, sorted.
std::vector<std::string> markers();

}  // namespace sluice::exhaustive
