// A job that retention's walk passed in the same round in which its noted time came was counted as pruned
// twice.
#include "core/cleanup.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("A job that is due when the walk of retention passes it is pruned and counted once") {
  World world;
  const std::string parent = world.enqueue();
  (void)world.complete(world.take(parent));
  const std::string child = world.enqueue("plain", R"(,"dependsOn":[")" + parent + R"("])");
  (void)world.complete(world.take(child));
  world.now += int64_t{8} * 86400000;
  // Its last dependant goes before the walk has come so far: its time is noted.
  world.db.execute("UPDATE sweep SET pruned_from = '', pruned_to = ''");
  REQUIRE(world.drive(cleanup, "{}").reply()["removed"].integer() == 1);
  REQUIRE(world.db.number("SELECT count(*) FROM jobs WHERE prune_at IS NOT NULL") == 1);
  (void)world.sweep();
  CHECK(world.db.number("SELECT count(*) FROM jobs") == 0);
  CHECK(world.db.number("SELECT sum(pruned) FROM counters") == 2);
}
