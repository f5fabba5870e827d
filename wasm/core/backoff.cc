#include "core/backoff.h"

#include <algorithm>

namespace sluice {
namespace {

int64_t base_ms(const Backoff& policy, int64_t n) {
  switch (policy.kind) {
    case BackoffKind::exponential: {
      // Beyond 40 doublings even 1 ms exceeds every cap, so the shift never overflows.
      const int64_t doublings = std::min<int64_t>(n - 1, 40);
      const int64_t ceiling = kBackoffMsMax >> doublings;
      return policy.delay_ms > ceiling ? kBackoffMsMax : policy.delay_ms << doublings;
    }
    case BackoffKind::linear:
      return policy.delay_ms > kBackoffMsMax / n ? kBackoffMsMax : policy.delay_ms * n;
    case BackoffKind::fixed:
      break;
  }
  return policy.delay_ms;
}

}  // namespace

int64_t backoff_ms(const Backoff& policy, int64_t failed_attempts, Entropy& entropy) {
  const int64_t n = std::max<int64_t>(failed_attempts, 1);
  const int64_t capped = std::min(base_ms(policy, n), policy.max_delay_ms);
  const int64_t spread = capped * policy.jitter_permille / 1000;
  const int64_t offset = static_cast<int64_t>(entropy.below(static_cast<uint64_t>(2 * spread) + 1)) - spread;
  return std::clamp<int64_t>(capped + offset, 0, kBackoffMsMax);
}

}  // namespace sluice
