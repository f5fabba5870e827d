// Cleanup: what is final and older than asked leaves the record, whole and counted, in bounded steps.
#include "core/cleanup.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr int64_t kDay = 86400000;

Outcome clean(World& world, int64_t older_than_ms, const std::string& after = "") {
  return world.drive(
      cleanup, R"({"olderThanMs":)" + std::to_string(older_than_ms) + R"(,"after":")" + after + R"("})");
}

}  // namespace

TEST_CASE("A cleanup removes final jobs that are older than asked, with all that belongs to them",
          "[cleanup]") {
  World world;
  const std::string done = world.enqueue("plain", R"(,"uniqueKey":"k")");
  (void)world.complete(world.take(done));
  const std::string dead = world.enqueue();
  (void)world.bury(world.fail(world.take(dead)).bodies());
  const std::string unburied = world.enqueue();
  (void)world.fail(world.take(unburied));
  const std::string waiting = world.enqueue();
  world.now += 2 * kDay;
  const std::string young = world.enqueue();
  (void)world.complete(world.take(young));

  const Outcome out = clean(world, kDay);
  CHECK(out.round_trips == 1);
  const Json reply = out.reply();
  CHECK(reply["removed"].integer() == 2);
  CHECK_FALSE(reply["more"].truth());
  CHECK(world.db.text("SELECT group_concat(id) FROM (SELECT id FROM jobs ORDER BY id)") ==
        unburied + "," + waiting + "," + young);
  CHECK(orphans(world.db) == "");
  CHECK(world.db.number("SELECT sum(pruned) FROM counters") == 2);
  CHECK(clean(world, kDay).reply()["removed"].integer() == 0);
}

TEST_CASE("Without an age a cleanup keeps what retention keeps", "[cleanup]") {
  World world;
  const std::string done = world.enqueue();
  (void)world.complete(world.take(done));
  world.now += 7 * kDay - 1;
  CHECK(world.drive(cleanup, "{}").reply()["removed"].integer() == 0);
  world.now += 2;  // its id is as old as its creation, and not older
  CHECK(world.drive(cleanup, "{}").reply()["removed"].integer() == 1);
}

TEST_CASE("A cleanup walks over a bounded number of jobs and goes on from there", "[cleanup]") {
  World world;
  world.db.execute(R"sql(
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
    INSERT INTO jobs (id, type, queue, transport, status, priority, max_attempts, op, created_at, completed_at,
      updated_at, timeout_ms, payload_size)
    SELECT printf('00000000-0000-7000-8000-%012d', i), 't', 'q', 'x', 'completed', 5, 3, 'o', 1, 1, 1, 1, 2 FROM n
  )sql");
  world.db.execute("INSERT INTO counters (queue, type, completed) VALUES ('q', 't', 1500)");
  const Outcome first = clean(world, kDay);
  CHECK(first.reply()["removed"].integer() == 1000);
  CHECK(first.reply()["more"].truth());
  const Outcome second = clean(world, kDay, first.reply().text("after"));
  CHECK(second.reply()["removed"].integer() == 500);
  CHECK_FALSE(second.reply()["more"].truth());
  CHECK(world.db.number("SELECT count(*) FROM jobs") == 0);
}

TEST_CASE("A cleanup that cannot reach D1 says so", "[cleanup]") {
  World world;
  world.db.fail_next(std::string(kLost), false, 100);
  CHECK(clean(world, kDay).step.reply.status == 503);
}
