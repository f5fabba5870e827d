// Admission: requests against the real schema, first run, repeated, and refused.
#include "core/admit.h"

#include "core/id.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

std::string many(int count, const std::string& job) {
  std::string out = "[";
  for (int i = 0; i < count; ++i) out += (i == 0 ? "" : ",") + job;
  return out + "]";
}

constexpr char kPlain[] = R"({"type":"plain","payload":{}})";

}  // namespace

TEST_CASE("A plain job is recorded, sent whole, and watched by nothing but the watermark", "[admit]") {
  World world;
  const Outcome out = world.admit("plain", R"({"a":1})", R"(,"tags":["x"],"userId":"u")");
  CHECK(out.step.reply.status == 201);
  CHECK(out.round_trips == 1);
  CHECK(out.changed == 2);  // the job and its counter
  const std::string id = out.reply().text("jobId");
  CHECK(is_id(id));
  CHECK(out.reply().text("status") == "pending");
  CHECK(
      world.db.job(
          id, "json_array(status, payload, payload_size, wake_at, run_at, fence, attempts, tags, user_id)") ==
      R"(["pending","{\"a\":1}",7,null,null,0,0,"[\"x\"]","u"])");
  REQUIRE(out.sent() == "JOB_QUEUE 0");
  const Json body(out.step.sends[0].body);
  CHECK(body.text("id") == id);
  CHECK(body["payload"].raw() == R"({"a":1})");
  CHECK(body["metadata"].find("scheduledAt").integer() == kStart);
  CHECK(body["metadata"].find("maxRetries").integer() == 2);
  CHECK(body["metadata"].find("correlationId").text() == id);
}

TEST_CASE("Urgent jobs take the type's urgent queue and attempts", "[admit]") {
  World world;
  const Outcome out = world.admit("scrape_request", "{}", R"(,"priority":"urgent")");
  const std::string id = out.reply().text("jobId");
  CHECK(out.sent() == "PRIORITY_SCRAPING_QUEUE 0");
  CHECK(world.db.job(id, "queue || ' ' || transport || ' ' || max_attempts || ' ' || priority") ==
        "scraping-priority scraping-priority 6 1");
  CHECK(world.admit("scrape_request", "{}", R"(,"priority":2)").sent() == "SCRAPING_QUEUE 0");
}

TEST_CASE("A delayed job is sent with its delay and watched after its time", "[admit]") {
  World world;
  const Outcome out = world.admit("plain", "{}", R"(,"delaySeconds":90.5)");
  const std::string id = out.reply().text("jobId");
  CHECK(out.reply().text("status") == "delayed");
  CHECK(out.sent() == "JOB_QUEUE 91");
  CHECK(world.db.job_number(id, "run_at") == kStart + 90500);
  CHECK(world.db.job_number(id, "wake_at") == kStart + 90500 + 900000);
}

TEST_CASE("A job beyond a queue's longest delay is not sent but watched ahead of its time", "[admit]") {
  World world;
  CHECK(world.admit("plain", "{}", R"(,"delaySeconds":86400)").sent() == "JOB_QUEUE 86400");
  const Outcome out = world.admit("plain", "{}", R"(,"delaySeconds":86401)");
  CHECK(out.sent().empty());
  CHECK(world.db.job_number(out.reply().text("jobId"), "wake_at") ==
        kStart + 86401000 - limits::kSendAheadMs);
}

TEST_CASE("A time that has passed is now", "[admit]") {
  World world;
  const Outcome out = world.admit("plain", "{}", R"(,"runAt":"2020-01-01T00:00:00Z")");
  CHECK(out.reply().text("status") == "pending");
  CHECK(out.sent() == "JOB_QUEUE 0");
}

TEST_CASE("Payloads over 4096 bytes live in the side table", "[admit]") {
  World world;
  const std::string inlined = "\"" + std::string(4094, 'x') + "\"";
  const std::string longer = "\"" + std::string(4095, 'x') + "\"";
  const std::string small = world.admit("plain", inlined).reply().text("jobId");
  const Outcome out = world.admit("plain", longer);
  const std::string large = out.reply().text("jobId");
  CHECK(world.db.job(small, "payload") == inlined);
  CHECK(world.db.job(large, "coalesce(payload, 'none') || payload_size") == "none4097");
  CHECK(world.db.text("SELECT body FROM bodies WHERE job_id = '" + large + "' AND kind = 'payload'") ==
        longer);
  CHECK(world.db.number("SELECT count(*) FROM bodies") == 1);
  CHECK(Json(out.step.sends[0].body)["payload"].raw() == longer);
  CHECK(world.job(large)["payload"].raw() == longer);
}

TEST_CASE("A payload too long for a message is referred to", "[admit]") {
  World world;
  const Outcome out = world.admit("plain", "\"" + std::string(100'000, 'x') + "\"");
  const Json body(out.step.sends[0].body);
  CHECK(body["payload"].is(json::Kind::null));
  CHECK(body.text("payloadRef") == "d1");
  CHECK(out.step.sends[0].body.size() < 1000);
}

TEST_CASE("A payload of a mebibyte is taken, one byte more is too large", "[admit]") {
  World world;
  const std::string body(limits::kPayloadBytesMax - 2, 'x');
  CHECK(world.admit("plain", "\"" + body + "\"").step.reply.status == 201);
  const Outcome out = world.admit("plain", "\"" + body + "x\"");
  CHECK(out.step.reply.status == 413);
  CHECK(out.reply()["errors"].at(0).find("code").text() == "payload_too_large");
}

TEST_CASE("A unique key keeps the first job while it is kept", "[admit]") {
  World world;
  const std::string id = world.enqueue("plain", R"(,"uniqueKey":"k")");
  const Outcome again = world.admit("plain", R"({"other":1})", R"(,"uniqueKey":"k")");
  CHECK(again.step.reply.status == 200);
  CHECK(again.reply().text("jobId") == id);
  CHECK(again.reply()["duplicate"].truth());
  CHECK(again.sent().empty());
  CHECK(again.changed == 0);

  (void)world.complete(world.take(id));
  CHECK(world.admit("plain", "{}", R"(,"uniqueKey":"k")").reply().text("status") == "completed");
  CHECK(world.db.number("SELECT count(*) FROM jobs") == 1);
}

TEST_CASE("A unique key is free again when its window is over or its job is pruned", "[admit]") {
  World world;
  const std::string windowed = R"(,"uniqueKey":"k","uniqueForSeconds":60)";
  const std::string first = world.enqueue("plain", windowed);
  world.now += 59999;
  CHECK(world.admit("plain", "{}", windowed).step.reply.status == 200);
  world.now += 1;
  const Outcome second = world.admit("plain", "{}", windowed);
  CHECK(second.step.reply.status == 201);
  CHECK(second.reply().text("jobId") != first);

  const std::string kept = world.enqueue("plain", R"(,"uniqueKey":"other")");
  world.db.execute("DELETE FROM jobs WHERE id = '" + kept + "'");
  world.db.execute("UPDATE counters SET pending = pending - 1");
  CHECK(world.admit("plain", "{}", R"(,"uniqueKey":"other")").step.reply.status == 201);
}

TEST_CASE("A unique key, an idempotency key and a foreign id never meet", "[admit]") {
  World world;
  CHECK(world.admit("plain", "{}", R"(,"uniqueKey":"k")").step.reply.status == 201);
  CHECK(world.admit("plain", "{}", "", R"({"idempotencyKey":"k"})").step.reply.status == 201);
  CHECK(world.claim({World::foreign("k")}).step.runs.size() == 1);
}

TEST_CASE("A request's idempotency key gives the first answer again", "[admit]") {
  World world;
  const std::string key = R"({"idempotencyKey":"abc"})";
  const Outcome first = world.admit("plain", "{}", "", key);
  world.now += 1000;
  const Outcome again = world.admit("plain", "{}", "", key);
  CHECK(first.step.reply.status == 201);
  CHECK(again.step.reply.status == 200);
  CHECK(again.reply().text("jobId") == first.reply().text("jobId"));

  const Outcome jobs = world.batch(many(2, kPlain), key);
  CHECK(jobs.reply()["jobs"].at(0).find("jobId").text() != jobs.reply()["jobs"].at(1).find("jobId").text());
  const Outcome repeated = world.batch(many(2, kPlain), key);
  CHECK(repeated.reply()["jobs"].at(1).find("jobId").text() ==
        jobs.reply()["jobs"].at(1).find("jobId").text());
  CHECK(repeated.reply()["jobs"].at(1).find("duplicate").truth());
  CHECK(world.admit("plain", "{}", "", R"({"idempotencyKey":")" + std::string(201, 'k') + R"("})")
            .step.reply.status == 422);
}

TEST_CASE("A queue takes jobs up to its maximum depth, counted over its types", "[admit]") {
  const auto config = make_config(R"({"MAX_PENDING_PER_QUEUE":"3"})");
  World world(*config);
  const std::string first = world.enqueue();
  (void)world.enqueue("single", R"(,"delaySeconds":60)");
  const Outcome out = world.batch(R"([{"type":"single","payload":{}},{"type":"plain","payload":{}},
                                      {"type":"checked","payload":{"url":"https://a.example/"}}])");
  const Json reply = out.reply();
  CHECK(reply["jobs"].at(0).find("status").text() == "pending");
  CHECK(reply["jobs"].at(1).find("error").find("status").integer() == 429);
  CHECK(reply["jobs"].at(2).find("status").text() == "pending");
  CHECK(out.step.sends.size() == 1);
  CHECK(world.db.number("SELECT count(*) FROM jobs") == 4);

  const Outcome refused = world.admit("plain", "{}");
  CHECK(refused.step.reply.status == 429);
  CHECK(refused.step.reply.retry_after_seconds > 0);
  CHECK(refused.sent().empty());
  CHECK(refused.changed == 0);

  (void)world.take(first);
  CHECK(world.admit("plain", "{}").step.reply.status == 201);
}

TEST_CASE("A job that was refused for want of room does not hold its unique key", "[admit]") {
  const auto config = make_config(R"({"MAX_PENDING_PER_QUEUE":"1"})");
  World world(*config);
  const std::string first = world.enqueue();
  CHECK(world.admit("plain", "{}", R"(,"uniqueKey":"k")").step.reply.status == 429);
  (void)world.take(first);
  CHECK(world.admit("plain", "{}", R"(,"uniqueKey":"k")").step.reply.status == 201);
}

TEST_CASE("A step whose answer was lost is repeated to the same answer and writes nothing more", "[admit]") {
  World world;
  world.db.fail_next(std::string(kLost), true, 2);
  const Outcome out =
      world.batch(R"([{"type":"plain","payload":1},{"type":"plain","payload":2,"uniqueKey":"k"},
                                      {"type":"plain","payload":3,"delaySeconds":5}])");
  CHECK(out.pauses == std::vector<int64_t>{100, 200});
  CHECK(out.changed == 0);
  CHECK(out.step.sends.size() == 2);
  const Json reply = out.reply();
  for (const json::Value job : reply["jobs"]) CHECK_FALSE(job.find("duplicate").truth());
  CHECK(world.db.number("SELECT count(*) FROM jobs") == 3);
}

TEST_CASE("A step that was repeated at a full queue answers as the first time", "[admit]") {
  const auto config = make_config(R"({"MAX_PENDING_PER_QUEUE":"2"})");
  World world(*config);
  world.db.fail_next(std::string(kLost), true);
  const Outcome out = world.batch(many(3, kPlain));
  CHECK(out.reply()["jobs"].at(1).find("status").text() == "pending");
  CHECK(out.reply()["jobs"].at(2).find("error").find("status").integer() == 429);
  CHECK(world.db.number("SELECT count(*) FROM jobs") == 2);
}

TEST_CASE("A database that stays away gives 503 and records nothing", "[admit]") {
  World world;
  world.db.fail_next(std::string(kLost), false, 100);
  const Outcome out = world.admit("plain", "{}");
  CHECK(out.step.reply.status == 503);
  CHECK(out.step.reply.retry_after_seconds > 0);
  CHECK(out.pauses == std::vector<int64_t>{100, 200, 400, 800, 1600});
  CHECK(out.round_trips == limits::kStoreTriesMax);
  CHECK(out.sent().empty());
}

TEST_CASE("An error that does not pass splits a batch and is not repeated", "[admit]") {
  World world;
  world.db.fail_next("D1_ERROR: string or blob too big: SQLITE_TOOBIG", false);
  const Outcome out = world.batch(many(2, kPlain));
  CHECK(out.step.bisect);
  CHECK(out.pauses.empty());
  world.db.fail_next("D1_ERROR: string or blob too big: SQLITE_TOOBIG", false);
  CHECK_FALSE(world.batch(many(1, kPlain)).step.bisect);
}

TEST_CASE("In a batch invalid jobs stop no others, and each fault is listed at its place", "[admit]") {
  World world;
  const Outcome out = world.batch(R"([{"type":"plain","payload":1},{"type":"nobody","payload":1},
      {"type":"checked","payload":{"url":"ftp:x","pages":"2"}},{"payload":1},7,
      {"type":"plain","payload":2,"priority":11,"delaySeconds":1,"runAt":"x"},{"type":"plain","payload":3}])");
  const Json reply = out.reply();
  REQUIRE(reply["jobs"].size() == 7);
  CHECK(reply["jobs"].at(0).find("status").text() == "pending");
  const auto code = [&](uint32_t job, uint32_t fault) {
    const json::Value entry = reply["jobs"].at(job).find("error").find("errors").at(fault);
    return std::string(entry.find("path").text()) + " " + std::string(entry.find("code").text());
  };
  CHECK(code(1, 0) == "/jobs/1/type unknown_type");
  CHECK(code(2, 0) == "/jobs/2/payload/url format");
  CHECK(code(2, 1) == "/jobs/2/payload/pages type");
  CHECK(code(3, 0) == "/jobs/3/type required");
  CHECK(code(4, 0) == "/jobs/4 type");
  CHECK(code(5, 0) == "/jobs/5/priority any_of");
  CHECK(reply["jobs"].at(6).find("status").text() == "pending");
  CHECK(out.step.sends.size() == 1);  // both jobs in one message
}

TEST_CASE("A thousand jobs are one round trip, packed five to a message, in order", "[admit]") {
  World world;
  const Outcome out = world.batch(many(1000, kPlain));
  CHECK(out.round_trips == 1);
  CHECK(out.step.sends.size() == 200);
  CHECK(out.changed == 1001);
  std::string before;
  const Json reply = out.reply();
  for (const json::Value job : reply["jobs"]) {
    const std::string id(job.find("jobId").text());
    CHECK(before < id);
    before = id;
  }
  CHECK(world.batch(many(1001, kPlain)).step.reply.status == 422);
  CHECK(world.batch("[]").step.reply.status == 201);
}

TEST_CASE("Ten megabytes of payload are bound in pieces that D1 takes", "[admit]") {
  World world;
  const Outcome out =
      world.batch(many(10, R"({"type":"plain","payload":")" + std::string(1'040'000, 'x') + "\"}"));
  CHECK(out.step.reply.status == 201);
  CHECK(out.param_bytes_max <= limits::kParamBytesMax + 2);
  CHECK(world.db.number("SELECT count(*) FROM bodies") == 10);
}

TEST_CASE("A thousand inline payloads are bound in pieces that D1 takes", "[admit]") {
  World world;
  const Outcome out =
      world.batch(many(1000, R"({"type":"plain","payload":")" + std::string(4094, 'x') + "\"}"));
  CHECK(out.step.reply.status == 201);
  CHECK(out.param_bytes_max <= limits::kParamBytesMax + 2);
  CHECK(world.db.number("SELECT count(*) FROM jobs") == 1000);
}

TEST_CASE("A job that comes when the sweep has passed its id registers itself", "[admit]") {
  World world;
  const int64_t behind = world.now;
  world.now += 10'000'000;
  (void)world.sweep();
  world.now = behind;
  const std::string id = world.enqueue();
  CHECK(world.db.job_number(id, "wake_at") == behind + 900000);
}

TEST_CASE("A body that is no JSON is 400 with the byte, one too large is 413", "[admit]") {
  World world;
  const Outcome out = world.drive(admit_one, "{}", {R"({"type":"plain",})"});
  CHECK(out.step.reply.status == 400);
  CHECK(out.reply()["errors"].at(0).find("code").text() == "unexpected_byte");
  CHECK(out.round_trips == 0);
  CHECK(world.drive(admit_one, "{}", {std::string(limits::kBodyBytesMax + 1, ' ')}).step.reply.status == 413);
  CHECK(
      world.drive(admit_batch, "{}", {std::string(limits::kBatchBodyBytesMax + 1, ' ')}).step.reply.status ==
      413);
  CHECK(world.drive(admit_batch, "{}", {R"({"jobs":1})"}).step.reply.status == 422);
}

TEST_CASE("A chat message's pages become scrape requests, urgent where its reading says so",
          "[admit][chat]") {
  World world;
  const Outcome out = world.drive(
      admit_chat, "{}",
      {R"({"message":"please scrape https://a.example/x asap","userId":"u","sessionId":"s"})",
       R"({"wants":true,"urgent":true,"missing":"","requests":[{"scrapeType":"general","url":"https://a.example/x",)"
       R"("query":"please scrape asap"}]})"});
  CHECK(out.step.reply.status == 200);
  const Json reply = out.reply();
  REQUIRE(reply["jobs"].size() == 1);
  const std::string id(reply["jobs"].at(0).find("jobId").text());
  CHECK(reply["jobs"].at(0).find("priority").integer() == 1);
  CHECK(reply["jobs"].at(0).find("scrapeType").text() == "general");
  CHECK(out.sent() == "PRIORITY_SCRAPING_QUEUE 0");
  CHECK(world.db.job(id, "user_id || session_id || (payload ->> 'url')") == "ushttps://a.example/x");
  CHECK(world.db.job(id, "payload ->> 'context'") == R"({"query":"please scrape asap"})");
}

TEST_CASE("A chat message that asks for nothing makes no job and no round trip", "[admit][chat]") {
  World world;
  const auto say = [&](const std::string& body, const std::string& missing = R"(false,"missing":"")") {
    return world.drive(admit_chat, "{}", {body, R"({"urgent":false,"requests":[],"wants":)" + missing + "}"});
  };
  const Outcome out = say(R"({"message":"good morning"})");
  CHECK(out.step.reply.status == 200);
  CHECK(out.reply()["jobs"].size() == 0);
  CHECK(out.round_trips == 0);
  const std::string wish = R"({"message":"find me a hotel"})";
  CHECK(say(wish, R"(true,"missing":"place")").reply().text("reply").find("Which place") == 0);
  CHECK(say(wish, R"(true,"missing":"site")").reply().text("reply").find("I have no site") == 0);
  CHECK(say(R"({"message":""})").step.reply.status == 422);
  CHECK(say(R"({"message":7,"userId":1})").reply()["errors"].size() == 2);
}

TEST_CASE("A chat message whose reading is none becomes no job", "[admit][chat]") {
  World world;
  const std::string body = R"({"message":"https://a.example/"})";
  const auto request = [](const std::string& members) {
    return R"({"wants":true,"urgent":false,"missing":"","requests":[{)" + members + "}]}";
  };
  const std::string sound = R"("scrapeType":"general","url":"https://a.example/")";
  for (const std::string& reading :
       {std::string(), std::string("{"), std::string("[]"), std::string("{}"), request(""),
        request(R"("scrapeType":"boat","url":"https://a.example/")"),
        request(R"("scrapeType":"general","url":"file:///etc/passwd")"),
        request(sound + R"(,"priority":1)")}) {
    INFO(reading);
    const Outcome out = world.drive(admit_chat, "{}", {body, reading});
    CHECK(out.step.reply.status == 500);
    CHECK(out.round_trips == 0);
  }
  CHECK(world.drive(admit_chat, "{}", {body}).step.reply.status == 500);
  CHECK(world.drive(admit_chat, "{}", {body, request(sound)}).reply()["jobs"].size() == 1);
}
