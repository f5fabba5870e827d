// How long a failed job waits before its next attempt.
#pragma once

#include <cstdint>

#include "core/entropy.h"
#include "core/policy.h"

namespace sluice {

// Delay in ms after the n-th failed attempt (n ≥ 1):
//   exponential  delay · 2ⁿ⁻¹      10 s → 10, 20, 40, 80 s …
//   linear       delay · n
//   fixed        delay
// capped at max_delay_ms, then moved by a uniform share of ±jitter_permille/1000, in integers only, so
// that native and WASM agree. Never negative, never above kBackoffMsMax; the doubling saturates.
[[nodiscard]] int64_t backoff_ms(const Backoff& policy, int64_t failed_attempts, Entropy& entropy);

}  // namespace sluice
