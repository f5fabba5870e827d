// The batch that lets a job out of a line took it for one that it had moved: a handler that had lost its
// lease long before, and ended in the same batch as another job with that key, sent a dead letter for a job
// that waits.
#include "tests/core/gate_world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("A job that a settle lets out of a line is not settled by an old verdict in the same batch") {
  World world(gate_config());
  constexpr char kKey[] = R"(,"concurrencyKey":"k")";
  const std::string late = world.enqueue("plain", kKey);
  const std::string old_run = world.take(late);
  world.now += gate_config().settings.resend_after_ms + gate_config().settings.lease_ms;
  (void)world.sweep();
  REQUIRE(world.db.job(late, "status") == "pending");
  const std::string other = world.enqueue("plain", std::string(kKey) + R"(,"priority":1)");
  const std::string run = world.take(other);
  (void)world.claim({World::wake(late)});
  REQUIRE(world.db.job(late, "held_by") == "c:k");
  const Outcome out =
      world.settle({World::result(old_run, R"("kind":"error","code":"e","message":"m","retryable":false)"),
                    World::result(run, R"("kind":"ok","frame":0)")},
                   {"{}"});
  CHECK(world.db.job(late, "status || ' ' || coalesce(held_by, '-')") == "pending -");
  CHECK(out.sent() == "JOB_QUEUE 0");
}
