// The same unique key twice in one batch: the second took it from the first, whose job was not inserted yet.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("Of two jobs with one unique key in a batch the first is created", "[regression][admit]") {
  World world;
  const Outcome out = world.batch(R"([{"type":"plain","payload":1,"uniqueKey":"k"},
                                      {"type":"plain","payload":2,"uniqueKey":"k"}])");
  const Json reply = out.reply();
  const json::Value first = reply["jobs"].at(0);
  const json::Value second = reply["jobs"].at(1);
  CHECK_FALSE(first.find("duplicate").truth());
  CHECK(second.find("duplicate").truth());
  CHECK(first.find("jobId").text() == second.find("jobId").text());
  CHECK(world.db.text("SELECT group_concat(payload) FROM jobs") == "1");
}

TEST_CASE("The same foreign message twice in a dead-letter batch is adopted once, as it came first",
          "[regression][bury]") {
  World world;
  (void)world.bury({World::foreign("f", "1"), World::foreign("f", "2")});
  CHECK(world.db.text("SELECT group_concat(payload) FROM jobs") == "1");
}
