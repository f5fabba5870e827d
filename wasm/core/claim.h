// Claim: a delivered batch of messages becomes leases on jobs.
#pragma once

#include <string>

#include "core/step.h"

namespace sluice {

// Frames: the messages' bodies. Control: {queue, worker, messages: [{id, attempts}, …]}.
//
// One round trip. Every message that leads to no run is marked; what runs are is told in run.h. The rows of
// the host's statement carry {id, payload, checkpoint}. When D1 fails for good, every message is marked to be
// retried: nothing was leased.
[[nodiscard]] Step claim(const Input& input);

}  // namespace sluice
