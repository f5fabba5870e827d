// Cleanup: final jobs leave the record before their retention ends.
#pragma once

#include "core/step.h"

namespace sluice {

// Removes final jobs that are older than asked, as retention does, over a bounded range of ids. Control:
// {olderThanMs?, after?, shard?}: how long after their end (default: their retention), and the `after` and
// `shard` of the range before. 200 {removed, after, more, shard}, without a shard where there is one
// database; 503.
[[nodiscard]] Step cleanup(const Input& input);

}  // namespace sluice
