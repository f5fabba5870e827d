// Why a job is where it is.
#include "views/explain.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

Json told(World& world, std::string_view id) {
  return world.query("explain", R"(,"id":")" + std::string(id) + R"(")").reply();
}

std::string rules(World& world, std::string_view id) {
  std::string out;
  const Json reply = told(world, id);
  for (const json::Value reason : reply["reasons"]) {
    out += (out.empty() ? "" : " ") + std::string(reason.find("rule").text());
    CHECK(reason.find("text").text().size() > 10);
    CHECK(reason.find("text").text().back() == '.');
  }
  return out;
}

std::string last_text(World& world, std::string_view id) {
  const Json reply = told(world, id);
  return std::string(reply["reasons"].at(reply["reasons"].size() - 1).find("text").text());
}

void hold(World& world, const std::string& id, const std::string& key) {
  world.db.execute("UPDATE jobs SET held_by = '" + key + "' WHERE id = '" + id + "'");
}

}  // namespace

TEST_CASE("A job's account tells every decision about it in order", "[explain]") {
  World world;
  const std::string id = world.enqueue();
  CHECK(rules(world, id) == "accepted ready");
  (void)world.end(world.take(id), R"("kind":"snooze","delayMs":500,"code":"s","message":"Later.")");
  world.now += 500;
  (void)world.end(world.take(id), R"("kind":"error","code":"a","message":"B.")");
  CHECK(rules(world, id) == "accepted snoozed retry_later not_before");
  world.now += 1000;
  (void)world.take(id);
  CHECK(rules(world, id) == "accepted snoozed retry_later leased");
  world.now += 310000;
  CHECK(rules(world, id) == "accepted snoozed retry_later leased lease_over");
  (void)world.sweep();
  (void)world.sweep();
  CHECK(rules(world, id) == "accepted snoozed retry_later lease_lost ready");
  (void)world.fail(world.take(id));
  CHECK(rules(world, id) == "accepted snoozed retry_later lease_lost not_retryable dead_letter_sent");
  (void)world.bury_job(id);
  CHECK(rules(world, id) == "accepted snoozed retry_later lease_lost not_retryable dead_letter");
  (void)world.requeue(id);
  (void)world.complete(world.take(id));
  CHECK(rules(world, id) == "accepted snoozed retry_later lease_lost not_retryable retried completed");
  const Json reply = told(world, id);
  CHECK(reply.text("status") == "completed");
  CHECK(reply["reasons"].at(2).find("text").text() ==
        "Attempt 1 failed (a: B.); attempts are left, so that it is tried again after 1 s.");
  CHECK(reply["reasons"].at(2).find("at").text() == "2027-01-15T08:00:00.500Z");
}

TEST_CASE("The account of a failure tells why it was the last", "[explain]") {
  World world;
  const std::string spent = world.enqueue("single");
  (void)world.end(world.take(spent), R"("kind":"error","code":"a","message":"b")");
  CHECK(rules(world, spent) == "accepted attempts_spent dead_letter_sent");
  (void)world.discard(spent);
  CHECK(rules(world, spent) == "accepted attempts_spent discarded no_dead_letter");
  const std::string poison = world.enqueue();
  for (int i = 0; i < 3; ++i) {
    (void)world.take(poison);
    world.now += 1000000;
    (void)world.sweep();
    (void)world.sweep();
  }
  CHECK(rules(world, poison) == "accepted lease_lost lease_lost poison dead_letter_sent");
}

TEST_CASE("The account of a cancelled job tells whether its handler still runs", "[explain]") {
  World world;
  const std::string id = world.enqueue();
  (void)world.take(id);
  (void)world.cancel(id);
  CHECK(rules(world, id) == "accepted cancelled stopping");
  (void)world.retry(id);
  CHECK(rules(world, id) == "accepted cancelled retried earlier_lease ready");
  world.now += 310000;
  CHECK(rules(world, id) == "accepted cancelled retried ready");
}

TEST_CASE("The account of a job in a line tells which, why it stands and how many are before it",
          "[explain]") {
  World world;
  const std::string first = world.enqueue();
  ++world.now;
  const std::string second = world.enqueue();
  const std::string urgent = world.enqueue("plain", R"(,"priority":1)");
  for (const std::string& id : {first, second, urgent}) hold(world, id, "q:background-jobs");
  CHECK(rules(world, urgent) == "accepted no_room");
  CHECK(last_text(world, urgent).find("the line of the queue background-jobs, first. 0 jobs") !=
        std::string::npos);
  CHECK(last_text(world, second).find("behind 2 others") != std::string::npos);
  CHECK(last_text(world, first).find("behind 1 other.") != std::string::npos);
  world.db.execute("INSERT INTO gates (key, paused) VALUES ('q:background-jobs', 1)");
  CHECK(rules(world, second) == "accepted paused");
  hold(world, second, "h:a.example");
  world.db.execute("INSERT INTO gates (key, open_until) VALUES ('h:a.example', " +
                   std::to_string(world.now + 1) + ")");
  CHECK(rules(world, second) == "accepted breaker_open");
  world.db.execute("UPDATE gates SET open_until = 0, paused = 0, next_at = " +
                   std::to_string(world.now + limits::kStartAheadMs + 1));
  CHECK(rules(world, second) == "accepted rate_limited");
  world.db.execute("DELETE FROM gates");
  hold(world, second, "p:outreach");
  CHECK(rules(world, second) == "accepted polled");
}

TEST_CASE("Jobs of other producers and of nobody are told apart", "[explain]") {
  World world;
  (void)world.claim({World::foreign("theirs")});
  CHECK(rules(world, "theirs") == "adopted leased");
  CHECK(world.query("explain", R"(,"id":"nobody")").step.reply.status == 404);
}

TEST_CASE("An account says where the history does not reach back", "[explain]") {
  World world;
  const std::string id = world.enqueue("plain", R"(,"maxAttempts":100)");
  for (int i = 0; i < 51; ++i) {
    (void)world.end(world.take(id), R"("kind":"error","code":"a","message":"b")");
    world.now += 1000;
  }
  CHECK(rules(world, id).substr(0, 32) == "accepted history_cut retry_later");
}
