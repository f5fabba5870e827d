// Pages of jobs, newest first.
#pragma once

#include "core/step.h"

namespace sluice {

// GET /jobs, see query.h. A page reads at most kListScanRows rows, or as many as it shows and skips, of each
// database; with several each gives as many jobs as the page holds, and an offset costs a round trip more.
[[nodiscard]] Step list_jobs(const Input& input);

}  // namespace sluice
