// Queries: jobs, their attempts, lists page by page, counts and health.
#include "views/query.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

std::string ids(const Json& reply) {
  std::string out;
  for (const json::Value job : reply["jobs"]) {
    out += (out.empty() ? "" : " ") + std::string(job.find("payload").raw());
  }
  return out;
}

// Ten jobs with payloads 0 to 9, some of another type and tag.
std::vector<std::string> ten(World& world) {
  std::vector<std::string> out;
  for (int i = 0; i < 10; ++i) {
    ++world.now;
    const std::string tag = i % 3 == 0 ? R"(,"tags":["x","third"])" : "";
    const Outcome admitted = world.admit(i % 2 == 0 ? "plain" : "single", std::to_string(i), tag);
    out.push_back(admitted.reply().text("jobId"));
  }
  return out;
}

}  // namespace

TEST_CASE("A job is shown with every member of the contract", "[query]") {
  World world;
  const std::string id = world.enqueue("plain", R"(,"delaySeconds":5)");
  const Json job = world.job(id);
  for (const char* member :
       {"jobId",       "type",           "queue",       "status",    "priority",  "attempts",
        "maxAttempts", "progress",       "payload",     "result",    "lastError", "createdAt",
        "runAt",       "startedAt",      "completedAt", "updatedAt", "leasedBy",  "leaseUntil",
        "uniqueKey",   "concurrencyKey", "tenant",      "dependsOn", "tags",      "correlationId",
        "userId",      "sessionId"}) {
    INFO(member);
    CHECK(static_cast<bool>(job[member]));
  }
  CHECK(job.text("runAt") == "2027-01-15T08:00:05.000Z");
  CHECK(job.text("correlationId") == id);
  CHECK(job["result"].is(json::Kind::null));
}

TEST_CASE("A running job shows its lease, a caller's unique key comes without its namespace", "[query]") {
  World world;
  const std::string id = world.enqueue("plain", R"(,"uniqueKey":"k")");
  (void)world.take(id);
  const Json job = world.job(id);
  CHECK(job.text("leasedBy") == "w1");
  CHECK(job.text("leaseUntil") == "2027-01-15T08:05:00.000Z");
  CHECK(job.text("uniqueKey") == "k");
  (void)world.cancel(id);
  CHECK(world.job(id)["leasedBy"].is(json::Kind::null));
}

TEST_CASE("An unknown job is 404", "[query]") {
  World world;
  CHECK(world.query("job", R"(,"id":"x")").step.reply.status == 404);
  CHECK(world.query("attempts", R"(,"id":"x")").step.reply.status == 404);
  CHECK(world.query("nothing").step.reply.status == 404);
}

TEST_CASE("Attempts tell the whole life in order", "[query]") {
  World world;
  const std::string id = world.enqueue();
  (void)world.end(world.take(id), R"("kind":"error","code":"a","message":"b")");
  world.now += 1000;
  (void)world.fail(world.take(id));
  (void)world.retry(id);
  const std::string run = world.take(id);
  const Json running = world.query("attempts", R"(,"id":")" + id + R"(")").reply();
  CHECK(running["attempts"].at(3).find("outcome").text() == "running");
  (void)world.complete(run);
  const Json reply = world.query("attempts", R"(,"id":")" + id + R"(")").reply();
  std::string outcomes;
  for (const json::Value entry : reply["attempts"])
    outcomes += std::string(entry.find("outcome").text()) + " ";
  CHECK(outcomes == "failed failed retried completed ");
  CHECK(reply["attempts"].at(0).find("startedAt").text() == "2027-01-15T08:00:00.000Z");
  CHECK(reply["attempts"].at(0).find("delayMs").integer() == 1000);
}

TEST_CASE("Lists are newest first, and a cursor leads through all of them once", "[query]") {
  World world;
  (void)ten(world);
  CHECK(ids(world.query("list").reply()) == "9 8 7 6 5 4 3 2 1 0");
  std::string seen;
  std::string cursor;
  for (int page = 0; page < 5; ++page) {
    const Json reply = world.query("list", R"(,"limit":"4","cursor":")" + cursor + "\"").reply();
    seen += ids(reply) + "|";
    cursor = reply.text("nextCursor");
    if (cursor.empty()) break;
  }
  CHECK(seen == "9 8 7 6|5 4 3 2|1 0|");
  CHECK(ids(world.query("list", R"(,"limit":"3","offset":"2")").reply()) == "7 6 5");
}

TEST_CASE("Lists are filtered by state, type, queue and tag", "[query]") {
  World world;
  const std::vector<std::string> all = ten(world);
  (void)world.complete(world.take(all[4]));
  (void)world.cancel(all[5]);
  (void)world.fail(world.take(all[6]));
  const auto list = [&](const std::string& filter) { return ids(world.query("list", "," + filter).reply()); };
  CHECK(list(R"("type":"single")") == "9 7 5 3 1");
  CHECK(list(R"("tag":"third")") == "9 6 3 0");
  CHECK(list(R"("tag":"thir")").empty());
  CHECK(list(R"("status":"completed")") == "4");
  CHECK(list(R"("status":"cancelled")") == "5");
  CHECK(list(R"("status":"failed")") == "6");
  CHECK(list(R"("status":"failed","tag":"third")") == "6");
  CHECK(list(R"("status":"failed","type":"single")").empty());
  CHECK(list(R"("queue":"reports")").empty());
  CHECK(list(R"("status":"pending","type":"plain","tag":"x")") == "0");
  CHECK(list(R"("status":"cancelled","limit":"1","offset":"1")").empty());
}

TEST_CASE("A filter that matches little reads a bounded number of rows and says where to go on", "[query]") {
  World world;
  std::string jobs = "[";
  for (int i = 0; i < 1000; ++i) jobs += std::string(i == 0 ? "" : ",") + R"({"type":"plain","payload":1})";
  (void)world.admit("single", "7");
  for (int i = 0; i < 3; ++i) {
    ++world.now;
    (void)world.batch(jobs + "]");
  }
  const Json first = world.query("list", R"(,"type":"single")").reply();
  CHECK(first["jobs"].size() == 0);
  REQUIRE_FALSE(first.text("nextCursor").empty());
  const Json second =
      world.query("list", R"(,"type":"single","cursor":")" + first.text("nextCursor") + "\"").reply();
  CHECK(ids(second) == "7");
  CHECK(second.text("nextCursor").empty());
}

TEST_CASE("A filter that makes no sense is 422 with every fault", "[query]") {
  World world;
  const Outcome out = world.query("list", R"(,"status":"dead","limit":"501","offset":"x","cursor":"y")");
  CHECK(out.step.reply.status == 422);
  CHECK(out.reply()["errors"].size() == 4);
  CHECK(world.query("list", R"(,"limit":"0")").step.reply.status == 422);
  CHECK(world.query("list", R"(,"limit":"-1")").step.reply.status == 422);
  CHECK(world.query("list", R"(,"limit":"9999999999")").step.reply.status == 422);
}

TEST_CASE("Without a database reads are 503 after a few tries, health at once", "[query]") {
  World world;
  world.db.fail_next(std::string(kLost), false, 3);
  const Outcome out = world.query("list");
  CHECK(out.step.reply.status == 503);
  CHECK(out.round_trips == 3);
  world.db.fail_next(std::string(kLost), false, 1);
  const Outcome health = world.query("health");
  CHECK(health.step.reply.status == 503);
  CHECK(health.reply().text("status") == "unhealthy");
}
