// Locks: one owner at a time, for a time, and only its owner gives it back.
#include "core/lock.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

struct Taker {
  std::string id;
  int64_t fence = 1;
};

Taker start(World& world) {
  Taker out{world.enqueue()};
  (void)world.take(out.id);
  return out;
}

std::string wish(const Taker& taker, const std::string& key, int64_t ttl_ms) {
  return R"({"key":")" + key + R"(","ttlMs":)" + std::to_string(ttl_ms) + R"(,"id":")" + taker.id +
         R"(","fence":)" + std::to_string(taker.fence) + "}";
}

// What the taker is given: the lock's value, or "" where another has it.
std::string take(World& world, const Taker& taker, int64_t ttl_ms = 1000, const std::string& key = "k") {
  const Outcome out = world.drive(take_lock, wish(taker, key, ttl_ms));
  REQUIRE(out.step.reply.status == 200);
  return out.reply().text("value");
}

Outcome give_back(World& world, const std::string& value, const std::string& key = "k") {
  return world.drive(release_lock, R"({"key":")" + key + R"(","value":")" + value + R"("})");
}

}  // namespace

TEST_CASE("A lock that is free is taken, with a value of its own each time", "[lock]") {
  World world;
  const Taker taker = start(world);
  const std::string first = take(world, taker);
  const std::string second = take(world, taker, 1000, "another");
  CHECK(first.size() == 32);
  CHECK(second.size() == 32);
  CHECK(first != second);
  CHECK(
      world.db.text("SELECT json_array(key, value, job_id, fence, expires_at) FROM locks WHERE key = 'k'") ==
      R"(["k",")" + first + R"(",")" + taker.id + R"(",1,)" + std::to_string(world.now + 1000) + "]");
}

TEST_CASE("A lock that somebody has is not taken, not even by the same job", "[lock]") {
  World world;
  const Taker owner = start(world);
  const Taker other = start(world);
  const std::string value = take(world, owner);
  CHECK(take(world, other).empty());
  CHECK(take(world, owner).empty());
  CHECK(world.db.text("SELECT value FROM locks") == value);
}

TEST_CASE("A lock is taken over when its time is over by every clock", "[lock]") {
  World world;
  const Taker owner = start(world);
  const Taker other = start(world);
  const std::string value = take(world, owner);
  world.now += 1000 + limits::kClockSkewMs - 1;
  CHECK(take(world, other).empty());
  world.now += 1;
  const std::string taken = take(world, other);
  CHECK_FALSE(taken.empty());
  CHECK(taken != value);
  CHECK(world.db.text("SELECT job_id FROM locks") == other.id);
}

TEST_CASE("A lock is given back by its owner's value alone", "[lock]") {
  World world;
  const Taker owner = start(world);
  const Taker other = start(world);
  const std::string value = take(world, owner);
  CHECK(give_back(world, "not it").changed == 0);
  CHECK(give_back(world, value, "another").changed == 0);
  CHECK(take(world, other).empty());
  const Outcome out = give_back(world, value);
  CHECK(out.step.reply.status == 200);
  CHECK(out.changed == 1);
  const std::string next = take(world, other);
  CHECK_FALSE(next.empty());
  CHECK(give_back(world, value).changed == 0);
  CHECK(world.db.text("SELECT value FROM locks") == next);
}

TEST_CASE("A lock is taken by a job that runs, under its own lease", "[lock]") {
  World world;
  const std::string waiting = world.enqueue();
  CHECK(take(world, {waiting, 0}).empty());
  const Taker taker = start(world);
  CHECK(take(world, {taker.id, 0}).empty());
  (void)world.cancel(taker.id);
  CHECK(take(world, taker).empty());
  CHECK(world.db.number("SELECT count(*) FROM locks") == 0);
}

TEST_CASE("A taking whose answer was lost finds that it has the lock", "[lock]") {
  World world;
  const Taker owner = start(world);
  world.db.fail_next(std::string(kLost), true);
  const std::string value = take(world, owner);
  CHECK(value == world.db.text("SELECT value FROM locks"));
  CHECK(take(world, start(world)).empty());
}

TEST_CASE("A giving back whose answer was lost is repeated without harm", "[lock]") {
  World world;
  const Taker owner = start(world);
  const std::string value = take(world, owner);
  world.db.fail_next(std::string(kLost), true);
  CHECK(give_back(world, value).step.reply.status == 200);
  CHECK(world.db.number("SELECT count(*) FROM locks") == 0);
}

TEST_CASE("Without a database no lock is taken or given back", "[lock]") {
  World world;
  const Taker owner = start(world);
  world.db.fail_next(std::string(kLost), false, limits::kStoreTriesMax);
  CHECK(world.drive(take_lock, wish(owner, "k", 1000)).step.reply.status == 503);
  world.db.fail_next(std::string(kLost), false, limits::kStoreTriesMax);
  CHECK(give_back(world, "v").step.reply.status == 503);
}

TEST_CASE("Keys and times out of bounds are refused, each with its fault", "[lock]") {
  World world;
  const Taker taker = start(world);
  const auto refused = [&](const std::string& key, int64_t ttl_ms) {
    const Outcome out = world.drive(take_lock, wish(taker, key, ttl_ms));
    CHECK(out.round_trips == 0);
    CHECK(out.step.reply.status == 422);
    return std::string(out.reply()["errors"].at(0).find("path").text());
  };
  CHECK(refused("", 1) == "/key");
  CHECK(refused(std::string(limits::kLockKeyBytesMax + 1, 'x'), 1) == "/key");
  CHECK(refused("k", 0) == "/ttlMs");
  CHECK(refused("k", limits::kLockTtlMsMax + 1) == "/ttlMs");
  CHECK_FALSE(take(world, taker, limits::kLockTtlMsMax, std::string(limits::kLockKeyBytesMax, 'x')).empty());
}

TEST_CASE("The sweep removes locks that nobody gave back, a bounded number at a time", "[lock]") {
  World world;
  const Taker taker = start(world);
  const std::string kept = take(world, taker, 60000, "kept");
  world.db.execute(R"sql(
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
    INSERT INTO locks SELECT 'old-' || i, 'v', 'j', 1, )sql" +
                   std::to_string(world.now) + " FROM n");
  world.now += limits::kClockSkewMs - 1;
  CHECK_FALSE(world.sweep().step.more);
  CHECK(world.db.number("SELECT count(*) FROM locks") == 1501);
  world.now += 1;
  CHECK(world.sweep().step.more);
  CHECK(world.db.number("SELECT count(*) FROM locks") == 1501 - limits::kPruneRows);
  CHECK_FALSE(world.sweep().step.more);
  CHECK(world.db.text("SELECT value FROM locks") == kept);
}
