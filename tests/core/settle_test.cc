// Settle: what each outcome of a handler makes of the record, the message and the queues.
#include "core/settle.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr char kError[] = R"("kind":"error","code":"http_503","message":"Busy.","retryable":true)";

std::string history(World& world, const std::string& id, int n, const std::string& member) {
  return world.db.job(id, "history ->> '$[" + std::to_string(n) + "]." + member + "'");
}

}  // namespace

TEST_CASE("A result completes its job and acknowledges the message", "[settle]") {
  World world;
  const std::string id = world.enqueue();
  const std::string run = world.take(id);
  world.now += 70;
  const Outcome out =
      world.settle({World::result(run, R"("kind":"ok","frame":0,"ms":60)", 0)}, {R"({"n":1})"});
  CHECK(out.round_trips == 1);
  CHECK(out.changed == 2);  // the job and its counter
  CHECK(out.mark(0) == "ack");
  CHECK(out.sent().empty());
  CHECK(world.db.job(
            id, "json_array(status, result, result_size, completed_at, progress, lease_until, wake_at)") ==
        R"(["completed","{\"n\":1}",7,)" + std::to_string(world.now) + ",100,null,null]");
  CHECK(world.db.text("SELECT ring FROM counters") ==
        "[[" + std::to_string(world.now / limits::kRingBucketMs) + ",1,0,60]]");
}

TEST_CASE("A plain job costs six written rows from enqueue to completed, three of them its own", "[settle]") {
  World world;
  const Outcome admitted = world.admit("plain", "{}");
  const Outcome claimed = world.claim(admitted.bodies());
  const Outcome settled = world.complete(claimed.step.runs[0]);
  CHECK(admitted.changed + claimed.changed + settled.changed == 6);
}

TEST_CASE("A long result lives in the side table", "[settle]") {
  World world;
  const std::string id = world.enqueue();
  const std::string result = "\"" + std::string(10'000, 'x') + "\"";
  (void)world.settle({World::result(world.take(id), R"("kind":"ok","frame":0)")}, {result});
  CHECK(world.db.job(id, "coalesce(result, 'none') || result_size") == "none10002");
  CHECK(world.job(id)["result"].raw() == result);
}

TEST_CASE("A handler that returns nothing completes with null", "[settle]") {
  World world;
  const std::string id = world.enqueue();
  (void)world.settle({World::result(world.take(id), R"("kind":"ok","frame":0)")}, {"null"});
  CHECK(world.db.job(id, "status || result_size") == "completed4");
  CHECK(world.job(id)["result"].is(json::Kind::null));
}

TEST_CASE("A result over a mebibyte or that is no JSON fails the job for good", "[settle]") {
  World world;
  const std::string large = world.enqueue();
  (void)world.settle({World::result(world.take(large), R"("kind":"ok","frame":0)")},
                     {"\"" + std::string(limits::kResultBytesMax, 'x') + "\""});
  CHECK(world.db.job(large, "status || ' ' || (last_error ->> 'code')") == "failed result_too_large");
  const std::string broken = world.enqueue();
  (void)world.settle({World::result(world.take(broken), R"("kind":"ok","frame":0)")}, {"{"});
  CHECK(world.db.job(broken, "status || ' ' || (last_error ->> 'code')") == "failed result_invalid");
}

TEST_CASE("A failed attempt of a sole job asks the platform to deliver again after the backoff", "[settle]") {
  World world;
  const std::string id = world.enqueue();
  const std::string run = world.take(id);
  world.now += 10;
  const Outcome out = world.end(run, kError);
  CHECK(out.mark(0) == "retry 1");
  CHECK(out.sent().empty());
  CHECK(world.db.job(id, "json_array(status, run_at, wake_at, attempts, lease_until, completed_at)") ==
        R"(["delayed",)" + std::to_string(world.now + 1000) + "," + std::to_string(world.now + 901000) +
            ",1,null,null]");
  CHECK(world.db.job(id, "last_error") == R"({"code":"http_503","message":"Busy.","retryable":true})");
  CHECK(history(world, id, 0, "outcome") == "failed");
  CHECK(history(world, id, 0, "attempt") == "1");
  CHECK(history(world, id, 0, "delayMs") == "1000");
  CHECK(history(world, id, 0, "error.code") == "http_503");
}

TEST_CASE("The backoff grows with the attempts, within its jitter", "[settle]") {
  World world;
  const std::string id = world.enqueue("scrape_request");
  for (const int64_t base : {10000, 20000, 40000}) {
    (void)world.end(world.take(id, "scraping-tasks"), kError, "scraping-tasks");
    const int64_t delay = world.db.job_number(id, "run_at") - world.now;
    CHECK(delay >= base - base / 10);
    CHECK(delay <= base + base / 10);
    world.now += delay;
  }
  const Outcome out = world.end(world.take(id, "scraping-tasks"), kError, "scraping-tasks");
  CHECK(world.db.job(id, "status") == "failed");
  CHECK(out.sent() == "SCRAPING_DLQ 0");
}

TEST_CASE("A job's own backoff takes the place of its type's", "[settle]") {
  World world;
  const std::string id =
      world.enqueue("plain", R"(,"backoff":{"type":"linear","delay":7000,"maxDelay":10000})");
  CHECK(world.end(world.take(id), kError).mark(0) == "retry 7");
  world.now += 7000;
  CHECK(world.end(world.take(id), kError).mark(0) == "retry 10");
}

TEST_CASE("A packed job is sent anew instead", "[settle]") {
  World world;
  const std::string a = world.enqueue();
  const std::string b = world.enqueue();
  const Outcome claimed = world.claim({R"({"jobs":[)" + World::wake(a) + "," + World::wake(b) + "]}"});
  REQUIRE(claimed.step.runs.size() == 2);
  const Outcome out = world.settle({World::result(claimed.step.runs[0], kError),
                                    World::result(claimed.step.runs[1], R"("kind":"ok","frame":0)")},
                                   {"1"});
  CHECK(out.mark(0) == "ack, ack");
  CHECK(out.sent() == "JOB_QUEUE 1");
  CHECK(Json(out.step.sends[0].body).text("id") == a);
}

TEST_CASE("The platform's deliveries do not limit the job's attempts", "[settle]") {
  for (const int64_t deliveries : {3, 4, 9}) {
    World world;
    const std::string id = world.enqueue();
    const Outcome claimed = world.claim({World::wake(id)}, deliveries);
    const Outcome out = world.end(claimed.step.runs[0], kError);
    CHECK(out.mark(0) == (deliveries <= 3 ? "retry 1" : "ack"));
    CHECK(out.sent() == (deliveries <= 3 ? "" : "JOB_QUEUE 1"));
  }
}

TEST_CASE("retryAfterMs takes the place of the backoff; beyond a day nothing is sent yet", "[settle]") {
  World world;
  const std::string id = world.enqueue();
  const std::string wish = std::string(kError) + R"(,"retryAfterMs":)";
  CHECK(world.end(world.take(id), wish + "0").mark(0) == "retry 0");
  CHECK(world.db.job(id, "status") == "pending");
  CHECK(world.end(world.take(id), wish + "2500").mark(0) == "retry 3");
  CHECK(world.db.job_number(id, "run_at") == world.now + 2500);

  const std::string far = world.enqueue();
  const Outcome out = world.end(world.take(far), wish + "90000000");
  CHECK(out.mark(0) == "ack");
  CHECK(out.sent().empty());
  CHECK(world.db.job_number(far, "wake_at") == world.now + 90000000 - limits::kSendAheadMs);

  const std::string farther = world.enqueue();
  (void)world.end(world.take(farther), wish + "900000000000");
  CHECK(world.db.job_number(farther, "run_at") == world.now + limits::kRetryAfterMsMax);
}

TEST_CASE("A fatal error fails the job, writes its dead letter and sends it with the fencing token",
          "[settle]") {
  World world;
  const std::string id = world.enqueue("plain", R"(,"correlationId":"c")");
  const std::string run = world.take(id);
  world.now += 5;
  const Outcome out = world.fail(run);
  CHECK(out.mark(0) == "ack");
  CHECK(out.sent() == "JOB_DLQ 0");
  const Json body(out.step.sends[0].body);
  CHECK(body.text("id") == id);
  CHECK(body["metadata"].find("sluice").find("fence").integer() == 1);
  CHECK(body["metadata"].find("correlationId").text() == "c");
  CHECK(world.db.job(id, "json_array(status, attempts, completed_at, wake_at, lease_until)") ==
        R"(["failed",1,)" + std::to_string(world.now) + "," + std::to_string(world.now + 900000) + ",null]");
  CHECK(world.db.text(
            "SELECT json_array(id, fence, type, queue, attempts, max_attempts, last_error ->> 'code', "
            "failed_at, buried_at) FROM dead_letters") ==
        R"([")" + id + R"(",1,"plain","background-jobs",1,3,"broken",)" + std::to_string(world.now) +
            ",null]");
}

TEST_CASE("The last attempt fails the job whatever the error says", "[settle]") {
  World world;
  const std::string id = world.enqueue("single");
  const Outcome out = world.end(world.take(id), kError);
  CHECK(world.db.job(id, "status") == "failed");
  CHECK(out.sent() == "JOB_DLQ 0");
}

TEST_CASE("A snooze waits without spending an attempt, by a message of its own", "[settle]") {
  World world;
  const std::string id = world.enqueue("single");
  const Outcome out =
      world.end(world.take(id), R"("kind":"snooze","code":"busy","message":"Later.","delayMs":60000)");
  CHECK(out.mark(0) == "ack");
  CHECK(out.sent() == "JOB_QUEUE 60");
  CHECK(world.db.job(id, "json_array(status, attempts, run_at, last_error)") ==
        R"(["delayed",0,)" + std::to_string(world.now + 60000) + ",null]");
  CHECK(history(world, id, 0, "outcome") == "snoozed");
  CHECK(world.db.text("SELECT ring ->> '$[0][2]' FROM counters") == "0");
  world.now += 60000;
  CHECK(Json(world.take(id))["job"].find("attempt").integer() == 1);
}

TEST_CASE("A job that was not begun goes back untouched and is sent at once", "[settle]") {
  World world;
  const std::string id = world.enqueue();
  const Outcome out = world.end(world.take(id), R"("kind":"unstarted")");
  CHECK(out.mark(0) == "ack");
  CHECK(out.sent() == "JOB_QUEUE 0");
  CHECK(world.db.job(id, "json_array(status, attempts, fence, history, lease_until)") ==
        R"(["pending",0,1,null,null])");
}

TEST_CASE("A timeout is an error that may be tried again", "[settle]") {
  World world;
  const std::string id = world.enqueue("plain", R"(,"timeoutMs":1500)");
  CHECK(world.end(world.take(id), R"("kind":"timeout")").mark(0) == "retry 1");
  CHECK(world.db.job(id, "last_error") ==
        R"({"code":"timeout","message":"Not done within 1500 ms.","retryable":true})");
}

TEST_CASE("A handler that was stopped frees the lease of its cancelled job", "[settle]") {
  World world;
  const std::string id = world.enqueue();
  const std::string run = world.take(id);
  (void)world.cancel(id);
  CHECK(world.db.job(id, "lease_until IS NOT NULL") == "1");
  const Outcome out = world.end(run, R"("kind":"stopped")");
  CHECK(out.mark(0) == "ack");
  CHECK(world.db.job(id, "json_array(status, lease_until)") == R"(["cancelled",null])");
}

TEST_CASE("A stopped handler frees nobody else's lease", "[settle]") {
  World world;
  const std::string id = world.enqueue();
  const std::string run = world.take(id);
  world.now += 400000;
  world.db.execute("UPDATE jobs SET wake_at = 1");
  (void)world.sweep();
  (void)world.take(id);
  (void)world.end(run, R"("kind":"stopped")");
  CHECK(world.db.job(id, "status || (lease_until IS NOT NULL)") == "processing1");
}

TEST_CASE("After a later lease an old result changes nothing", "[settle]") {
  World world;
  const std::string id = world.enqueue();
  const std::string old = world.take(id);
  world.now += 400000;
  world.db.execute("UPDATE jobs SET wake_at = 1");
  (void)world.sweep();
  REQUIRE(world.db.job(id, "status") == "pending");
  SECTION("before the job is leased again") {
    const Outcome out = world.complete(old);
    CHECK(out.changed == 0);
    CHECK(out.mark(0) == "ack");
    CHECK(world.db.job(id, "status") == "pending");
  }
  SECTION("while it is leased again") {
    (void)world.take(id);
    for (const char* verdict :
         {R"("kind":"ok","frame":0)", kError, R"("kind":"snooze")", R"("kind":"unstarted")"}) {
      const Outcome out = world.end(old, verdict);
      CHECK(out.changed == 0);
      CHECK(out.mark(0) == "ack");
      CHECK(out.sent().empty());
    }
    CHECK(world.db.job(id, "status || fence") == "processing2");
  }
}

TEST_CASE("The result of a job that was cancelled meanwhile is dropped", "[settle]") {
  World world;
  const std::string id = world.enqueue();
  const std::string run = world.take(id);
  (void)world.cancel(id);
  const Outcome out = world.complete(run);
  CHECK(out.changed == 0);
  CHECK(out.mark(0) == "ack");
  CHECK(world.db.job(id, "json_array(status, result)") == R"(["cancelled",null])");
}

TEST_CASE("The history keeps the newest fifty entries in order", "[settle]") {
  World world;
  const std::string id = world.enqueue("plain", R"(,"maxAttempts":100,"backoff":{"type":"fixed","delay":0})");
  for (int i = 0; i < 60; ++i) (void)world.end(world.take(id), kError);
  CHECK(world.db.job(id, "json_array_length(history)") == "50");
  CHECK(history(world, id, 0, "attempt") == "11");
  CHECK(history(world, id, 49, "attempt") == "60");
}

TEST_CASE("A long error message is cut at a character's start", "[settle]") {
  World world;
  const std::string id = world.enqueue();
  std::string message = "a";
  for (int i = 0; i < 2000; ++i) message += "é";
  (void)world.end(world.take(id), R"("kind":"error","code":"x","message":")" + message + "\"");
  const std::string kept = world.db.job(id, "last_error ->> 'message'");
  CHECK(kept.size() == 1999);
  CHECK(kept == message.substr(0, 1999));
}

TEST_CASE("A settle whose answer was lost is repeated to the same end", "[settle]") {
  World world;
  const std::string a = world.enqueue();
  const std::string b = world.enqueue();
  const std::string c = world.enqueue();
  const std::vector<std::string> runs = {world.take(a), world.take(b), world.take(c)};
  world.db.fail_next(std::string(kLost), true, 3);
  const Outcome out =
      world.settle({World::result(runs[0], R"("kind":"ok","frame":0)", 0), World::result(runs[1], kError, 1),
                    World::result(runs[2], R"("kind":"error","retryable":false)", 2)},
                   {"1"});
  CHECK(out.changed == 0);
  CHECK(out.mark(0) == "ack");
  CHECK(out.mark(1) == "retry 1");
  CHECK(out.mark(2) == "ack");
  CHECK(out.sent() == "JOB_DLQ 0");
  CHECK(world.db.job(b, "json_array_length(history) || attempts") == "11");
  CHECK(world.db.text("SELECT json_array(ring ->> '$[0][1]', ring ->> '$[0][2]') FROM counters") == "[1,2]");
}

TEST_CASE("A settle goes on trying until its deadline, then leaves the messages to come again", "[settle]") {
  World world;
  const std::string id = world.enqueue();
  const std::string result = World::result(world.take(id), R"("kind":"ok","frame":0)");
  world.db.fail_next(std::string(kLost), false, 1000);
  const Outcome out = world.settle({result}, {"{}"}, "background-jobs", world.now + 840000);
  CHECK(out.mark(0) == "retry 30");
  CHECK(world.db.job(id, "status") == "processing");
  int64_t waited = 0;
  for (const int64_t pause : out.pauses) waited += pause;
  CHECK(waited < 840000);
  CHECK(waited >= 840000 - limits::kStoreRetryMsMax);
}

TEST_CASE("A result outlasts an outage that is longer than its lease", "[settle]") {
  World world;
  const std::string id = world.enqueue();
  const std::string result = World::result(world.take(id), R"("kind":"ok","frame":0)");
  world.db.fail_next(std::string(kLost), false, 80);
  const Outcome out = world.settle({result}, {"{}"}, "background-jobs", world.now + 840000);
  CHECK(out.mark(0) == "ack");
  CHECK(out.round_trips == 81);
  CHECK(world.db.job(id, "json_array(status, losses, attempts)") == R"(["completed",0,1])");
}

TEST_CASE("A settle that begins after its deadline still tries as often as any step", "[settle]") {
  World world;
  const std::string result = World::result(world.take(world.enqueue()), R"("kind":"ok","frame":0)");
  world.db.fail_next(std::string(kLost), false, 100);
  CHECK(world.settle({result}, {"{}"}, "background-jobs", world.now - 1).round_trips ==
        limits::kStoreTriesMax);
}

TEST_CASE("An error that does not pass ends a settle at once", "[settle]") {
  World world;
  const std::string result = World::result(world.take(world.enqueue()), R"("kind":"ok","frame":0)");
  world.db.fail_next("D1_ERROR: malformed JSON", false, 100);
  CHECK(world.settle({result}, {"{}"}, "background-jobs", world.now + 840000).round_trips == 1);
}

TEST_CASE("The ring holds the last five minutes", "[settle]") {
  World world;
  for (int i = 0; i < 20; ++i) {
    (void)world.complete(world.take(world.enqueue()));
    world.now += limits::kRingBucketMs;
  }
  CHECK(world.db.number("SELECT json_array_length(ring) FROM counters") <= limits::kRingBuckets + 1);
  const Json health = world.query("queues").reply();
  CHECK(health["averageProcessingTime"].raw() == "40.0");
  CHECK(health["processingRate"].raw() == "0.03");  // 9 in 300 s: the present bucket is empty
}

TEST_CASE("A retry without jitter or delay leaves the job ready", "[settle]") {
  World world;
  const std::string id = world.enqueue("plain", R"(,"backoff":{"type":"fixed","delay":0})");
  CHECK(world.end(world.take(id), kError).mark(0) == "retry 0");
  CHECK(world.db.job(id, "json_array(status, run_at)") == R"(["pending",null])");
  CHECK(world.claim({World::wake(id)}, 2).step.runs.size() == 1);
}
