// Polled jobs: no message brings them; they stand in lines and are taken first come first, urgent ones
// earlier.
#include "core/poll.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr char kPolled[] = R"json({"types": [
  {"type": "mail", "queue": "outreach", "transport": "none", "maxAttempts": 3,
   "backoff": {"type": "fixed", "delay": 300000, "jitter": 0}, "payload": {}},
  {"type": "enrich", "queue": "outreach", "transport": "none", "slot": "enrichment", "maxAttempts": 3,
   "backoff": {"type": "fixed", "delay": 300000, "jitter": 0}, "payload": {}},
  {"type": "plain", "queue": "background-jobs", "payload": {}}
], "vars": {"POLL_BATCH": "%"}})json";

std::unique_ptr<Config> polled_config(const std::string& batch) {
  std::string text = kPolled;
  text.replace(text.find('%'), 1, batch);
  auto config = std::make_unique<Config>();
  REQUIRE(config->load(text).empty());
  return config;
}

const Config& config() {
  static const std::unique_ptr<Config> ten = polled_config("10");
  return *ten;
}

Outcome poll(World& world, const std::string& line = "p:outreach", int64_t taken = 0,
             const std::string& worker = "w1") {
  return world.drive(sluice::poll, R"({"line":")" + line + R"(","worker":")" + worker + R"(","since":)" +
                                       std::to_string(world.now) + R"(,"taken":)" + std::to_string(taken) +
                                       "}");
}

std::string id_of(const std::string& run) { return Json(run).text("id"); }

std::vector<std::string> ids_of(const Outcome& out) {
  std::vector<std::string> ids;
  for (const std::string& run : out.step.runs) ids.push_back(id_of(run));
  return ids;
}

std::string place(World& world, const std::string& id) {
  return world.db.job(id, "status || ' ' || coalesce(held_by, '-') || ' ' || coalesce(wake_at, '-')");
}

std::string mail(World& world, const std::string& options = "") { return world.enqueue("mail", options); }

}  // namespace

TEST_CASE("A polled job stands in its slot's line, and no message is sent for it", "[poll]") {
  World world(config());
  const std::string id = mail(world);
  CHECK(world.sent.empty());
  CHECK(place(world, id) == "pending p:outreach -");
  CHECK(world.db.job(id, "transport") == "p:outreach");
  CHECK(place(world, world.enqueue("enrich")) == "pending p:enrichment -");
  world.now += 2 * config().settings.resend_after_ms;
  const Outcome swept = world.sweep();
  CHECK(swept.sent().empty());
  CHECK(swept.round_trips == 1);
  CHECK(place(world, id) == "pending p:outreach -");
}

TEST_CASE("A poll leases the first of its line by priority and age and returns their payloads", "[poll]") {
  World world(config());
  const std::string low = mail(world, R"(,"priority":"low")");
  world.now += 1000;
  const std::string normal = mail(world);
  const std::string urgent = mail(world, R"(,"priority":1)");
  const std::string other = world.enqueue("enrich");
  const Outcome out = poll(world);
  CHECK(out.round_trips == 1);
  CHECK(ids_of(out) == std::vector<std::string>{urgent, normal, low});
  REQUIRE(out.host.size() == 3);
  CHECK(out.host[0].payload == "{}");
  CHECK(out.sent().empty());
  const int64_t over = world.now + config().settings.lease_ms + limits::kClockSkewMs;
  CHECK(place(world, urgent) == "processing - " + std::to_string(over));
  CHECK(world.db.job(urgent, "attempts || ' ' || fence || ' ' || leased_by") == "1 1 w1");
  CHECK(place(world, other) == "pending p:enrichment -");
  CHECK(poll(world).step.runs.empty());
}

TEST_CASE("Ten minutes in a line are worth one step of priority", "[poll]") {
  World world(config());
  const std::string old = mail(world, R"(,"priority":8)");
  world.now += 3 * 600000 + 1;
  const std::string late = mail(world);
  world.now += 1;
  const std::string first = mail(world, R"(,"priority":4)");
  CHECK(ids_of(poll(world)) == std::vector<std::string>{first, old, late});
}

TEST_CASE("The lines that hold something are told, those of a paused queue are not", "[poll]") {
  World world(config());
  CHECK(world.drive(poll_lines, "{}").reply()["lines"].raw() == "[]");
  mail(world);
  mail(world);
  world.enqueue("enrich");
  world.enqueue("plain");
  CHECK(world.drive(poll_lines, "{}").reply()["lines"].raw() == R"(["p:enrichment","p:outreach"])");
  world.db.execute("INSERT INTO gates (key, paused) VALUES ('q:outreach', 1)");
  CHECK(world.drive(poll_lines, "{}").reply()["lines"].raw() == "[]");
  CHECK(poll(world).step.runs.empty());
  world.db.execute("UPDATE gates SET paused = 0");
  CHECK(poll(world).step.runs.size() == 2);
  world.db.fail_next(std::string(kLost), false, 100);
  CHECK(world.drive(poll_lines, "{}").reply()["lines"].raw() == "[]");
}

TEST_CASE("A poll whose answer was lost gives the same jobs again and leases no others", "[poll]") {
  const std::unique_ptr<Config> two = polled_config("2");
  World world(*two);
  for (int n = 0; n < 5; ++n) mail(world);
  world.db.fail_next(std::string(kLost), true, 2);
  const Outcome out = poll(world);
  CHECK(out.round_trips == 3);
  CHECK(out.step.runs.size() == 2);
  CHECK(world.db.number("SELECT count(*) FROM jobs WHERE status = 'processing'") == 2);
  CHECK(world.db.number("SELECT sum(attempts) FROM jobs") == 2);
}

TEST_CASE("A run takes POLL_BATCH jobs of a line, in polls of a bounded size, and not for ever", "[poll]") {
  const std::unique_ptr<Config> many = polled_config("120");
  World world(*many);
  for (int n = 0; n < 130; ++n) mail(world);
  const Outcome first = poll(world);
  CHECK(first.step.runs.size() == 100);
  CHECK(first.step.more);
  const Outcome second = poll(world, "p:outreach", 100);
  CHECK(second.step.runs.size() == 20);
  CHECK_FALSE(second.step.more);
  CHECK(poll(world, "p:outreach", 120).round_trips == 0);
  World late(*many);
  for (int n = 0; n < 101; ++n) mail(late);
  const int64_t since = late.now - limits::kPollForMs;
  CHECK_FALSE(late.drive(sluice::poll, R"({"line":"p:outreach","worker":"w","taken":0,"since":)" +
                                           std::to_string(since) + "}")
                  .step.more);
}

TEST_CASE("A delayed polled job is put into its line when its time has come", "[poll]") {
  World world(config());
  const std::string id = mail(world, R"(,"delaySeconds":90)");
  CHECK(world.sent.empty());
  CHECK(place(world, id) == "delayed - " + std::to_string(kStart + 90000));
  CHECK(poll(world).step.runs.empty());
  world.now += 89999;
  CHECK(world.sweep().round_trips == 1);
  world.now += 1;
  const Outcome swept = world.sweep();
  CHECK(swept.sent().empty());
  CHECK(swept.step.logs.empty());
  CHECK(place(world, id) == "pending p:outreach -");
  CHECK(poll(world).step.runs.size() == 1);
}

TEST_CASE("A polled job that is tried again goes back to its line, without a message", "[poll]") {
  World world(config());
  const std::string id = mail(world);
  const Outcome failed = world.end(poll(world).step.runs.at(0), R"("kind":"error","code":"e","message":"m")");
  CHECK(failed.sent().empty());
  CHECK(place(world, id) == "delayed - " + std::to_string(world.now + 300000));
  world.now += 300000;
  (void)world.sweep();
  CHECK(place(world, id) == "pending p:outreach -");

  const Outcome back = world.end(poll(world).step.runs.at(0), R"("kind":"unstarted")");
  CHECK(back.sent().empty());
  CHECK(place(world, id) == "pending p:outreach -");
  CHECK(world.db.job_number(id, "attempts") == 1);

  const Outcome snoozed = world.end(poll(world).step.runs.at(0), R"("kind":"snooze","delayMs":5000)");
  CHECK(snoozed.sent().empty());
  CHECK(place(world, id) == "delayed - " + std::to_string(world.now + 5000));
  world.now += 5000;
  (void)world.sweep();
  (void)world.complete(poll(world).step.runs.at(0));
  CHECK(place(world, id) == "completed - -");
}

TEST_CASE("A polled job that fails for good is a dead letter as any other", "[poll]") {
  World world(config());
  const std::string id = mail(world);
  const Outcome dead = world.fail(poll(world).step.runs.at(0));
  CHECK(dead.sent() == "JOB_DLQ 0");
  (void)world.bury(dead.bodies());
  CHECK(place(world, id) == "failed - -");
  CHECK(world.retry(id).sent().empty());
  CHECK(place(world, id) == "pending p:outreach -");
  CHECK(poll(world).step.runs.size() == 1);
}

TEST_CASE("A polled job whose lease is lost goes back to its line, three times at most", "[poll]") {
  World world(config());
  const std::string id = mail(world);
  for (int n = 1; n <= 3; ++n) {
    const Outcome out = poll(world);
    REQUIRE(out.step.runs.size() == 1);
    CHECK(Json(out.step.runs[0])["alone"].truth() == (n == 3));
    if (n == 3) (void)world.begin(out.step.runs[0]);
    world.now += config().settings.lease_ms + limits::kClockSkewMs;
    const Outcome swept = world.sweep();
    CHECK(swept.sent() == (n == 3 ? "JOB_DLQ 0" : ""));
    CHECK(world.db.job(id, "coalesce(held_by, '-')") == (n == 3 ? "-" : "p:outreach"));
  }
  CHECK(world.db.job(id, "last_error ->> 'code'") == "poison");
}

TEST_CASE("A cancelled polled job leaves its line; tried again it waits there for the lease before",
          "[poll]") {
  World world(config());
  const std::string id = mail(world);
  (void)world.cancel(id);
  CHECK(place(world, id) == "cancelled - -");
  CHECK(poll(world).step.runs.empty());
  CHECK(world.retry(id).sent().empty());
  const std::string run = poll(world).step.runs.at(0);
  (void)world.cancel(id);
  (void)world.retry(id);
  CHECK(place(world, id) == "pending p:outreach -");
  CHECK(poll(world).step.runs.empty());
  world.now += config().settings.lease_ms + limits::kClockSkewMs;
  CHECK(poll(world).step.runs.size() == 1);
  CHECK(world.complete(run).changed == 0);
}

TEST_CASE("A message never brings a polled job past its line", "[poll]") {
  World world(config());
  const std::string first = mail(world);
  const Outcome out = world.claim({World::wake(first)});
  CHECK(out.step.runs.empty());
  CHECK(out.mark(0) == "ack");
  CHECK(out.sent().empty());
  const Outcome foreign =
      world.claim({R"({"id":"f1","type":"mail","payload":{},"metadata":{"priority":1}})"});
  CHECK(foreign.step.runs.empty());
  CHECK(foreign.mark(0) == "ack");
  const std::vector<std::string> ids = ids_of(poll(world));
  REQUIRE(ids.size() == 2);
  CHECK(ids[1] == first);
  CHECK(world.db.job(ids[0], "unique_key") == "ext:f1");
}

TEST_CASE("Polled types are configured by transport none and a slot", "[poll]") {
  Config wrong;
  CHECK(wrong.load(R"({"types":[{"type":"a","queue":"q","slot":"s","payload":{}}],"vars":{}})") ==
        "job type a: has a slot, but is not polled");
  Config urgent;
  REQUIRE(urgent
              .load(R"({"types":[{"type":"a","queue":"scraping-tasks","urgentQueue":"background-jobs",
                       "transport":"none","payload":{}}],"vars":{}})")
              .empty());
  CHECK(urgent.type("a")->transport == kPolledTransport);
  CHECK(urgent.type("a")->urgent_transport == kPolledTransport);
  CHECK(urgent.type("a")->line == "p:scraping-tasks");
  Config none;
  CHECK(none.load(R"({"types":[],"vars":{"POLL_BATCH":"0"}})") ==
        "POLL_BATCH must be an integer from 1 to 10000");
}

TEST_CASE("Of 10,000 jobs that three workers poll at once each starts once, in its order, and none is left",
          "[poll]") {
  using Rank = std::tuple<int64_t, std::string>;
  const std::unique_ptr<Config> wide = polled_config("1000");
  World world(*wide);
  Entropy dice(7, 7);
  std::set<Rank> waiting;
  const auto admit = [&](size_t count) {
    std::string jobs;
    for (size_t n = 0; n < count; ++n) {
      jobs += (jobs.empty() ? "" : ",") + std::string(R"({"type":"mail","payload":{},"priority":)") +
              std::to_string(1 + dice.below(10)) + "}";
    }
    const Outcome out = world.batch("[" + jobs + "]");
    CHECK(out.step.sends.empty());
    const Json reply = out.reply();
    for (const json::Value entry : reply["jobs"]) {
      const std::string id(entry.find("jobId").text());
      waiting.emplace(world.db.job_number(id, "created_at + priority * 600000"), id);
    }
    world.now += static_cast<int64_t>(dice.below(900000));
  };
  for (int n = 0; n < 8; ++n) admit(1000);
  std::set<std::string> started;
  std::vector<std::vector<std::string>> hands(3);  // what each worker runs
  size_t wrong = 0;
  for (int round = 0; !waiting.empty() || round < 3; ++round) {
    if (round == 20 || round == 40) admit(1000);
    auto& hand = hands[dice.below(3)];
    // A worker settles at some time what it runs; the others poll meanwhile.
    std::vector<std::string> results;
    for (const std::string& run : hand) results.push_back(World::result(run, R"("kind":"ok","frame":0)"));
    if (!results.empty()) (void)world.settle(results, {"{}"});
    hand.clear();
    world.now += 1000;
    if (dice.below(4) == 0) world.db.fail_next(std::string(kLost), dice.below(2) == 0, 1);
    const Outcome out = poll(world);
    for (const std::string& run : out.step.runs) {
      const std::string id = id_of(run);
      wrong += std::get<1>(*waiting.begin()) == id ? 0 : 1;
      waiting.erase(waiting.begin());
      CHECK(started.insert(id).second);
    }
    hand = out.step.runs;
  }
  for (const auto& hand : hands) {
    for (const std::string& run : hand) (void)world.complete(run);
  }
  CHECK(wrong == 0);
  CHECK(started.size() == 10000);
  CHECK(world.db.number(
            "SELECT count(*) FROM jobs WHERE status = 'completed' AND attempts = 1 AND fence = 1") == 10000);
  CHECK(world.db.number("SELECT count(*) FROM jobs WHERE held_by IS NOT NULL") == 0);
}
