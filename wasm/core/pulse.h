// Pulse: a worker's running jobs tell that they are alive, and hear whether they still should be.
#pragma once

#include "core/step.h"

namespace sluice {

// Control: {runs: [{id, fence, pulse, leaseUntil, begins?, progress?, frame?}, …]}; pulse counts those of the
// lease, from 1, and is no clock's time; frame n is a checkpoint's data (one that is no JSON or over 1 MiB is
// not kept, nor one that a later pulse, or lease, has superseded: nothing is wrong then). `begins`: a job
// that runs alone is about to be started. The record has progress 0 from then on, and counts the loss of that
// lease; the handler may start only when this was answered with a reply.
//
// One round trip. Renews each lease of which a third has passed, keeps progress and checkpoints, and answers
// in `aborts` with {id, reason: "cancelled" | "lost"} for what must stop and in the reply's body with
// {leases: [[id, leaseUntil], …]}. When D1 fails, only what has no lease left must stop.
[[nodiscard]] Step pulse(const Input& input);

}  // namespace sluice
