// Redrive: dead letters, one or many, are tried again or deleted.
#include "core/redrive.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

std::string dead(World& world, const std::string& type = "plain") {
  const std::string id = world.enqueue(type);
  (void)world.fail(world.take(id));
  return id;
}

// A message that is no envelope of this configuration, archived; its id as a dead letter.
std::string archived(World& world, const std::string& body) {
  ++world.now;
  (void)world.claim({body});
  const std::string id =
      world.db.text("SELECT id FROM dead_letters WHERE job_id IS NULL ORDER BY failed_at DESC");
  world.db.execute("UPDATE dead_letters SET id = 'message:q:' || failed_at WHERE id = '" + id + "'");
  return "message:q:" + std::to_string(world.now);
}

int64_t letters(World& world) { return world.db.number("SELECT count(*) FROM dead_letters"); }

std::string codes(const Json& reply) {
  std::string out;
  for (const json::Value one : reply["skipped"]) out += std::string(one.find("code").text()) + " ";
  return out;
}

const Config& with_late_type() {
  static const std::unique_ptr<Config> config = [] {
    auto out = std::make_unique<Config>();
    const std::string why =
        out->load(R"({"types":[{"type":"late","queue":"background-jobs","payload":{}}],"vars":{}})");
    REQUIRE(why.empty());
    return out;
  }();
  return *config;
}

constexpr char kLate[] = R"({"id":"theirs","type":"late","payload":{"n":1},"metadata":{}})";

}  // namespace

TEST_CASE("A dead letter's job is tried again under its id, with all attempts", "[redrive]") {
  World world;
  const std::string id = dead(world);
  (void)world.bury_job(id);
  world.now += 1000;
  const Outcome out = world.requeue(id);
  CHECK(out.step.reply.status == 200);
  CHECK(out.round_trips == 2);
  CHECK(out.reply().text("jobId") == id);
  CHECK(out.reply().text("status") == "pending");
  CHECK(out.reply()["attempts"].integer(-1) == 0);
  CHECK(out.sent() == "JOB_QUEUE 0");
  CHECK(letters(world) == 0);
  (void)world.complete(world.take(id));
  CHECK(world.db.job(id, "status") == "completed");
  CHECK(world.requeue(id).step.reply.status == 404);
}

TEST_CASE("What has no dead letter is not requeued", "[redrive]") {
  World world;
  CHECK(world.requeue("nobody").step.reply.status == 404);
  CHECK(world.requeue(world.enqueue()).step.reply.status == 404);
  CHECK(world.discard("nobody").step.reply.status == 404);
}

TEST_CASE("A dead letter is found by the id of the foreign envelope as well", "[redrive]") {
  World world;
  const Outcome claimed = world.claim({World::foreign("theirs")});
  (void)world.fail(claimed.step.runs[0]);
  CHECK(world.query("letter", R"(,"id":"theirs")").step.reply.status == 200);
  CHECK(world.requeue("theirs").step.reply.status == 200);
}

TEST_CASE("Two operators at once requeue a job once", "[redrive]") {
  World world;
  const std::string id = dead(world);
  const Outcome late = world.drive(requeue_letter, R"({"id":")" + id + R"("})", {}, [&](size_t stage) {
    if (stage == 1) (void)world.requeue(id);
  });
  CHECK(late.step.more);
  CHECK(late.step.reply.status == 409);
  CHECK(late.sent().empty());
  CHECK(world.requeue(id).step.reply.status == 404);
}

TEST_CASE("A redrive whose answer was lost is repeated to the same answer", "[redrive]") {
  World world;
  for (int i = 0; i < 3; ++i) (void)dead(world);
  const auto lose_second = [&, done = false](size_t stage) mutable {
    if (stage == 1 && !done) world.db.fail_next(std::string(kLost), true);
    done = done || stage == 1;
  };
  const Outcome out = world.drive(requeue_letters, "{}", {R"({"all":true})"}, lose_second);
  CHECK(out.reply()["requeued"].integer() == 3);
  CHECK(out.step.sends.size() == 1);  // three jobs in one message
  CHECK(world.db.number(
            "SELECT count(*) FROM jobs WHERE status = 'pending' AND json_array_length(history) = 2") == 3);
}

TEST_CASE("Dead letters are requeued by ids, by type, by queue or all", "[redrive]") {
  World world;
  const std::string a = dead(world);
  const std::string b = dead(world, "single");
  const std::string c = world.enqueue("scrape_request");
  (void)world.end(world.take(c, "scraping-tasks"),
                  R"("kind":"error","code":"x","message":"y","retryable":false)", "scraping-tasks");
  const std::string waiting = world.enqueue();
  const Outcome by_ids =
      world.requeue_many(R"({"ids":[")" + a + R"(","nobody",")" + a + R"(",")" + waiting + R"("]})");
  CHECK(by_ids.reply()["requeued"].integer() == 1);
  CHECK(codes(by_ids.reply()) == "not_found not_found ");
  CHECK(by_ids.reply()["skipped"].at(0).find("id").text() == "nobody");
  CHECK(world.db.job(a, "status") == "pending");
  CHECK(world.requeue_many(R"({"type":"plain"})").reply()["requeued"].integer(-1) == 0);
  CHECK(world.requeue_many(R"({"type":"single"})").reply()["requeued"].integer() == 1);
  CHECK(world.db.job(b, "status") == "pending");
  CHECK(world.requeue_many(R"({"queue":"background-jobs"})").reply()["requeued"].integer(-1) == 0);
  const Outcome by_queue = world.requeue_many(R"({"queue":"scraping-tasks"})");
  CHECK(by_queue.reply()["requeued"].integer() == 1);
  CHECK(by_queue.sent() == "SCRAPING_QUEUE 0");
  CHECK(world.requeue_many(R"({"all":true})").step.reply.body == R"({"requeued":0,"skipped":[]})");
}

TEST_CASE("A large redrive goes in bounded steps, oldest first, up to its limit and on from its cursor",
          "[redrive]") {
  World world;
  std::vector<std::string> ids;
  for (int i = 0; i < 250; ++i) {
    ++world.now;
    ids.push_back(dead(world));
  }
  const Outcome first = world.requeue_many(R"({"all":true,"limit":150})");
  CHECK(first.reply()["requeued"].integer() == 150);
  CHECK(first.step.sends.size() == 30);
  CHECK(world.db.job(ids[149], "status") == "pending");
  CHECK(world.db.job(ids[150], "status") == "failed");
  const std::string cursor = first.reply().text("nextCursor");
  REQUIRE_FALSE(cursor.empty());
  const Outcome rest = world.requeue_many(R"({"type":"plain","cursor":")" + cursor + R"("})");
  CHECK(rest.reply()["requeued"].integer() == 100);
  CHECK(rest.reply().text("nextCursor").empty());
  CHECK(letters(world) == 0);
}

TEST_CASE("A job that fails again while a redrive goes on is not requeued by it again", "[redrive]") {
  World world;
  std::string last;
  for (int i = 0; i < 101; ++i) last = dead(world);
  world.now += 1000;
  const Outcome step = world.drive(requeue_letters, "{}", {R"({"all":true})"});
  REQUIRE(step.step.more);
  CHECK(step.reply()["requeued"].integer() == 100);
  world.now += 1000;
  const std::string again = world.db.text("SELECT id FROM jobs WHERE status = 'pending' LIMIT 1");
  (void)world.fail(world.take(again));
  const Outcome end = world.drive(requeue_letters, "{}", {R"({"all":true})", step.step.reply.body});
  CHECK_FALSE(end.step.more);
  CHECK(end.reply()["requeued"].integer() == 101);
  CHECK(world.db.job(again, "status") == "failed");
}

TEST_CASE("Without a database a redrive tells what it has done, or that it has done nothing", "[redrive]") {
  World world;
  for (int i = 0; i < 101; ++i) (void)dead(world);
  world.db.fail_next(std::string(kLost), false, 100);
  CHECK(world.drive(requeue_letters, "{}", {R"({"all":true})"}).step.reply.status == 503);
  world.db.fail_next("", false, 0);
  const Outcome step = world.drive(requeue_letters, "{}", {R"({"all":true})"});
  world.db.fail_next(std::string(kLost), false, 100);
  const Outcome cut = world.drive(requeue_letters, "{}", {R"({"all":true})", step.step.reply.body});
  CHECK(cut.step.reply.status == 200);
  CHECK_FALSE(cut.step.more);
  CHECK(cut.reply()["requeued"].integer() == 100);
  world.db.fail_next("", false, 0);
  const Outcome rest =
      world.requeue_many(R"({"all":true,"cursor":")" + cut.reply().text("nextCursor") + R"("})");
  CHECK(rest.reply()["requeued"].integer() == 1);
}

TEST_CASE("A redrive that makes no sense is refused with every fault", "[redrive]") {
  World world;
  const auto status = [&](const std::string& body) { return world.requeue_many(body).step.reply.status; };
  CHECK(status("{") == 400);
  CHECK(status("{}") == 422);
  CHECK(status(R"({"all":true,"type":"plain"})") == 422);
  CHECK(status(R"({"all":false})") == 422);
  CHECK(status(R"({"ids":[]})") == 422);
  CHECK(status(R"({"all":true,"limit":0})") == 422);
  CHECK(status(R"({"all":true,"limit":10001})") == 422);
  CHECK(status(R"({"all":true,"cursor":"x"})") == 422);
  CHECK(status(R"({"all":true,"more":1})") == 422);
  CHECK(status(R"({"all":true,"limit":5.0})") == 200);
}

TEST_CASE("A message that was no job is adopted once a deployment knows its type", "[redrive]") {
  World world;
  const std::string id = archived(world, kLate);
  const Outcome early = world.requeue(id);
  CHECK(early.step.reply.status == 409);
  CHECK(early.reply().text("detail").find("unknown_type") != std::string::npos);
  CHECK(codes(world.requeue_many(R"({"all":true})").reply()) == "not_valid ");
  CHECK(letters(world) == 1);

  world.configure(with_late_type());
  const Outcome out = world.requeue(id);
  CHECK(out.step.reply.status == 200);
  CHECK(out.reply().text("type") == "late");
  CHECK(out.reply().text("status") == "pending");
  CHECK(out.sent() == "JOB_QUEUE 0");
  CHECK(letters(world) == 0);
  CHECK(world.job("theirs").text("jobId") == out.reply().text("jobId"));
}

TEST_CASE("A message whose job is in the record by now leads to that job, and is no dead letter any more",
          "[redrive]") {
  World world;
  const std::string one = archived(world, kLate);
  const std::string two = archived(world, kLate);
  world.configure(with_late_type());
  (void)world.requeue(one);
  const Outcome out = world.requeue_many(R"({"all":true})");
  CHECK(out.reply()["requeued"].integer() == 1);
  CHECK(world.db.number("SELECT count(*) FROM jobs") == 1);
  CHECK(letters(world) == 0);
}

TEST_CASE("What is not even a text stays a dead letter", "[redrive]") {
  World world;
  const std::string id = archived(world, std::string("\xff\x00", 2));
  CHECK(world.requeue(id).step.reply.status == 409);
  CHECK(letters(world) == 1);
}

TEST_CASE("A deleted dead letter leaves its job in the record as failed", "[redrive]") {
  World world;
  const std::string id = dead(world);
  world.now += 1000;
  const Outcome out = world.discard(id);
  CHECK(out.step.reply.status == 200);
  CHECK(out.reply().text("jobId") == id);
  CHECK(letters(world) == 0);
  CHECK(world.db.job(id, "json_array(status, completed_at, wake_at, history ->> '$[1].outcome')") ==
        R"(["failed",)" + std::to_string(kStart) + R"(,null,"discarded"])");
  CHECK(world.query("queues").reply()["deadLetters"].integer(-1) == 0);
  CHECK(world.query("stats").reply()["failed"].integer() == 1);
  CHECK(world.discard(id).step.reply.status == 404);
  // Its letter may be on the way: nobody is told of it any more.
  CHECK(world.bury_job(id).step.alerts.empty());
  CHECK(world.retry(id).step.reply.status == 200);
}

TEST_CASE("A deleted message is gone", "[redrive]") {
  World world;
  const std::string id = archived(world, "null");
  CHECK(world.discard(id).step.reply.status == 200);
  CHECK(letters(world) == 0);
}

TEST_CASE("The step that failed a job does not bring its deleted dead letter back", "[redrive]") {
  World world;
  const std::string id = world.enqueue();
  const std::string run = world.take(id);
  int batches = 0;
  const std::vector<std::string> results = {
      World::result(run, R"("kind":"error","code":"broken","message":"No.","retryable":false)")};
  // The batch is committed, its answer is lost, and before it is repeated an operator deletes the dead
  // letter.
  const Outcome out =
      world.drive(settle, R"({"queue":"background-jobs","deadline":0})",
                  {"[" + results[0] + "]", std::string(Json(run)["record"].raw())}, [&](size_t) {
                    if (batches++ == 0) {
                      world.db.fail_next(std::string(kLost), true);
                    } else if (letters(world) > 0) {
                      (void)world.discard(id);
                    }
                  });
  CHECK(out.round_trips > 1);
  CHECK(world.db.job(id, "status") == "failed");
  CHECK(letters(world) == 0);
}

TEST_CASE("A dead letter is not deleted under somebody who was faster", "[redrive]") {
  World world;
  const std::string id = dead(world);
  const Outcome out = world.drive(discard_letter, R"({"id":")" + id + R"("})", {}, [&](size_t stage) {
    if (stage != 1) return;
    (void)world.requeue(id);
    (void)world.fail(world.take(id));
  });
  CHECK(out.step.more);
  CHECK(letters(world) == 1);
}
