// What operators do to a job.
#pragma once

#include "core/step.h"

namespace sluice {

// Control: {id}. Two round trips: read, then move, guarded by what was read; when somebody else was faster,
// `more` asks for the flow to be run anew. 200 the job, 404, 409 illegal in its state, 503.

// failed, cancelled → pending, attempts 0, the same id; sent at once, or when its last lease is over.
[[nodiscard]] Step retry_job(const Input& input);

// pending, delayed, blocked, processing → cancelled; a running handler is stopped at its next pulse.
[[nodiscard]] Step cancel_job(const Input& input);

}  // namespace sluice
