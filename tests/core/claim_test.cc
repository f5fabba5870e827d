// Claim: what each kind of message leads to, and that nobody runs a job twice.
#include "core/claim.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("A pending job is leased and handed over with its payload", "[claim]") {
  World world;
  const std::string id =
      world.admit("plain", R"({"a":1})", R"(,"tags":["t"],"userId":"u")").reply().text("jobId");
  world.now += 500;
  const Outcome out = world.claim({World::wake(id)});
  CHECK(out.round_trips == 1);
  CHECK(out.changed == 2);  // the job and its counter
  CHECK(out.mark(0).empty());
  REQUIRE(out.step.runs.size() == 1);
  const Json run(out.step.runs[0]);
  CHECK(run.text("id") == id);
  CHECK(run["fence"].integer() == 1);
  CHECK(run["leaseUntil"].integer() == world.now + 300000);
  CHECK(run["timeoutMs"].integer() == 30000);
  CHECK(run["record"].at(2).truth());
  CHECK_FALSE(run["alone"].truth());
  CHECK(run["job"].find("attempt").integer() == 1);
  CHECK(run["job"].find("tags").raw() == R"(["t"])");
  CHECK(run["job"].find("correlationId").text() == id);
  REQUIRE(out.host.size() == 1);
  CHECK(out.host[0].id == id);
  CHECK(out.host[0].payload == R"({"a":1})");
  CHECK(out.host[0].checkpoint == "null");
  CHECK(world.db.job(id, "json_array(status, attempts, fence, leased_by, started_at, wake_at)") ==
        R"(["processing",1,1,"w1",)" + std::to_string(world.now) + ",null]");
}

TEST_CASE("A long payload comes from the side table", "[claim]") {
  World world;
  const std::string payload = "\"" + std::string(200'000, 'x') + "\"";
  const Outcome admitted = world.admit("plain", payload);
  const Outcome out = world.claim(admitted.bodies());
  REQUIRE(out.host.size() == 1);
  CHECK(out.host[0].payload == payload);
}

TEST_CASE("A delayed job whose time has come is leased", "[claim]") {
  World world;
  const std::string id = world.enqueue("plain", R"(,"delaySeconds":10)");
  world.now += 10000;
  CHECK(world.claim({World::wake(id)}).step.runs.size() == 1);
  CHECK(world.db.job_number(id, "wake_at") == world.now + 300000 + limits::kClockSkewMs);
}

TEST_CASE("A message that comes too early is acknowledged and sent anew with the delay that is left",
          "[claim]") {
  World world;
  const std::string id = world.enqueue("plain", R"(,"delaySeconds":10)");
  world.now += 3500;
  const Outcome out = world.claim({World::wake(id)});
  CHECK(out.step.runs.empty());
  CHECK(out.mark(0) == "ack");
  CHECK(out.sent() == "JOB_QUEUE 7");
  CHECK(out.changed == 0);
}

TEST_CASE("A message for a job of the day after tomorrow is acknowledged: the sweep sends it", "[claim]") {
  World world;
  const std::string id = world.enqueue("plain", R"(,"delaySeconds":200000)");
  const Outcome out = world.claim({World::wake(id)});
  CHECK(out.mark(0) == "ack");
  CHECK(out.sent().empty());
}

TEST_CASE("Duplicates in one batch make one run; the others are acknowledged", "[claim]") {
  World world;
  const std::string id = world.enqueue();
  const Outcome out = world.claim({World::wake(id), World::wake(id), World::wake(id)});
  CHECK(out.step.runs.size() == 1);
  CHECK(out.mark(0).empty());
  CHECK(out.mark(1) == "ack");
  CHECK(out.mark(2) == "ack");
  CHECK(world.db.job_number(id, "attempts") == 1);
}

TEST_CASE("A job that another worker holds is acknowledged", "[claim]") {
  World world;
  const std::string id = world.enqueue();
  (void)world.take(id);
  const Outcome out = world.claim({World::wake(id)}, 1, "background-jobs", "w2");
  CHECK(out.step.runs.empty());
  CHECK(out.mark(0) == "ack");
  CHECK(out.changed == 0);
  CHECK(world.db.job(id, "leased_by || fence") == "w11");
}

TEST_CASE("A redelivery under another's lease has the sweep look when that is over", "[claim]") {
  World world;
  const std::string id = world.enqueue();
  (void)world.take(id);
  const int64_t lease = world.db.job_number(id, "lease_until");
  const Outcome out = world.claim({World::wake(id)}, 2, "background-jobs", "w2");
  CHECK(out.mark(0) == "ack");
  CHECK(world.db.job_number(id, "wake_at") == lease + limits::kClockSkewMs);
}

TEST_CASE("Final, unknown and buried jobs are acknowledged and nothing is written", "[claim]") {
  World world;
  const std::string done = world.enqueue();
  (void)world.complete(world.take(done));
  const std::string dead = world.enqueue();
  (void)world.fail(world.take(dead));
  const std::string gone = world.enqueue();
  (void)world.cancel(gone);
  const Outcome out =
      world.claim({World::wake(done), World::wake(dead), World::wake(gone),
                   World::wake("01800000-0000-7000-8000-000000000000"), World::wake(dead, 1)});
  CHECK(out.step.runs.empty());
  for (int64_t i = 0; i < 5; ++i) CHECK(out.mark(i) == "ack");
  CHECK(out.changed == 0);
  CHECK(out.sent().empty());
}

TEST_CASE("A cancelled job that is retried waits for its old lease", "[claim]") {
  World world;
  const std::string id = world.enqueue();
  (void)world.take(id);
  (void)world.cancel(id);
  const Outcome revived = world.retry(id);
  CHECK(revived.sent() == "JOB_QUEUE 310");
  world.now += 100000;
  const Outcome early = world.claim({World::wake(id)});
  CHECK(early.step.runs.empty());
  CHECK(early.mark(0) == "ack");
  CHECK(early.sent() == "JOB_QUEUE 210");
  world.now += 210000;
  const Outcome out = world.claim({World::wake(id)});
  REQUIRE(out.step.runs.size() == 1);
  CHECK(Json(out.step.runs[0])["fence"].integer() == 2);
}

TEST_CASE("A foreign envelope is adopted, run, and found by both ids", "[claim]") {
  World world;
  const Outcome out =
      world.claim({World::foreign("theirs", R"({"a":1})", R"({"priority":"high","maxRetries":6,
    "timeoutMs":5000,"correlationId":"c","userId":"u"})")});
  CHECK(out.round_trips == 1);
  REQUIRE(out.step.runs.size() == 1);
  const Json run(out.step.runs[0]);
  const std::string id = run.text("id");
  CHECK(out.host[0].payload == R"({"a":1})");
  CHECK(world.db.job(id,
                     "json_array(status, priority, max_attempts, timeout_ms, correlation_id, unique_key)") ==
        R"(["processing",3,7,5000,"c","ext:theirs"])");
  CHECK(world.job("theirs").text("jobId") == id);
  CHECK(world.job(id).text("jobId") == id);
}

TEST_CASE("A foreign envelope that comes again is the same job", "[claim]") {
  World world;
  const Outcome first = world.claim({World::foreign("f"), World::foreign("f")});
  REQUIRE(first.step.runs.size() == 1);
  CHECK(first.mark(1) == "ack");
  CHECK(world.claim({World::foreign("f")}, 2).mark(0) == "ack");
  (void)world.complete(first.step.runs[0]);
  world.now += 1000;
  CHECK(world.claim({World::foreign("f")}).mark(0) == "ack");
  CHECK(world.db.number("SELECT count(*) FROM jobs") == 1);
}

TEST_CASE("Foreign envelopes are adopted into a full queue: they were accepted already", "[claim]") {
  const auto config = make_config(R"({"MAX_PENDING_PER_QUEUE":"1"})");
  World world(*config);
  (void)world.enqueue();
  CHECK(world.claim({World::foreign("a"), World::foreign("b")}).step.runs.size() == 2);
}

TEST_CASE("A message that is no job is archived once with its raw body", "[claim]") {
  World world;
  const std::vector<std::string> bodies = {
      "{\"a\":", R"({"id":"x","type":"nobody","payload":1,"metadata":{}})", std::string("\xff\x00\xfe", 3),
      "[]", "\"\xc3\xa9\""};
  const Outcome out = world.claim(bodies);
  for (int64_t i = 0; i < 5; ++i) CHECK(out.mark(i) == "ack");
  CHECK(out.step.runs.empty());
  CHECK(out.step.logs.size() == 5);
  const auto kept = [&](const std::string& n, const std::string& what) {
    return world.db.text("SELECT " + what + " FROM dead_letters WHERE id = 'message:background-jobs:m" + n +
                         "'");
  };
  CHECK(kept("0", "body") == bodies[0]);
  CHECK(kept("0", "last_error ->> 'code'") == "unexpected_end");
  CHECK(kept("1", "last_error ->> 'code'") == "unknown_type");
  CHECK(kept("1", "body") == bodies[1]);
  CHECK(kept("2", "body") == "hex:ff00fe");
  CHECK(kept("4", "body") == bodies[4]);
  CHECK(kept("0", "buried_at IS NOT NULL") == "1");

  (void)world.claim(bodies, 2);
  CHECK(world.db.number("SELECT count(*) FROM dead_letters") == 5);
  CHECK(kept("0", "attempts") == "1");
}

TEST_CASE("A packed message leads to as many runs, and its bad parts are archived", "[claim]") {
  World world;
  const std::string a = world.enqueue();
  const std::string b = world.enqueue();
  const std::string packed =
      R"({"jobs":[)" + World::wake(a) + ",7," + World::wake(b) + "," + World::foreign("f") + ",8]}";
  const Outcome out = world.claim({packed});
  CHECK(out.step.runs.size() == 3);
  CHECK(out.mark(0).empty());
  for (const std::string& run : out.step.runs) {
    CHECK_FALSE(Json(run)["sole"].truth());
    CHECK(Json(run)["message"].integer() == 0);
  }
  CHECK(
      world.db.text("SELECT group_concat(id || ' ' || body) FROM (SELECT * FROM dead_letters ORDER BY id)") ==
      "message:background-jobs:m0#1 7,message:background-jobs:m0#4 8");
}

TEST_CASE("A full batch of packed messages is one round trip", "[claim]") {
  World world;
  std::string jobs = "[";
  for (int i = 0; i < 500; ++i) jobs += std::string(i == 0 ? "" : ",") + R"({"type":"plain","payload":1})";
  const Outcome admitted = world.batch(jobs + "]");
  REQUIRE(admitted.step.sends.size() == 100);
  const Outcome out = world.claim(admitted.bodies());
  CHECK(out.round_trips == 1);
  CHECK(out.step.runs.size() == 500);
  CHECK(out.step.marks.empty());
}

TEST_CASE("While the database is away claim pauses, then returns every message", "[claim]") {
  World world;
  const std::string id = world.enqueue();
  world.db.fail_next(std::string(kLost), false, 100);
  const Outcome out = world.claim({World::wake(id), "{"});
  CHECK(out.pauses == std::vector<int64_t>{100, 200, 400, 800, 1600});
  CHECK(out.mark(0) == "retry 30");
  CHECK(out.mark(1) == "retry 30");
  CHECK(out.step.runs.empty());
  CHECK_FALSE(out.step.bisect);
}

TEST_CASE("An error that does not pass has a batch split, a single message returned", "[claim]") {
  World world;
  const std::string id = world.enqueue();
  world.db.fail_next("D1_ERROR: malformed JSON", false);
  CHECK(world.claim({World::wake(id), World::wake(id)}).step.bisect);
  world.db.fail_next("D1_ERROR: malformed JSON", false);
  const Outcome out = world.claim({World::wake(id)});
  CHECK_FALSE(out.step.bisect);
  CHECK(out.mark(0) == "retry 30");
}

TEST_CASE("A claim whose answer was lost gives the same runs when it is repeated", "[claim]") {
  World world;
  const std::string id = world.enqueue();
  world.db.fail_next(std::string(kLost), true, 2);
  const Outcome out = world.claim({World::wake(id), World::foreign("f"), "{"}, 2);
  CHECK(out.step.runs.size() == 2);
  CHECK(out.host.size() == 2);
  CHECK(out.changed == 0);
  CHECK(world.db.job(id, "attempts || ' ' || fence || ' ' || coalesce(wake_at, 'unwatched')") ==
        "1 1 unwatched");
}

TEST_CASE("A job whose lease was lost twice runs alone", "[claim]") {
  World world;
  const std::string id = world.enqueue();
  (void)world.take(id);
  for (const bool alone : {false, true}) {
    for (int tick = 0; tick < 2; ++tick) {
      world.now += 1000000;
      (void)world.sweep();
    }
    const Outcome out = world.claim({World::wake(id)});
    REQUIRE(out.step.runs.size() == 1);
    CHECK(Json(out.step.runs[0])["alone"].truth() == alone);
  }
}

TEST_CASE("A checkpoint comes with the next attempt", "[claim]") {
  World world;
  const std::string id = world.enqueue();
  const std::string run = world.take(id);
  (void)world.drive(pulse,
                    R"({"runs":[{"id":")" + id + R"(","fence":1,"leaseUntil":)" +
                        std::to_string(world.now + 300000) + R"(,"frame":0}]})",
                    {R"({"page":3})"});
  (void)world.end(run, R"("kind":"unstarted")");
  const Outcome out = world.claim({World::wake(id)});
  REQUIRE(out.host.size() == 1);
  CHECK(out.host[0].checkpoint == R"({"page":3})");
}

TEST_CASE("An empty batch asks for nothing", "[claim]") {
  World world;
  const Outcome out = world.claim({});
  CHECK(out.round_trips == 0);
  CHECK(out.step.marks.empty());
}
