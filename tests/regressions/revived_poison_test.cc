// A job that had failed as poison failed again at its first lost lease after an operator's retry.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("An operator's retry of a poisoned job gives it all of its lost leases again",
          "[regression][admin]") {
  World world;
  const std::string id = world.enqueue();
  for (int loss = 0; loss < 3; ++loss) {
    (void)world.take(id);
    world.now += 10 * 3600000;
    (void)world.sweep();
  }
  REQUIRE(world.db.job(id, "status") == "failed");
  REQUIRE(world.retry(id).step.reply.status == 200);
  (void)world.take(id);
  world.now += 10 * 3600000;
  (void)world.sweep();
  CHECK(world.db.job(id, "status") == "pending");
}
