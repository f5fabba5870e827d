// The compatibility layer of the job-management document: its words, and its scale of priorities, where 10 is
// the most urgent. Answers are {success: true, data} and {success: false, error: {code, message, errors}},
// with the same statuses as the routes of this project's own.
#pragma once

#include "core/step.h"

namespace sluice {

// POST /api/queue/jobs. Frame 0: {type, target_url, priority?, metadata?}; control {idempotencyKey?}. 201,
// 200 for a duplicate, 4xx, 503.
[[nodiscard]] Step compat_admit(const Input& input);

// POST /api/queue/dead-letter/requeue. Frame 0: {index} (0 is the first of that list) or {id}. 200, 4xx, 503.
[[nodiscard]] Step compat_requeue(const Input& input);

}  // namespace sluice
