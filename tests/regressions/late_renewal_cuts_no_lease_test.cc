// A renewal whose failure had been reported, and which was committed all the same after the next one, set the
// lease back to its own end: found by the simulator. Its holder believed in the longer one.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("A renewal that is committed late leaves a longer lease alone", "[regression][pulse]") {
  World world;
  const std::string id = world.enqueue();
  (void)world.take(id);
  const std::string runs = R"({"runs":[{"id":")" + id + R"(","fence":1,"leaseUntil":0}]})";
  world.db.execute("UPDATE jobs SET wake_at = lease_until + 10000");
  world.now += 200000;
  (void)world.drive(pulse, runs);
  const int64_t lease = world.db.job_number(id, "lease_until");
  CHECK(lease == world.now + 300000);
  world.now -= 5000;
  (void)world.drive(pulse, runs);
  CHECK(world.db.job_number(id, "lease_until") == lease);
  CHECK(world.db.job_number(id, "wake_at") == lease + 10000);
}
