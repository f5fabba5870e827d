// 1.0 and 1e1 are integers to the schema; the options read them as missing or as 0.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("Options that are integers with a fraction of zero or an exponent count", "[regression][job]") {
  World world;
  const Outcome out = world.admit("plain", "{}", R"(,"priority":1.0,"maxAttempts":2.0,"timeoutMs":5e3)");
  REQUIRE(out.step.reply.status == 201);
  const std::string id = out.reply().text("jobId");
  CHECK(world.db.job(id, "priority") == "1");
  CHECK(world.db.job(id, "max_attempts") == "2");
  CHECK(world.db.job(id, "timeout_ms") == "5000");
}

TEST_CASE("A unique window of 60.0 seconds is a window", "[regression][job]") {
  World world;
  const std::string options = R"(,"uniqueKey":"k","uniqueForSeconds":60.0)";
  (void)world.enqueue("plain", options);
  world.now += 1000;
  CHECK(world.admit("plain", "{}", options).step.reply.status == 200);
}

TEST_CASE("A backoff of 2000.0 ms is one of 2000 ms", "[regression][job]") {
  World world;
  const std::string id =
      world.enqueue("plain", R"(,"backoff":{"type":"fixed","delay":2000.0,"maxDelay":3e3})");
  CHECK(world.db.job(id, "backoff") == R"(["fixed",2000,3000,0])");
}

TEST_CASE("A foreign envelope's numbers count the same", "[regression][job]") {
  World world;
  const Outcome out =
      world.claim({World::foreign("f", "{}", R"({"maxRetries":4.0,"timeoutMs":7000.0,"priority":2.0})")});
  REQUIRE(out.step.runs.size() == 1);
  const std::string id = Json(out.step.runs[0]).text("id");
  CHECK(world.db.job(id, "max_attempts") == "5");
  CHECK(world.db.job(id, "timeout_ms") == "7000");
  CHECK(world.db.job(id, "priority") == "2");
}
