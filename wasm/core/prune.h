// Retention: what is final for long enough leaves the record, and so do locks that nobody gave back.
#pragma once

#include "core/step.h"

namespace sluice {

// Adds the statements of one round, which removes a bounded number of jobs with all that belongs to them, and
// moves their counts to `pruned`. What they remove they choose themselves: as one transaction they count each
// job once, however often they are repeated, and never meet a job that an operator is trying again.
//
// A walk over the ids that are old enough meets every job once, so that a plain one pays for no index. What
// it passes too early has its time noted in prune_at, and so has what becomes final behind it
// (move_jobs.sql).
void add_pruning(const Input& input, Step& step);

// Whether there was more to remove than one round takes: the last of those statements' one row.
[[nodiscard]] bool prunes_on(json::Value row);

// Adds the statements that remove the jobs noted in the same batch, and all that belongs to them; `bound` is
// a text {now, …}.
void add_removal(uint32_t bound, Step& step);

}  // namespace sluice
