// A dead letter that D1's outage had sent back ten times was archived when the outage was over, and when its
// alert then failed once, nobody was ever told: found by the simulator. Deliveries were counted, and the
// outage had used them up.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("An alert that fails after a long outage is tried again", "[regression][bury]") {
  World world;
  const std::string id = world.enqueue();
  (void)world.fail(world.take(id));
  const std::string letter = World::wake(id, 1);
  CHECK(world.bury({letter}, 30).step.alerts.size() == 1);
  world.now += 60000;
  CHECK(world.bury({letter}, 31).step.alerts.size() == 1);
}

// The letter of an earlier failure that came in the same batch, ahead of it, passed for the same letter.
TEST_CASE("A letter of an earlier failure hides no alert", "[regression][bury]") {
  World world;
  const std::string id = world.enqueue();
  (void)world.fail(world.take(id));
  REQUIRE(world.retry(id).step.reply.status == 200);
  world.now += 400000;
  (void)world.fail(world.take(id));
  CHECK(world.bury({World::wake(id, 1), World::wake(id, 2), World::wake(id, 2)}).step.alerts.size() == 1);
}

// A copy that had not been delivered before hid the one whose alert had failed.
TEST_CASE("A fresh copy of a letter hides no alert that is to be tried again", "[regression][bury]") {
  World world;
  const std::string id = world.enqueue();
  (void)world.fail(world.take(id));
  const std::string letter = World::wake(id, 1);
  CHECK(world.bury({letter}).step.alerts.size() == 1);
  const std::string control = R"({"queue":"background-jobs-dlq","messages":[{"id":"a","attempts":1},)"
                              R"({"id":"b","attempts":2}]})";
  CHECK(world.drive(bury, control, {letter, letter}).step.alerts.size() == 1);
}
