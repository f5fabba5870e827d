// Settle: what handlers came to becomes the record's next state.
#pragma once

#include "core/step.h"

namespace sluice {

// Control: {queue, deadline}, where `deadline` is when the invocation has to end (ms since the epoch). Frame
// 0 is what the handlers came to, [{token, index, kind, ms, …}, …], where `token` is the run's own, `index`
// is handed back in the marks, and frame 1 has the runs' records, a line each. kind is
//   ok         {frame}: the result is frame `frame` of those behind frame 1
//   error      {code, message, retryable, retryAfterMs?}: the handler threw
//   timeout    the handler did not end in time
//   snooze     {code, message, delayMs}: the handler asks to be called later
//   unstarted  claimed, but never begun; or begun, and stopped because the worker ends
//   stopped    the handler was stopped because its job was cancelled or its lease was lost
//
// One round trip. Each result's message is marked (a message with several jobs gets one mark per job; it is
// done when all are). Retries go through the platform where the message holds one job and has deliveries
// left, else the job is sent anew; a dead job is sent to its dead-letter queue. While D1 is out, settle goes
// on trying until the deadline (with the usual number of tries in any case); then every message is marked to
// be retried: the leases run out and the jobs run again.
[[nodiscard]] Step settle(const Input& input);

}  // namespace sluice
