// Statistics and health from the counters.
#include "views/stats.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("An empty record has zeroes, not faults", "[stats]") {
  World world;
  const Json stats = world.query("stats").reply();
  CHECK(stats["total"].integer(-1) == 0);
  CHECK(stats.text("completionRate") == "0.00%");
  CHECK(stats["byType"].size() == 0);
  const Json health = world.query("queues").reply();
  CHECK(health["pendingMessages"].integer(-1) == 0);
  CHECK(health["errorRate"].raw() == "0");
  CHECK(health["oldestPendingMs"].integer(-1) == 0);
}

TEST_CASE("Statistics count by state, type and queue", "[stats]") {
  World world;
  (void)world.complete(world.take(world.enqueue()));
  (void)world.complete(world.take(world.enqueue()));
  (void)world.fail(world.take(world.enqueue("single")));
  (void)world.enqueue("scrape_request", R"(,"priority":1)");
  (void)world.enqueue("plain", R"(,"delaySeconds":9)");
  (void)world.cancel(world.enqueue());
  (void)world.take(world.enqueue());
  const Json stats = world.query("stats").reply();
  CHECK(stats["total"].integer() == 7);
  CHECK(stats["pending"].integer() == 1);
  CHECK(stats["delayed"].integer() == 1);
  CHECK(stats["processing"].integer() == 1);
  CHECK(stats["completed"].integer() == 2);
  CHECK(stats["failed"].integer() == 1);
  CHECK(stats["cancelled"].integer() == 1);
  CHECK(stats["blocked"].integer(-1) == 0);
  CHECK(stats.text("completionRate") == "28.57%");
  CHECK(stats.text("failureRate") == "14.29%");
  CHECK(stats["byType"].find("plain").find("completed").integer() == 2);
  CHECK(stats["byType"].find("plain").find("averageAttempts").raw() == "0.6");
  CHECK(stats["byType"].find("single").find("averageAttempts").raw() == "1.0");
  CHECK(stats["byQueue"].find("scraping-priority").find("pending").integer() == 1);
  CHECK(stats["byStatus"].find("cancelled").integer() == 1);
  CHECK(stats["pruned"].integer(-1) == 0);
}

TEST_CASE("Queue health tells rates of the last five minutes, depths and the oldest", "[stats]") {
  World world;
  (void)world.enqueue();
  world.now += 2000;
  for (int i = 0; i < 3; ++i) (void)world.complete(world.take(world.enqueue()));
  (void)world.fail(world.take(world.enqueue()));
  (void)world.enqueue("plain", R"(,"delaySeconds":60)");
  world.now += 1000;
  Json health = world.query("queues").reply();
  CHECK(health["pendingMessages"].integer() == 2);
  CHECK(health["processingRate"].raw() == "0.01");
  CHECK(health["errorRate"].raw() == "0.25");
  CHECK(health["averageProcessingTime"].raw() == "40.0");
  CHECK(health["oldestPendingMs"].integer() == 3000);
  CHECK(health["deadLetters"].integer() == 1);
  CHECK(health["breakers"].size() == 0);

  world.now += 3600000;
  (void)world.sweep();
  health = world.query("queues").reply();
  CHECK(health["processingRate"].raw() == "0.0");
  CHECK(health["oldestPendingMs"].integer() == 3603000);
}

TEST_CASE("Breakers that are not closed are told with their state", "[stats]") {
  World world;
  const std::string now = std::to_string(world.now);
  world.db.execute("INSERT INTO gates (key, fails, open_until) VALUES ('h:a.example', 5, " + now +
                   " + 30000), "
                   "('s:mail', 9, " +
                   now + " - 1), ('h:well.example', 2, 0)");
  const Json health = world.query("queues").reply();
  CHECK(health["breakers"].raw() ==
        R"([{"key":"h:a.example","state":"open","fails":5,"openUntil":"2027-01-15T08:00:30.000Z"},)"
        R"({"key":"s:mail","state":"half_open","fails":9,"openUntil":"2027-01-15T07:59:59.999Z"}])");
}

TEST_CASE("Where many finished jobs hide the oldest waiting one, its age is bounded, not zero", "[stats]") {
  World world;
  world.db.execute(R"sql(
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
    INSERT INTO jobs (id, type, queue, transport, status, priority, max_attempts, op, created_at, completed_at,
      updated_at, timeout_ms, payload_size)
    SELECT printf('01000000-%07d', i), 'plain', 'background-jobs', 'x', 'completed', 5, 3, 'o',
      1800000000000 - 5000 + i, 1, 1, 1, 2
    FROM n;
    INSERT INTO counters (queue, type, completed) VALUES ('background-jobs', 'plain', 2500);
  )sql");
  (void)world.enqueue();
  // The bounded look ended 2000 jobs in: whoever waits was made after that one.
  CHECK(world.query("queues").reply()["oldestPendingMs"].integer() == 3000);
}

TEST_CASE("Health tells whether the scraper answers but does not depend on it", "[stats]") {
  World world;
  for (const std::string word : {"ok", "failing"}) {
    const Outcome out = world.query("health", R"(,"scraper":")" + word + "\"");
    CHECK(out.step.reply.status == 200);
    CHECK(out.reply()["checks"].find("scraper").find("status").text() == word);
  }
}

TEST_CASE("Health tells the sweep's age but does not depend on it", "[stats]") {
  World world;
  Json health = world.query("health").reply();
  CHECK(health.text("status") == "healthy");
  CHECK(health["checks"].find("sweep").find("status").text() == "waiting");
  (void)world.sweep();
  world.now += 180000;
  health = world.query("health").reply();
  CHECK(health["checks"].find("sweep").find("status").text() == "ok");
  CHECK(health["checks"].find("sweep").find("lastAt").text() == "2027-01-15T08:00:00.000Z");
  world.db.fail_next(std::string(kLost), false, 1);
  const Json broken = world.query("health").reply();
  CHECK(broken["checks"].find("database").find("status").text() == "failing");
  CHECK(broken["checks"].find("sweep").find("status").text() == "unknown");
  world.now += 1;
  CHECK(world.query("health").reply()["checks"].find("sweep").find("status").text() == "late");
}
