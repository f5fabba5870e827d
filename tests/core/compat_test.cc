// The compatibility layer: the job-management document's words and scale.
#include "core/compat.h"

#include "tests/core/world.h"
#include "views/compat.h"

using namespace sluice;
using namespace sluice::test;

namespace {

const Config& layers() {
  static const std::unique_ptr<Config> config = [] {
    auto out = std::make_unique<Config>();
    const std::string why = out->load(R"json({"types":[
      {"type": "product", "queue": "scraping-tasks", "priority": 8, "maxAttempts": 3,
       "payload": {"type": "object", "required": ["target_url"], "additionalProperties": false,
                   "properties": {"target_url": {"type": "string", "format": "uri"}, "metadata": {"type": "object"}}}},
      {"type": "scrape_request", "queue": "scraping-tasks", "payload": {}}],"vars":{}})json");
    INFO(why);
    REQUIRE(why.empty());
    return out;
  }();
  return *config;
}

Outcome post(World& world, const std::string& body, const std::string& control = "{}") {
  return world.drive(compat_admit, control, {body});
}

Outcome requeue(World& world, const std::string& body) { return world.drive(compat_requeue, "{}", {body}); }

std::string enqueue(World& world) {
  ++world.now;
  const Outcome out = post(
      world, R"({"type":"product","target_url":"https://e.example/)" + std::to_string(world.now) + R"("})");
  return std::string(out.reply()["data"].find("id").text());
}

std::string dead(World& world) {
  const std::string id = enqueue(world);
  (void)world.end(world.take(id, "scraping-tasks"),
                  R"("kind":"error","code":"x","message":"Gone.","retryable":false)", "scraping-tasks");
  return id;
}

}  // namespace

TEST_CASE("The document's request becomes a job on its own scale of priorities", "[compat]") {
  World world(layers());
  const Outcome out = post(
      world,
      R"({"type":"product","target_url":"https://e.example/","priority":5,"metadata":{"category":"books"}})");
  CHECK(out.step.reply.status == 201);
  const std::string id(out.reply()["data"].find("id").text());
  CHECK(out.step.reply.body == R"({"success":true,"data":{"id":")" + id +
                                   R"(","type":"product","target_url":"https://e.example/","priority":5,)"
                                   R"("status":"queued","attempts":0,"max_attempts":3,)"
                                   R"("metadata":{"category":"books"}}})");
  CHECK(out.sent() == "SCRAPING_QUEUE 0");
  CHECK(world.db.job(id, "priority") == "6");
  CHECK(world.db.job(id, "payload") ==
        R"({"target_url":"https://e.example/","metadata":{"category":"books"}})");
}

TEST_CASE("Without a priority the type's own holds", "[compat]") {
  World world(layers());
  const Outcome out = post(world, R"({"type":"product","target_url":"https://e.example/"})");
  CHECK(out.reply()["data"].find("priority").integer() == 3);
  CHECK(out.reply()["data"].find("metadata").raw() == "{}");
}

TEST_CASE("What is wrong with a request is told in the document's words", "[compat]") {
  World world(layers());
  const Outcome out = post(world, R"({"type":"product","target_url":"no url","priority":5})");
  CHECK(out.step.reply.status == 422);
  CHECK_FALSE(out.reply()["success"].truth(true));
  const Json reply = out.reply();
  const json::Value error = reply["error"];
  CHECK(error.find("code").text() == "invalid");
  CHECK(error.find("errors").at(0).find("path").text() == "/target_url");
  const auto status = [&](const std::string& body) { return post(world, body).step.reply.status; };
  CHECK(status("{") == 400);
  CHECK(status("{}") == 422);
  CHECK(status(R"({"type":"nothing","target_url":"https://e.example/"})") == 422);
  for (const char* priority : {"0", "11", "1.5", "\"high\""}) {
    INFO(priority);
    const std::string body = R"({"type":"product","target_url":"https://e.example/","priority":)";
    CHECK(status(body + priority + "}") == 422);
  }
  world.db.fail_next(std::string(kLost), false, 100);
  const Outcome away = post(world, R"({"type":"product","target_url":"https://e.example/"})");
  CHECK(away.step.reply.status == 503);
  CHECK(away.step.reply.retry_after_seconds > 0);
  CHECK(away.reply()["error"].find("code").text() == "unavailable");
}

TEST_CASE("The same Idempotency-Key again is the first job as it is now", "[compat]") {
  World world(layers());
  const std::string body = R"({"type":"product","target_url":"https://e.example/"})";
  const Outcome first = post(world, body, R"({"idempotencyKey":"k"})");
  const std::string id(first.reply()["data"].find("id").text());
  (void)world.take(id, "scraping-tasks");
  const Outcome again = post(world, body, R"({"idempotencyKey":"k"})");
  CHECK(again.step.reply.status == 200);
  CHECK(again.reply()["data"].find("id").text() == id);
  CHECK(again.reply()["data"].find("status").text() == "running");
  CHECK(again.reply()["data"].find("attempts").integer() == 1);
}

TEST_CASE("The document's statistics count queued, running, completed and failed", "[compat]") {
  World world(layers());
  (void)enqueue(world);
  (void)dead(world);
  const std::string done = enqueue(world);
  (void)world.end(world.take(done, "scraping-tasks"), R"("kind":"ok","frame":0,"ms":1)", "scraping-tasks");
  (void)world.take(enqueue(world), "scraping-tasks");
  CHECK(world.drive(compat_stats, "{}").step.reply.body ==
        R"({"success":true,"data":{"queue":{"queued":1,"running":1,"completed":1,"failed":1},)"
        R"("health":{"isRunning":false,"activeWorkers":1,"databaseConnected":true},"status":"healthy"}})");
  (void)world.sweep();
  CHECK(world.drive(compat_stats, "{}").reply()["data"].find("health").find("isRunning").truth());
  world.now += 180001;
  CHECK_FALSE(world.drive(compat_stats, "{}").reply()["data"].find("health").find("isRunning").truth(true));
  world.db.fail_next(std::string(kLost), false, 100);
  const Outcome away = world.drive(compat_stats, "{}");
  CHECK(away.step.reply.status == 503);
  CHECK(away.reply()["data"].find("status").text() == "unhealthy");
  CHECK_FALSE(away.reply()["data"].find("health").find("databaseConnected").truth(true));
}

TEST_CASE("The document's dead letters are listed newest first and requeued by place or id", "[compat]") {
  World world(layers());
  const std::string old = dead(world);
  const std::string recent = dead(world);
  const Outcome list = world.drive(compat_letters, "{}");
  CHECK(list.reply()["count"].integer() == 2);
  CHECK(list.reply()["data"].at(0).raw() ==
        R"({"id":")" + recent + R"(","type":"product","target_url":"https://e.example/)" +
            std::to_string(world.now) + R"(","attempts":1,"max_attempts":3,"last_error":"Gone."})");
  CHECK(world.drive(compat_letters, R"({"limit":"1"})").reply()["count"].integer() == 1);
  CHECK(world.drive(compat_letters, R"({"limit":"0"})").step.reply.status == 422);

  const Outcome by_place = requeue(world, R"({"index":1})");
  CHECK(by_place.step.reply.status == 200);
  CHECK(by_place.reply()["data"].find("id").text() == old);
  CHECK(by_place.reply()["data"].find("status").text() == "queued");
  CHECK(by_place.sent() == "SCRAPING_QUEUE 0");
  CHECK(requeue(world, R"({"index":1})").step.reply.status == 404);
  const Outcome by_id = requeue(world, R"({"id":")" + recent + R"("})");
  CHECK(by_id.step.reply.status == 200);
  CHECK(requeue(world, R"({"id":")" + recent + R"("})").reply()["error"].find("code").text() == "not_found");
  for (const char* body :
       {"{}", R"({"index":0,"id":"a"})", R"({"index":-1})", R"({"index":500})", R"({"id":7})"}) {
    INFO(body);
    CHECK(requeue(world, body).step.reply.status == 422);
  }
}
