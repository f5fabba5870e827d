// Polls: jobs that no message brings are taken from their lines.
#pragma once

#include "core/step.h"

namespace sluice {

// The lines that hold something: reply {lines: [name, …]}, at most kPollLines. When D1 fails for good, none.
[[nodiscard]] Step poll_lines(const Input& input);

// Leases the first of a line, by priority and age, in one round trip. Control: {line, worker, since, taken}:
// when this run of the poller began (ms since the epoch), and how many jobs of the line it has been given.
//
// Each run is as claim's, without a message (wasm/core/run.h); the rows of the host's statement carry {id,
// payload, checkpoint}. `more` says that the run goes on with another poll once these have ended: at most
// POLL_BATCH jobs, for kPollForMs. When D1 fails for good, there are no runs: what was leased nevertheless
// comes back with its lease.
[[nodiscard]] Step poll(const Input& input);

}  // namespace sluice
