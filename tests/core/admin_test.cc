// Operators: retry and cancel in every state, and against others who are faster.
#include "core/admin.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

std::string in_state(World& world, const std::string& status) {
  const std::string id = world.enqueue("plain", status == "delayed" ? R"(,"delaySeconds":60)" : "");
  if (status == "pending" || status == "delayed") return id;
  if (status == "cancelled") {
    (void)world.cancel(id);
    return id;
  }
  const std::string run = world.take(id);
  if (status == "completed") (void)world.complete(run);
  if (status == "failed") (void)world.fail(run);
  return id;
}

}  // namespace

TEST_CASE("What is not final can be cancelled, nothing else", "[admin]") {
  for (const std::string status : {"pending", "delayed", "processing"}) {
    INFO(status);
    World world;
    const std::string id = in_state(world, status);
    const Outcome out = world.cancel(id);
    CHECK(out.step.reply.status == 200);
    CHECK(out.round_trips == 2);
    CHECK(out.reply().text("jobId") == id);
    CHECK(out.reply().text("status") == "cancelled");
    CHECK(world.db.job(id, "json_array(completed_at, wake_at, history ->> '$[0].outcome')") ==
          "[" + std::to_string(world.now) + R"(,null,"cancelled"])");
    CHECK(world.db.job(id, "lease_until IS NOT NULL") == (status == "processing" ? "1" : "0"));
  }
  for (const std::string status : {"completed", "failed", "cancelled"}) {
    INFO(status);
    World world;
    const std::string id = in_state(world, status);
    const Outcome out = world.cancel(id);
    CHECK(out.step.reply.status == 409);
    CHECK(out.changed == 0);
    CHECK_FALSE(out.step.more);
  }
}

TEST_CASE("What failed or was cancelled can be retried, nothing else", "[admin]") {
  for (const std::string status : {"failed", "cancelled"}) {
    INFO(status);
    World world;
    const std::string id = in_state(world, status);
    world.now += 1000;
    const Outcome out = world.retry(id);
    CHECK(out.step.reply.status == 200);
    CHECK(out.reply().text("jobId") == id);
    CHECK(out.reply().text("status") == "pending");
    CHECK(out.reply()["attempts"].integer() == 0);
    CHECK(out.reply()["completedAt"].is(json::Kind::null));
    CHECK(out.sent() == "JOB_QUEUE 0");
    CHECK(world.db.job_number(id, "wake_at") == world.now + 900000);
    CHECK(world.db.number("SELECT count(*) FROM dead_letters") == 0);
    (void)world.complete(world.take(id));
    CHECK(world.db.job(id, "status || attempts") == "completed1");
  }
  for (const std::string status : {"pending", "delayed", "processing", "completed"}) {
    INFO(status);
    World world;
    const Outcome out = world.retry(in_state(world, status));
    CHECK(out.step.reply.status == 409);
    CHECK(out.changed == 0);
  }
}

TEST_CASE("An unknown job is 404, a foreign id finds its job", "[admin]") {
  World world;
  CHECK(world.cancel("nobody").step.reply.status == 404);
  CHECK(world.retry("nobody").step.reply.status == 404);
  (void)world.claim({World::foreign("theirs")});
  CHECK(world.cancel("theirs").step.reply.status == 200);
  CHECK(world.retry("theirs").step.reply.status == 200);
}

TEST_CASE("An operator who was overtaken is asked to look again", "[admin]") {
  World world;
  const std::string id = world.enqueue();
  const Outcome out = world.drive(cancel_job, R"({"id":")" + id + R"("})", {}, [&](size_t stage) {
    if (stage == 1) (void)world.take(id);
  });
  CHECK(out.step.more);
  CHECK(out.step.reply.status == 409);
  CHECK(world.db.job(id, "status") == "processing");

  const std::string dead = in_state(world, "failed");
  const Outcome late = world.drive(retry_job, R"({"id":")" + dead + R"("})", {}, [&](size_t stage) {
    if (stage == 1) (void)world.retry(dead);
  });
  CHECK(late.step.more);
  CHECK(late.sent().empty());
}

TEST_CASE("An operator's step whose answer was lost is repeated to the same answer", "[admin]") {
  World world;
  const std::string id = in_state(world, "failed");
  const auto lose_second = [&, done = false](size_t stage) mutable {
    if (stage == 1 && !done) world.db.fail_next(std::string(kLost), true);
    done = done || stage == 1;
  };
  const Outcome out = world.drive(retry_job, R"({"id":")" + id + R"("})", {}, lose_second);
  CHECK(out.step.reply.status == 200);
  CHECK(out.sent() == "JOB_QUEUE 0");
  CHECK(world.db.job(id, "json_array_length(history)") == "2");
}

TEST_CASE("Without a database an operator gets 503", "[admin]") {
  World world;
  const std::string id = world.enqueue();
  world.db.fail_next(std::string(kLost), false, 100);
  CHECK(world.cancel(id).step.reply.status == 503);
}
