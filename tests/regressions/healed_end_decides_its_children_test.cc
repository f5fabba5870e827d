// A waiting job that the sweep itself brought to its end had the dependencies on it closed in the same batch,
// before those who wait for it were decided: they were found by the healing walk only, a round later.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("Who waits for a job that the sweep decides is decided by the next step, not forgotten") {
  World world;
  const std::string parent = world.enqueue();
  const auto waits_for = [&](const std::string& id) {
    return world.enqueue("plain", R"(,"dependsOn":[")" + id + R"("])");
  };
  const std::string child = waits_for(parent);
  const std::string grandchild = waits_for(child);
  world.db.execute("UPDATE jobs SET status = 'cancelled', completed_at = 1 WHERE id = '" + parent + "'");
  world.db.execute("UPDATE counters SET pending = pending - 1, cancelled = cancelled + 1");
  world.db.execute("UPDATE jobs SET wake_at = 1 WHERE id = '" + child + "'");
  (void)world.sweep();
  REQUIRE(world.db.job(child, "status") == "cancelled");
  CHECK(world.db.number("SELECT open FROM dependencies WHERE parent_id = '" + child + "'") == 1);
  (void)world.sweep();
  CHECK(world.db.job(grandchild, "status") == "cancelled");
  CHECK(world.db.number("SELECT count(*) FROM jobs WHERE wake_at IS NOT NULL") == 0);
}
