// Sweep: the safety net under every queue. Each minute it looks at what should have moved and has not.
#pragma once

#include "core/step.h"

namespace sluice {

// Two round trips when something is due, else one: read what is due, then move it, guarded by what was read.
//
// The first also moves the watermark over the ids that are older than RESEND_AFTER_MS and has every
// unfinished job behind it watched. Then, by the state found:
//   pending, delayed  the message was lost or never sent: sent (again), with the delay that is left
//   processing        the lease ran out: the job goes back to pending and is sent; at the third time it fails
//                     as poison
//   failed            its dead letter has not arrived: sent again
//   final             more jobs depend on it than one batch decides: it goes on with them
//   blocked           it waits for nothing that is still to come: decided
// A job in a line is not sent; those at the head of lines whose gate has room are let out, some lines a
// round.
// `more` asks for another round at once.
[[nodiscard]] Step sweep(const Input& input);

}  // namespace sluice
