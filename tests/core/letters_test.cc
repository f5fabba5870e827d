// Dead letters and failures as callers see them.
#include "core/letters.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

std::string dead(World& world, const std::string& error = "broken") {
  ++world.now;
  const std::string id = world.admit("plain", R"({"n":1})").reply().text("jobId");
  (void)world.end(world.take(id), R"("kind":"error","code":")" + error + R"(","message":"No )" + error +
                                      R"(.","retryable":false)");
  return id;
}

std::string page(World& world, const std::string& members) {
  return world.query("letters", members).step.reply.body;
}

}  // namespace

TEST_CASE("Dead letters are listed newest first, with their payloads", "[letters]") {
  World world;
  const std::string first = dead(world);
  const std::string second = dead(world);
  (void)world.bury_job(first);
  const Json reply = world.query("letters").reply();
  REQUIRE(reply["deadLetters"].size() == 2);
  CHECK(reply.text("nextCursor").empty());
  const json::Value newest = reply["deadLetters"].at(0);
  CHECK(newest.raw() == R"({"id":")" + second + R"(","jobId":")" + second +
                            R"(","type":"plain","queue":"background-jobs","attempts":1,"maxAttempts":3,)"
                            R"("lastError":{"code":"broken","message":"No broken.","retryable":false},)"
                            R"("failedAt":"2027-01-15T08:00:00.002Z","archivedAt":null,"payload":{"n":1},)"
                            R"("payloadSize":7,"body":null,"bodySize":null})");
  CHECK(reply["deadLetters"].at(1).find("archivedAt").text() == "2027-01-15T08:00:00.002Z");
}

TEST_CASE(
    "A cursor leads through all dead letters once, also where many failed at once and some are messages",
    "[letters]") {
  World world;
  for (int i = 0; i < 3; ++i) (void)dead(world);
  (void)world.claim({"1", "2", "3", "4"});
  std::string seen;
  std::string cursor;
  int pages = 0;
  for (; pages < 9; ++pages) {
    const Json reply = world.query("letters", R"(,"limit":"2","cursor":")" + cursor + "\"").reply();
    for (const json::Value letter : reply["deadLetters"]) seen += std::string(letter.find("id").text()) + " ";
    cursor = reply.text("nextCursor");
    if (cursor.empty()) break;
  }
  CHECK(pages == 3);
  CHECK(seen == world.db.text("SELECT group_concat(id, ' ') || ' ' FROM "
                              "(SELECT id FROM dead_letters ORDER BY failed_at DESC, id DESC)"));
}

TEST_CASE("A list's parameters are checked", "[letters]") {
  World world;
  CHECK(world.query("letters", R"(,"limit":"501","cursor":"y")").reply()["errors"].size() == 2);
  for (const char* cursor : {"1", ".x41", "1.", "1.x4", "1.xzz", "1.xff", "1.x00", "99999999999999999.x41"}) {
    INFO(cursor);
    CHECK(world.query("letters", R"(,"cursor":")" + std::string(cursor) + "\"").step.reply.status == 422);
  }
  CHECK(page(world, R"(,"cursor":"1.x41")") == R"({"deadLetters":[]})");
}

TEST_CASE("A list leaves long payloads and bodies out, one dead letter has them", "[letters]") {
  World world;
  const std::string text = '"' + std::string(5000, 'x') + '"';
  const std::string id = world.admit("plain", text).reply().text("jobId");
  (void)world.fail(world.take(id));
  (void)world.claim({'{' + std::string(5000, ' ') + '}'});
  const Json list = world.query("letters").reply();
  for (const json::Value letter : list["deadLetters"]) {
    CHECK(letter.find("payload").is(json::Kind::null));
    CHECK(letter.find("body").is(json::Kind::null));
  }
  CHECK(world.query("letter", R"(,"id":")" + id + '"').reply()["payload"].raw() == text);
  const std::string message = world.db.text("SELECT id FROM dead_letters WHERE job_id IS NULL");
  const Json one = world.query("letter", R"(,"id":")" + message + '"').reply();
  CHECK(one["body"].text().size() == 5002);
  CHECK(one["bodySize"].integer() == 5002);
  CHECK(world.query("letter", R"(,"id":"nobody")").step.reply.status == 404);
}

TEST_CASE("Failures are grouped by type and error, most frequent first", "[letters]") {
  World world;
  CHECK(world.query("failures").step.reply.body == "[]");
  const std::string first = dead(world, "rare");
  for (int i = 0; i < 3; ++i) (void)dead(world, "common");
  (void)world.claim({"null"});
  CHECK(
      world.query("failures").step.reply.body ==
      R"([{"type":"plain","error":"No common.","code":"common","count":3,"lastAt":"2027-01-15T08:00:00.004Z"},)"
      R"({"type":null,"error":"must be an object","code":"type","count":1,"lastAt":"2027-01-15T08:00:00.004Z"},)"
      R"({"type":"plain","error":"No rare.","code":"rare","count":1,"lastAt":"2027-01-15T08:00:00.001Z"}])");
  CHECK(world.query("failures", R"(,"limit":"1")").reply().root().size() == 1);
  CHECK(world.query("failures", R"(,"limit":"0")").step.reply.status == 422);
  (void)world.requeue(first);
  CHECK(world.query("failures").reply().root().size() == 2);
}

TEST_CASE("Counts of dead letters follow whatever becomes of them", "[letters]") {
  World world;
  const std::string id = dead(world);
  const auto count = [&] { return world.query("queues").reply()["deadLetters"].integer(-1); };
  CHECK(count() == 1);
  (void)world.claim({"null"});
  CHECK(count() == 2);
  (void)world.retry(id);
  CHECK(count() == 1);
  (void)world.fail(world.take(id));
  (void)world.bury_job(id);
  CHECK(count() == 2);
  world.now += int64_t{31} * 86400000;
  for (int i = 0; i < 4; ++i) (void)world.sweep();
  CHECK(count() == 0);
  CHECK(world.query("failures").step.reply.body == "[]");
}
