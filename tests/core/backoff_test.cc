// Backoff: the vectors, and its bounds for any policy.
#include "core/backoff.h"

#include "core/job.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("Backoffs give the figures of the vectors", "[backoff][vectors]") {
  const Json vectors(read_file(SLUICE_SOURCE_DIR "/tests/vectors/backoff.json"));
  REQUIRE(vectors["cases"].size() > 0);
  for (const json::Value entry : vectors["cases"]) {
    Entropy entropy(0, 0);
    REQUIRE(entropy_from_hex(entry.find("seed").text(), entropy));
    const Backoff policy = backoff_of(entry.find("policy"), nullptr);
    std::string out;
    json::Writer writer(out);
    writer.begin_array();
    for (const json::Value n : entry.find("attempts"))
      writer.integer(backoff_ms(policy, n.integer(), entropy));
    writer.end_array();
    INFO(entry.find("policy").raw());
    CHECK(out == entry.find("delays").raw());
  }
}

TEST_CASE("A delay stays within its jitter, its cap and a day, for any policy and attempt", "[backoff]") {
  Entropy dice(9, 9);
  for (int i = 0; i < 50000; ++i) {
    Backoff policy;
    policy.kind = static_cast<BackoffKind>(dice.below(3));
    policy.delay_ms = static_cast<int64_t>(dice.below(dice.below(2) == 0 ? 100 : kBackoffMsMax + 1));
    policy.max_delay_ms = static_cast<int64_t>(dice.below(kBackoffMsMax + 1));
    policy.jitter_permille = static_cast<int64_t>(dice.below(1001));
    const auto n = static_cast<int64_t>(1 + dice.below(dice.below(2) == 0 ? 10 : uint64_t{1} << 40));
    Backoff plain = policy;
    plain.jitter_permille = 0;
    Entropy none(0, 0);
    const int64_t base = backoff_ms(plain, n, none);
    const int64_t delay = backoff_ms(policy, n, dice);
    CHECK(base <= policy.max_delay_ms);
    CHECK(delay >= 0);
    CHECK(delay <= kBackoffMsMax);
    CHECK(delay * 1000 >= base * (1000 - policy.jitter_permille));
    CHECK(delay * 1000 <= base * (1000 + policy.jitter_permille));
    CHECK(backoff_ms(plain, n + 1, none) >= base);
  }
}

TEST_CASE("Jitter reaches both ends and is spread evenly", "[backoff]") {
  const Backoff policy{BackoffKind::fixed, 1000, 1000, 10};
  Entropy entropy(5, 5);
  int counts[21] = {};
  for (int i = 0; i < 21000; ++i) {
    const int64_t delay = backoff_ms(policy, 1, entropy);
    REQUIRE(delay >= 990);
    REQUIRE(delay <= 1010);
    ++counts[delay - 990];
  }
  for (const int count : counts) {
    CHECK(count > 800);
    CHECK(count < 1200);
  }
}

TEST_CASE("An attempt below the first counts as the first", "[backoff]") {
  Entropy entropy(0, 0);
  CHECK(backoff_ms({BackoffKind::exponential, 10, 1000, 0}, 0, entropy) == 10);
  CHECK(backoff_ms({BackoffKind::linear, 10, 1000, 0}, -7, entropy) == 10);
}
