// Sweep: what was lost on the way is found, once, in bounded steps.
#include "core/sweep.h"

#include "core/id.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr int64_t kResend = 900000;

std::string metadata(const Outcome& out, size_t n, std::string_view key) {
  const Json body(out.step.sends.at(n).body);
  const json::Value mark = body["metadata"].find("sluice");
  return std::string(mark.find(key).raw());
}

}  // namespace

TEST_CASE("With nothing due a sweep is one round trip and notes when it was", "[sweep]") {
  World world;
  const Outcome out = world.sweep();
  CHECK(out.round_trips == 1);
  CHECK_FALSE(out.step.more);
  CHECK(out.sent().empty());
  CHECK(world.db.text("SELECT watermark FROM sweep") == id_floor(world.now - kResend));
  CHECK(world.db.number("SELECT ticked_at FROM sweep") == world.now);
}

TEST_CASE("A job that was just made is left alone", "[sweep]") {
  World world;
  const std::string id = world.enqueue();
  world.now += kResend;
  CHECK(world.sweep().round_trips == 1);
  CHECK(world.db.job(id, "wake_at") == "NULL");
}

TEST_CASE("A pending job whose message was lost is sent again and watched from then on", "[sweep]") {
  World world;
  const std::string id = world.enqueue("plain", R"(,"correlationId":"c","userId":"u","sessionId":"s")");
  world.now += kResend + 1;
  const Outcome out = world.sweep();
  CHECK(out.round_trips == 2);
  CHECK(out.sent() == "JOB_QUEUE 0");
  const Json body(out.step.sends[0].body);
  CHECK(body.text("id") == id);
  CHECK(body["metadata"].find("correlationId").text() == "c");
  CHECK(body["metadata"].find("userId").text() == "u");
  CHECK(body["metadata"].find("sessionId").text() == "s");
  CHECK(world.db.job_number(id, "wake_at") == world.now + kResend);
  CHECK(world.db.job(id, "status") == "pending");
  CHECK(world.sweep().sent().empty());

  world.now += kResend;
  CHECK(world.sweep().sent() == "JOB_QUEUE 0");
}

TEST_CASE("A delayed job whose message was lost is sent after its time", "[sweep]") {
  World world;
  const std::string id = world.enqueue("plain", R"(,"delaySeconds":60)");
  world.now += 60000 + kResend - 1;
  CHECK(world.sweep().sent().empty());
  world.now += 1;
  CHECK(world.sweep().sent() == "JOB_QUEUE 0");
  CHECK(world.db.job_number(id, "run_at") == kStart + 60000);
  CHECK(world.claim({World::wake(id)}).step.runs.size() == 1);
}

TEST_CASE("A job of the day after tomorrow is sent ahead of its time with the delay that is left",
          "[sweep]") {
  World world;
  const std::string id = world.enqueue("plain", R"(,"delaySeconds":172800)");
  world.now += 172800000 - limits::kSendAheadMs;
  const Outcome out = world.sweep();
  CHECK(out.sent() == "JOB_QUEUE 120");
  CHECK(world.db.job_number(id, "wake_at") == kStart + 172800000 + kResend);
}

TEST_CASE("A lease that ran out puts the job back, counted as lost", "[sweep]") {
  World world;
  const std::string id = world.enqueue();
  (void)world.take(id);
  world.now += kResend + 1;
  const Outcome out = world.sweep();
  CHECK(out.sent() == "JOB_QUEUE 0");
  CHECK(world.db.job(id, "json_array(status, attempts, losses, fence, lease_until, last_error ->> 'code')") ==
        R"(["pending",0,1,1,null,"lease_lost"])");
  CHECK(world.db.job(id, "history ->> '$[0].outcome'") == "lost");
  CHECK(out.step.logs.size() == 1);
}

TEST_CASE("A lease is given the clocks' skew before it counts as lost", "[sweep]") {
  World world;
  const std::string id = world.enqueue("plain", R"(,"delaySeconds":1)");
  world.now += 1000;
  (void)world.take(id);
  world.now += 300000 + limits::kClockSkewMs - 1;
  CHECK(world.sweep().round_trips == 1);
  world.now += 1;
  CHECK(world.sweep().sent() == "JOB_QUEUE 0");
}

TEST_CASE("The third lost lease fails the job as poison", "[sweep]") {
  World world;
  const std::string id = world.enqueue();
  Outcome out;
  for (int loss = 1; loss <= 3; ++loss) {
    (void)world.take(id);
    world.now += 2 * kResend;
    out = world.sweep();
  }
  CHECK(world.db.job(id, "json_array(status, attempts, losses, fence, last_error ->> 'code')") ==
        R"(["failed",0,3,3,"poison"])");
  CHECK(out.sent() == "JOB_DLQ 0");
  CHECK(metadata(out, 0, "fence") == "3");
  CHECK(world.db.text("SELECT json_array(fence, buried_at) FROM dead_letters WHERE id = '" + id + "'") ==
        "[3,null]");
}

TEST_CASE("A dead letter that was not buried is sent again until it is", "[sweep]") {
  World world;
  const std::string id = world.enqueue();
  const std::string dead = world.fail(world.take(id)).step.sends[0].body;
  world.now += kResend;
  const Outcome out = world.sweep();
  CHECK(out.sent() == "JOB_DLQ 0");
  CHECK(metadata(out, 0, "fence") == "1");
  CHECK(world.db.job_number(id, "completed_at") == kStart);
  (void)world.bury({dead});
  world.now += 10 * kResend;
  CHECK(world.sweep().round_trips == 1);
}

TEST_CASE("A renewed lease is only watched", "[sweep]") {
  World world;
  const std::string id = world.enqueue();
  (void)world.take(id);
  world.now += kResend + 1;
  const int64_t lease = world.now + 300000;
  world.db.execute("UPDATE jobs SET wake_at = 1, lease_until = " + std::to_string(lease));
  const Outcome out = world.sweep();
  CHECK(out.sent().empty());
  CHECK(world.db.job(id, "json_array(status, wake_at, lease_until)") ==
        R"(["processing",)" + std::to_string(lease + limits::kClockSkewMs) + "," + std::to_string(lease) +
            "]");
  CHECK(out.step.logs.empty());
}

TEST_CASE("A job that somebody moves while the sweep looks is left to them", "[sweep]") {
  World world;
  const std::string id = world.enqueue();
  world.now += kResend + 1;
  const Outcome out = world.drive(sweep, "{}", {}, [&](size_t stage) {
    if (stage == 1) (void)world.claim({World::wake(id)});
  });
  CHECK(out.sent().empty());
  CHECK(world.db.job(id, "status") == "processing");
}

TEST_CASE("The watermark moves by bounded steps, and the sweep says that there is more", "[sweep]") {
  World world;
  std::string jobs = "[";
  for (int i = 0; i < 1000; ++i) jobs += std::string(i == 0 ? "" : ",") + R"({"type":"plain","payload":1})";
  for (int i = 0; i < 6; ++i) {
    (void)world.batch(jobs + "]");
    ++world.now;
  }
  world.now += kResend;
  Outcome out = world.sweep();
  CHECK(out.step.more);
  CHECK(out.step.sends.size() == limits::kSweepDueRows);
  CHECK(world.db.number("SELECT count(*) FROM jobs WHERE wake_at IS NOT NULL") == limits::kSweepMarkRows);
  size_t sent = out.step.sends.size();
  int rounds = 1;
  for (; out.step.more && rounds < 40; ++rounds) {
    out = world.sweep();
    sent += out.step.sends.size();
  }
  CHECK(sent == 6000);
  CHECK(rounds == 13);
  CHECK(out.param_bytes_max < limits::kParamBytesMax);
}

TEST_CASE("A sweep whose answers were lost is repeated to the same end", "[sweep]") {
  World world;
  const std::string id = world.enqueue();
  (void)world.take(id);
  world.now += kResend + 1;
  SECTION("the first") {
    world.db.fail_next(std::string(kLost), true);
    CHECK(world.sweep().sent() == "JOB_QUEUE 0");
  }
  SECTION("the second") {
    const Outcome out = world.drive(sweep, "{}", {}, [&, failed = false](size_t stage) mutable {
      if (stage == 1 && !failed) world.db.fail_next(std::string(kLost), true);
      failed = failed || stage == 1;
    });
    CHECK(out.sent() == "JOB_QUEUE 0");
  }
  CHECK(world.db.job(id, "json_array(status, losses, json_array_length(history))") == R"(["pending",1,1])");
}

TEST_CASE("A sweep without a database ends, to be tried at the next tick", "[sweep]") {
  World world;
  world.db.fail_next(std::string(kLost), false, 100);
  const Outcome out = world.sweep();
  CHECK(out.step.reply.status == 503);
  CHECK_FALSE(out.step.more);
}

TEST_CASE("A revived job is sent only when its last lease is over", "[sweep]") {
  World world;
  const std::string id = world.enqueue();
  (void)world.take(id);
  (void)world.cancel(id);
  (void)world.retry(id);
  world.db.execute("UPDATE jobs SET wake_at = 1");
  const Outcome out = world.sweep();
  CHECK(out.sent() == "JOB_QUEUE 310");
  CHECK(world.db.job_number(id, "wake_at") == world.now + 310000 + kResend);
}
