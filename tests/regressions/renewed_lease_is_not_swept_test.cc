// A sweep that had read a lease as lapsed took it away although its worker renewed it a moment later: found
// by the simulator (seed 9 of its first version). A renewal now leaves its nonce, which the sweep's move
// expects unchanged.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("A lease that is renewed while the sweep looks is not taken away", "[regression][sweep]") {
  World world;
  const std::string id = world.enqueue();
  (void)world.take(id);
  world.db.execute("UPDATE jobs SET lease_until = 1, wake_at = 1");  // lapsed, and watched
  const std::string fence = world.db.job(id, "fence");
  const int64_t losses = world.db.number("SELECT losses FROM jobs");
  (void)world.drive(sweep, "{}", {}, [&](size_t stage) {
    if (stage != 1) return;
    const std::string run = R"({"id":")" + id + R"(","fence":)" + fence + R"(,"leaseUntil":1})";
    (void)world.drive(pulse, R"({"runs":[)" + run + "]}");
  });
  CHECK(world.db.job(id, "status") == "processing");
  CHECK(world.db.number("SELECT losses FROM jobs") == losses);
}
