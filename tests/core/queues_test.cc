// Logical queues as callers see them.
#include "views/queues.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

json::Value named(const Json& reply, std::string_view name) {
  for (const json::Value queue : reply["queues"]) {
    if (queue.find("name").text() == name) return queue;
  }
  return {};
}

}  // namespace

TEST_CASE("Every queue of the configuration is listed, also without jobs", "[queues]") {
  World world;
  const Json reply = world.query("logicalQueues").reply();
  std::string names;
  for (const json::Value queue : reply["queues"]) names += std::string(queue.find("name").text()) + " ";
  CHECK(names == "background-jobs reports scraping-priority scraping-tasks ");
  CHECK(named(reply, "reports").find("transport").text() == "background-jobs");
  CHECK(named(reply, "reports").find("pending").integer(-1) == 0);
  CHECK(named(reply, "reports").find("oldestWaitingMs").is(json::Kind::null));
}

TEST_CASE("A queue tells its counts, its dead letters, whether it is paused and how long its oldest waits",
          "[queues]") {
  World world;
  (void)world.enqueue();
  world.now += 500;
  (void)world.enqueue("plain", R"(,"delaySeconds":60)");
  (void)world.fail(world.take(world.enqueue()));
  const std::string held = world.enqueue("scrape_request");
  world.db.execute("UPDATE jobs SET held_by = 'h:e.example' WHERE id = '" + held + "'");
  world.db.execute("INSERT INTO gates (key, paused) VALUES ('q:background-jobs', 1)");
  world.now += 1000;
  (void)world.sweep();
  const Json reply = world.query("logicalQueues").reply();
  const json::Value queue = named(reply, "background-jobs");
  CHECK(queue.find("paused").truth());
  CHECK(queue.find("pending").integer() == 1);
  CHECK(queue.find("delayed").integer() == 1);
  CHECK(queue.find("failed").integer() == 1);
  CHECK(queue.find("deadLetters").integer() == 1);
  CHECK(queue.find("oldestWaitingMs").integer() == 1500);
  CHECK(named(reply, "scraping-tasks").find("oldestWaitingMs").integer() == 1000);
  CHECK_FALSE(named(reply, "scraping-tasks").find("paused").truth(true));
}
