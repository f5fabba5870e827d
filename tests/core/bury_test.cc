// Bury: dead letters are archived and reported once; what is alive is not killed by them.
#include "core/bury.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

struct Dead {
  std::string id;
  std::string body;
};

Dead kill(World& world) {
  const std::string id = world.enqueue();
  return {id, world.fail(world.take(id)).step.sends.at(0).body};
}

std::string buried(World& world, const std::string& id) {
  return world.db.text("SELECT coalesce(buried_at, 'open') FROM dead_letters WHERE id = '" + id + "'");
}

}  // namespace

TEST_CASE("A dead letter is archived, reported, and looked at no more", "[bury]") {
  World world;
  const Dead dead = kill(world);
  world.now += 50;
  const Outcome out = world.bury({dead.body});
  CHECK(out.round_trips == 1);
  CHECK(out.mark(0) == "ack");
  CHECK(buried(world, dead.id) == std::to_string(world.now));
  CHECK(world.db.job(dead.id, "json_array(status, wake_at)") == R"(["failed",null])");
  REQUIRE(out.step.alerts.size() == 1);
  const Json alert(out.step.alerts[0]);
  CHECK(alert.text("jobId") == dead.id);
  CHECK(alert.text("type") == "plain");
  CHECK(alert.text("queue") == "background-jobs");
  CHECK(alert["attempts"].integer() == 1);
  CHECK(alert["lastError"].find("code").text() == "broken");
  CHECK(alert.text("failedAt") == "2027-01-15T08:00:00.000Z");
}

TEST_CASE("A duplicate of a buried letter is not reported, a redelivered one is, for a while", "[bury]") {
  World world;
  const Dead dead = kill(world);
  CHECK(world.bury({dead.body}).step.alerts.size() == 1);
  CHECK(world.bury({dead.body}).step.alerts.empty());
  CHECK(world.bury({dead.body}, 2).step.alerts.size() == 1);
  world.now += limits::kAlertForMs;
  CHECK(world.bury({dead.body}, 3).step.alerts.size() == 1);
  ++world.now;
  CHECK(world.bury({dead.body}, 4).step.alerts.empty());
}

TEST_CASE("A dead letter of an earlier failure buries nothing", "[bury]") {
  World world;
  const Dead dead = kill(world);
  REQUIRE(world.retry(dead.id).step.reply.status == 200);
  CHECK(world.db.number("SELECT count(*) FROM dead_letters") == 0);
  CHECK(world.bury({dead.body}).step.alerts.empty());
  CHECK(world.db.job(dead.id, "status") == "pending");

  (void)world.fail(world.take(dead.id));
  const Outcome out = world.bury({dead.body});
  CHECK(out.mark(0) == "ack");
  CHECK(out.step.alerts.empty());
  CHECK(buried(world, dead.id) == "open");
  CHECK(world.db.job(dead.id, "wake_at IS NOT NULL") == "1");
  CHECK(world.bury({World::wake(dead.id, 2)}).step.alerts.size() == 1);
}

TEST_CASE("A live job whose message the platform gave up on is woken, not killed", "[bury]") {
  World world;
  const std::string pending = world.enqueue();
  const std::string delayed = world.enqueue("plain", R"(,"delaySeconds":60)");
  const std::string running = world.enqueue();
  (void)world.take(running);
  const std::string done = world.enqueue();
  (void)world.complete(world.take(done));
  world.now += 1000;
  const Outcome out =
      world.bury({World::wake(pending), World::wake(delayed), World::wake(running), World::wake(done)});
  CHECK(out.step.alerts.empty());
  for (int64_t i = 0; i < 4; ++i) CHECK(out.mark(i) == "ack");
  CHECK(world.db.job(pending, "status || wake_at") == "pending" + std::to_string(world.now));
  CHECK(world.db.job(delayed, "status || wake_at") == "delayed" + std::to_string(kStart + 60000));
  CHECK(world.db.job(running, "status || wake_at") == "processing" + std::to_string(kStart + 310000));
  CHECK(world.db.job(done, "coalesce(wake_at, 'unwatched')") == "unwatched");
  CHECK(world.sweep().sent() == "JOB_QUEUE 0");
}

TEST_CASE("A foreign envelope that was never claimed is adopted from the dead letters", "[bury]") {
  World world;
  const Outcome out = world.bury({World::foreign("f", "7")});
  CHECK(out.mark(0) == "ack");
  CHECK(out.step.alerts.empty());
  CHECK(world.job("f").text("status") == "pending");
  world.now += 900001;
  CHECK(world.sweep().sent() == "JOB_QUEUE 0");
}

TEST_CASE("An invalid message is archived from the dead letters", "[bury]") {
  World world;
  const Outcome out = world.bury({"{", std::string("\x80", 1)});
  CHECK(out.mark(0) == "ack");
  CHECK(out.step.alerts.empty());
  CHECK(world.db.text("SELECT group_concat(body, ' ') FROM (SELECT body FROM dead_letters ORDER BY id)") ==
        "{ hex:80");
}

TEST_CASE("A burial whose answer was lost is repeated and reports", "[bury]") {
  World world;
  const Dead dead = kill(world);
  world.db.fail_next(std::string(kLost), true);
  const Outcome out = world.bury({dead.body, World::foreign("f"), "{"});
  CHECK(out.step.alerts.size() == 1);
  CHECK(out.changed == 0);
}

TEST_CASE("While the database is away every dead letter is returned", "[bury]") {
  World world;
  const Dead dead = kill(world);
  world.db.fail_next(std::string(kLost), false, 100);
  const Outcome out = world.bury({dead.body, "{"});
  CHECK(out.mark(0) == "retry 30");
  CHECK(out.mark(1) == "retry 30");
  CHECK(out.step.alerts.empty());
  world.db.fail_next("D1_ERROR: malformed JSON", false);
  CHECK(world.bury({dead.body, "{"}).step.bisect);
}

TEST_CASE("A mixed batch of dead letters is one round trip with every message marked", "[bury]") {
  World world;
  const Dead a = kill(world);
  const Dead b = kill(world);
  const std::string live = world.enqueue();
  const Outcome out = world.bury({a.body, World::wake(live), "x", World::foreign("f"), b.body});
  CHECK(out.round_trips == 1);
  CHECK(out.step.alerts.size() == 2);
  CHECK(out.step.marks.size() == 5);
}

TEST_CASE("An alert names a bounded number of jobs and counts all of them", "[bury]") {
  World world;
  std::string letters;
  for (int i = 0; i < 120; ++i) {
    const std::string id = world.enqueue();
    (void)world.fail(world.take(id));
    letters += (letters.empty() ? "" : ",") + World::wake(id, 1);
  }
  const Outcome out = world.bury({R"({"jobs":[)" + letters + "]}"});
  CHECK(out.step.alerts.size() == 100);
  CHECK(out.step.alerts_cut == 20);
  CHECK(world.db.number("SELECT count(*) FROM dead_letters WHERE buried_at IS NULL") == 0);
}
