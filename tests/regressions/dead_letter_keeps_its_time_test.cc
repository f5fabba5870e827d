// A sweep that failed one job as poison and sent another's dead letter again wrote both as failed just now.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("A dead letter that is only sent again keeps the time of its failure", "[regression][sweep]") {
  World world;
  const std::string dead = world.enqueue();
  (void)world.fail(world.take(dead));
  const std::string poison = world.enqueue();
  world.db.execute("UPDATE jobs SET losses = 2 WHERE id = '" + poison + "'");
  (void)world.take(poison);
  const int64_t failed_at = world.now;

  world.now += 10 * 3600000;
  (void)world.sweep();
  REQUIRE(world.db.job(poison, "status") == "failed");
  CHECK(world.db.number("SELECT failed_at FROM dead_letters WHERE id = '" + dead + "'") == failed_at);
}

TEST_CASE("A dead letter that is buried while the sweep looks stays buried", "[regression][sweep]") {
  World world;
  const std::string dead = world.enqueue();
  (void)world.fail(world.take(dead));
  const std::string poison = world.enqueue();
  world.db.execute("UPDATE jobs SET losses = 2 WHERE id = '" + poison + "'");
  (void)world.take(poison);

  world.now += 10 * 3600000;
  (void)world.drive(sweep, "{}", {}, [&](size_t stage) {
    if (stage != 1) return;
    world.db.execute("UPDATE dead_letters SET buried_at = 1 WHERE id = '" + dead + "'");
    world.db.execute("UPDATE jobs SET wake_at = NULL WHERE id = '" + dead + "'");
  });
  CHECK(world.db.text("SELECT buried_at FROM dead_letters WHERE id = '" + dead + "'") == "1");
}
