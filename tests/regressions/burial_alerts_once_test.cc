// The sweep sends a dead letter again until it is buried, so one batch may hold it twice: it was reported
// twice.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("A dead letter that one batch holds twice is reported once", "[regression][bury]") {
  World world;
  const std::string id = world.enqueue();
  const Outcome dead = world.fail(world.take(id));
  REQUIRE(dead.step.sends.size() == 1);
  const Outcome out = world.bury({dead.step.sends[0].body, dead.step.sends[0].body});
  CHECK(out.step.alerts.size() == 1);
  CHECK(out.mark(0) == "ack");
  CHECK(out.mark(1) == "ack");
}
