// Guards of the core: what keeps work from being lost, done twice or overwritten. In the product each of them
// holds and costs nothing. The preset `breakable` builds a module in which one can be taken away
// (tests/sim/breaks.js says what each protects), to prove that the simulator notices. Guards in SQL are
// markers in wasm/sql.
#pragma once

#include <cstdint>

#include "core/limits.h"

namespace sluice {

enum class Guard : uint8_t {
  // Claim.
  one_head,
  one_run,
  own_lease,
  runs_alone,
  returned_batch,
  // Settle.
  attempts_limit,
  final_error,
  retry_after,
  platform_limit,
  fresh_message,
  // Every transition.
  took_effect,
  watched_move,
  cancelled_lease,
  revived_lease,
  cancelled_place,
  legal_wish,
  delay_limit,
  clock_skew,
  // Pulse.
  same_lease,
  // Sweep.
  poison,
  begun,
  letter_again,
  // Dead letters.
  alert_fence,
  alert_first,
  alert_in_batch,
  // Messages and admission.
  own_mark,
  created_only,
  message_bytes,
  parameter_bytes,
  bisect,
  // Shards.
  one_judge,
  own_shard,
  kCount
};

#ifdef SLUICE_BREAKABLE
// The guard that is taken away; kCount: none.
inline Guard g_broken = Guard::kCount;
[[nodiscard]] inline bool holds(Guard guard) { return guard != g_broken; }
#else
[[nodiscard]] constexpr bool holds(Guard) { return true; }
#endif

// By how much two workers' clocks may differ, in ms.
[[nodiscard]] inline int64_t clock_skew_ms() { return holds(Guard::clock_skew) ? limits::kClockSkewMs : 0; }
// The longest delay that a queue takes, in s.
[[nodiscard]] inline int64_t delay_seconds_max() {
  return holds(Guard::delay_limit) ? limits::kDelaySecondsMax : INT64_MAX / 1000;
}

}  // namespace sluice
