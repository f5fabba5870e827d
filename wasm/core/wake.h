// When jobs that wait are sent, and when the sweep looks at them.
#pragma once

#include <cstdint>

#include "core/guard.h"

namespace sluice {

// Whole seconds, rounded up, that a message for a job which is ready at `ready_at` is delayed; 0 where that
// has passed.
[[nodiscard]] inline int64_t delay_seconds(int64_t now, int64_t ready_at) {
  return ready_at > now ? (ready_at - now + 999) / 1000 : 0;
}

// Whether a queue can delay a message so long; what is further away is sent by the sweep.
[[nodiscard]] inline bool can_be_sent(int64_t seconds) { return seconds <= delay_seconds_max(); }

// When the sweep looks at a job that is ready at `ready_at`: some time after its message should have come, or
// ahead of it where no queue can delay so long.
[[nodiscard]] inline int64_t wake_after(int64_t now, int64_t ready_at, int64_t resend_ms) {
  return can_be_sent(delay_seconds(now, ready_at)) ? ready_at + resend_ms : ready_at - limits::kSendAheadMs;
}

}  // namespace sluice
