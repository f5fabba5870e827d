// Queries: what callers may read. None writes; each is one round trip.
#pragma once

#include "core/step.h"

namespace sluice {

// Control: {kind, …}, kind one of
//   job       {id}: 200 the job, 404
//   attempts  {id}: 200 its attempts, 404
//   list      {status, type, queue, tag, limit, offset, cursor}: texts as in a URL's query, each optional:
//             200 {jobs, nextCursor?}, 422
//   letters, letter, deadJobs, failures: see letters.h
//   schedules, schedule: see schedules.h
//   explain       see explain.h
//   logicalQueues GET /queues, see queues.h
//   stats     200, counts as the counters hold them
//   queues    200, rates and depths over the last five minutes (GET /queue/health)
//   health    200 or 503: whether D1 answers, when the sweep last ran, and {scraper} as it was given
[[nodiscard]] Step query(const Input& input);

}  // namespace sluice
