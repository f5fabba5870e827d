// A job that one batch named twice, by its own id and by its foreign one, was counted and run twice.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("A job that a batch names by both of its ids is leased, counted and run once",
          "[regression][claim]") {
  World world;
  const Outcome adopted = world.claim({World::foreign("f-1")});
  REQUIRE(adopted.step.runs.size() == 1);
  const std::string id = Json(adopted.step.runs[0]).text("id");
  (void)world.end(adopted.step.runs[0], R"("kind":"unstarted")");

  const Outcome out = world.claim({World::wake(id), World::foreign("f-1")});
  CHECK(out.step.runs.size() == 1);
  CHECK(world.db.job_number(id, "attempts") == 1);
  expect_counters_equal_scan(world.db);
  CHECK((out.mark(0).empty() ? out.mark(1) : out.mark(0)) == "ack");
}
