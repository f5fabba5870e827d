// Bury: what arrives in a dead-letter queue is recorded, reported and acknowledged.
#pragma once

#include "core/step.h"

namespace sluice {

// Frames: the messages' bodies. Control: {queue, messages: [{id, attempts}, …]}.
//
// One round trip. A dead letter of ours archives its job's failure, if its fencing token is still the one
// the job failed with, and is reported in `alerts`. A message that the platform gave up on kills nothing: a
// job that is alive is woken by the sweep, a foreign envelope without a job is adopted, an invalid one is
// archived. Marks acknowledge all; the caller retries them when the alert could not be delivered, and
// the next delivery reports again, for kAlertForMs.
[[nodiscard]] Step bury(const Input& input);

}  // namespace sluice
