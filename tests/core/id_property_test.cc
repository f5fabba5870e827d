// Ids: what stands in their bits, that none comes twice, and how floors divide them.
#include <set>

#include "core/id.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr int64_t kTimes = int64_t{1} << 48;

int64_t any_time(Entropy& dice) {
  return static_cast<int64_t>(dice.below(dice.below(4) == 0 ? 5 : static_cast<uint64_t>(kTimes)));
}

// The id's 32 digits.
std::string digits(const std::string& id) {
  std::string out;
  for (const char c : id) {
    if (c != '-') out.push_back(c);
  }
  return out;
}

uint64_t number(const std::string& hexadecimal) { return std::stoull(hexadecimal, nullptr, 16); }

}  // namespace

TEST_CASE("Time, version, place, variant and shard stand where they belong", "[id][property]") {
  const int seed = GENERATE(range(1, 5));
  Entropy dice(static_cast<uint64_t>(seed), 31);
  for (int i = 0; i < 3000; ++i) {
    const int64_t at = any_time(dice);
    const auto place = static_cast<unsigned>(dice.below(1 << 16));
    const auto shard = static_cast<unsigned>(dice.below(1 << 10));
    const std::string id = make_id(at, place, shard, dice);
    INFO("seed " << seed << " " << id);
    REQUIRE(is_id(id));
    const std::string text = digits(id);
    REQUIRE(number(text.substr(0, 12)) == static_cast<uint64_t>(at));
    REQUIRE(text[12] == '7');
    REQUIRE(number(text.substr(13, 3)) == (place & 0xfff));
    const uint64_t low = number(text.substr(16));
    REQUIRE(low >> 62 == 2);
    REQUIRE((low >> 52 & 0xff) == (shard & 0xff));
  }
}

TEST_CASE("No id comes twice, even of one millisecond, place and shard", "[id][property]") {
  Entropy dice(5, 32);
  std::set<std::string> seen;
  for (int i = 0; i < 30000; ++i) {
    REQUIRE(seen.insert(make_id(1'800'000'000'000, static_cast<unsigned>(i) % 4, 0, dice)).second);
  }
}

TEST_CASE("The ids of a step's seed are the same again, those of another seed are not", "[id][property]") {
  Entropy dice(6, 33);
  for (int i = 0; i < 3000; ++i) {
    const uint64_t high = dice.next();
    const uint64_t low = dice.next();
    const int64_t at = any_time(dice);
    Entropy a(high, low);
    Entropy b(high, low);
    Entropy c(high, low + 1);
    for (unsigned place = 0; place < 3; ++place) {
      const std::string id = make_id(at, place, 0, a);
      REQUIRE(id == make_id(at, place, 0, b));
      REQUIRE(id != make_id(at, place, 0, c));
    }
  }
}

TEST_CASE("A floor divides the ids made before its time from those made at it or after", "[id][property]") {
  Entropy dice(7, 34);
  for (int i = 0; i < 10000; ++i) {
    const int64_t at = 1 + static_cast<int64_t>(dice.below(static_cast<uint64_t>(kTimes - 2)));
    const std::string floor = id_floor(at);
    const auto place = static_cast<unsigned>(dice.below(4096));
    const auto shard = static_cast<unsigned>(dice.below(256));
    INFO(at);
    REQUIRE(floor.size() == 36);
    REQUIRE(make_id(at - 1, place, shard, dice) < floor);
    REQUIRE(make_id(static_cast<int64_t>(dice.below(static_cast<uint64_t>(at))), place, shard, dice) < floor);
    REQUIRE(floor <= make_id(at, place, shard, dice));
    REQUIRE(floor <= make_id(at + 1, 0, 0, dice));
    REQUIRE(id_floor(at - 1) < floor);
  }
}
