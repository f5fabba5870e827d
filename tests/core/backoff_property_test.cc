// Backoff for any policy, sane or not, and any attempt: against a reference in wide arithmetic.
#include "core/backoff.h"
#include "core/job.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr int64_t kAttempts[] = {INT64_MIN, -1, 0, 1, 2, 3, 27, 40, 41, 42, 63, 64, 65, 1000, INT64_MAX};

Backoff any_policy(Entropy& dice) {
  Backoff out;
  out.kind = static_cast<BackoffKind>(dice.below(3));
  out.delay_ms = static_cast<int64_t>(dice.below(dice.below(3) == 0 ? 10 : kBackoffMsMax + 1));
  out.max_delay_ms = static_cast<int64_t>(dice.below(dice.below(3) == 0 ? 10 : kBackoffMsMax + 1));
  out.jitter_permille = static_cast<int64_t>(dice.below(1001));
  return out;
}

int64_t any_attempt(Entropy& dice) {
  if (dice.below(3) == 0) return kAttempts[dice.below(std::size(kAttempts))];
  return static_cast<int64_t>(dice.below(dice.below(2) == 0 ? 50 : uint64_t{1} << 62));
}

// The documented rule in 128 bits: base times 2 to the n - 1, times n, or as it is; capped, and at most a
// day.
int64_t reference(const Backoff& policy, int64_t attempt) {
  const __int128 n = attempt < 1 ? 1 : attempt;
  __int128 base = policy.delay_ms;
  if (policy.kind == BackoffKind::linear) base *= n;
  for (__int128 i = 1; policy.kind == BackoffKind::exponential && i < n && i < 60; ++i) base *= 2;
  if (base > kBackoffMsMax) base = kBackoffMsMax;
  return static_cast<int64_t>(base < policy.max_delay_ms ? base : policy.max_delay_ms);
}

}  // namespace

TEST_CASE("Without jitter a delay is the documented figure for every policy and attempt",
          "[backoff][property]") {
  const int seed = GENERATE(range(1, 5));
  Entropy dice(static_cast<uint64_t>(seed), 21);
  for (int i = 0; i < 5000; ++i) {
    Backoff policy = any_policy(dice);
    policy.jitter_permille = 0;
    const int64_t n = any_attempt(dice);
    INFO("seed " << seed << " case " << i << " attempt " << n << " delay " << policy.delay_ms);
    REQUIRE(backoff_ms(policy, n, dice) == reference(policy, n));
  }
}

TEST_CASE("Jitter moves a delay by its share at most, and the same entropy by the same",
          "[backoff][property]") {
  const int seed = GENERATE(range(1, 5));
  Entropy dice(static_cast<uint64_t>(seed), 22);
  for (int i = 0; i < 5000; ++i) {
    const Backoff policy = any_policy(dice);
    const int64_t n = any_attempt(dice);
    INFO("seed " << seed << " case " << i << " attempt " << n);
    const uint64_t high = dice.next();
    Entropy first(high, 1);
    Entropy second(high, 1);
    const int64_t delay = backoff_ms(policy, n, first);
    REQUIRE(delay == backoff_ms(policy, n, second));
    REQUIRE(first.next() == second.next());  // as much entropy was used
    const int64_t base = reference(policy, n);
    const int64_t share = base * policy.jitter_permille / 1000;
    REQUIRE(delay >= base - share);
    REQUIRE(delay <= std::min(base + share, kBackoffMsMax));
  }
}

TEST_CASE("A later attempt, a longer base or a higher cap never shortens a delay", "[backoff][property]") {
  Entropy dice(3, 23);
  for (int i = 0; i < 10000; ++i) {
    Backoff policy = any_policy(dice);
    policy.jitter_permille = 0;
    const auto n = static_cast<int64_t>(1 + dice.below(200));
    const int64_t delay = backoff_ms(policy, n, dice);
    INFO("case " << i << " attempt " << n);
    REQUIRE(backoff_ms(policy, n + 1, dice) >= delay);
    Backoff longer = policy;
    longer.delay_ms = std::min(policy.delay_ms + static_cast<int64_t>(dice.below(1000)), kBackoffMsMax);
    REQUIRE(backoff_ms(longer, n, dice) >= delay);
    Backoff higher = policy;
    higher.max_delay_ms =
        std::min(policy.max_delay_ms + static_cast<int64_t>(dice.below(1000)), kBackoffMsMax);
    REQUIRE(backoff_ms(higher, n, dice) >= delay);
  }
}

TEST_CASE("A backoff out of a row that no row of ours holds gives a delay all the same",
          "[backoff][property]") {
  Entropy dice(4, 24);
  const int64_t edges[] = {INT64_MIN, INT64_MAX, -1, 0, kBackoffMsMax, kBackoffMsMax + 1, 1001};
  for (int i = 0; i < 5000; ++i) {
    const auto any = [&] {
      return std::to_string(dice.below(2) == 0 ? edges[dice.below(7)] : static_cast<int64_t>(dice.next()));
    };
    const std::string kind = dice.below(4) == 0 ? "else" : "exponential";
    const Json row(R"([")" + kind + R"(",)" + any() + "," + any() + "," + any() + "]");
    INFO(row.root().raw());
    const int64_t delay = backoff_ms(backoff_of(row.root(), nullptr), any_attempt(dice), dice);
    REQUIRE(delay >= 0);
    REQUIRE(delay <= kBackoffMsMax);
  }
}
