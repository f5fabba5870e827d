// Rates: leases ahead of time with a turn each, what is further ahead stands in line, and nothing is faster.
#include <algorithm>

#include "core/gate.h"
#include "core/poll.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

// Types `slow` (two starts a second in its queue), `fair` (one a second for each tenant), `visiting`
// (HOST_DELAY_MS between the jobs of one host), `polled` (one a second, polled) and `both` (one at once, ten
// a second).
std::unique_ptr<Config> rate_config(const std::string& vars = "{}") {
  auto config = std::make_unique<Config>();
  const std::string why = config->load(R"json({"types": [
    {"type": "slow", "queue": "slow", "rate": {"count": 2, "perMs": 1000}, "payload": {}},
    {"type": "fair", "queue": "fair", "rate": {"count": 1, "perMs": 1000, "by": "tenant"}, "payload": {}},
    {"type": "visiting", "queue": "visits", "gates": {"host": "page"}, "payload": {}},
    {"type": "polled", "queue": "polled", "transport": "none", "rate": {"count": 1, "perMs": 1000}, "payload": {}},
    {"type": "both", "queue": "both", "concurrency": 1, "rate": {"count": 10, "perMs": 1000}, "payload": {}},
    {"type": "plain", "queue": "background-jobs", "payload": {}}
  ], "vars": )json" + vars + "}");
  INFO(why);
  REQUIRE(why.empty());
  return config;
}

const Config& rates() {
  static const std::unique_ptr<Config> config = rate_config();
  return *config;
}

std::string enqueue(World& world, const std::string& type, const std::string& options = "",
                    const std::string& payload = "{}") {
  ++world.now;
  const Outcome out = world.admit(type, payload, options);
  REQUIRE(out.step.reply.status == 201);
  return out.reply().text("jobId");
}

std::vector<std::string> wakes(const std::vector<std::string>& ids) {
  std::vector<std::string> out;
  for (const std::string& id : ids) out.push_back(World::wake(id));
  return out;
}

// Turns of what was leased, ms from now, in order; -1 for what starts at once.
std::vector<int64_t> turns(const World& world, const Outcome& out) {
  std::vector<int64_t> list;
  for (const std::string& run : out.step.runs) {
    const Json value(run);
    const int64_t at = value["startAt"].integer();
    if (at > 0) CHECK(value["startBy"].integer() == at + limits::kStartLateMs);
    list.push_back(at == 0 ? -1 : at - world.now);
  }
  std::sort(list.begin(), list.end());
  return list;
}

std::string fault(const std::string& types) {
  Config config;
  return config.load(R"({"types":[)" + types + "]}");
}

}  // namespace

TEST_CASE("Jobs of a queue with a rate are leased together, each with a turn of its own", "[rate]") {
  World world(rates());
  std::vector<std::string> ids;
  for (int n = 0; n < 4; ++n) ids.push_back(enqueue(world, "slow"));
  const Outcome out = world.claim(wakes(ids));
  CHECK(turns(world, out) == std::vector<int64_t>{0, 500, 1000, 1500});
  CHECK(Json(out.step.runs[0])["startAt"].integer() == world.now);
  CHECK(world.db.number("SELECT next_at FROM gates WHERE key = 'q:slow'") == world.now + 2000);
  CHECK(world.db.job_number(ids[3], "run_at") == world.now + 1500);
  world.now += 700;
  CHECK(turns(world, world.claim({World::wake(enqueue(world, "slow"))})) == std::vector<int64_t>{1299});
}

TEST_CASE("Turns go to the first by rank", "[rate]") {
  World world(rates());
  const std::string low = enqueue(world, "slow", R"(,"priority":9)");
  const std::string high = enqueue(world, "slow", R"(,"priority":1)");
  (void)world.claim(wakes({low, high}));
  CHECK(world.db.job_number(high, "run_at") == world.now);
  CHECK(world.db.job_number(low, "run_at") == world.now + 500);
}

TEST_CASE("A queue that was idle gives one turn at once, not those that it could have given", "[rate]") {
  World world(rates());
  (void)world.complete(world.take(enqueue(world, "slow")));
  world.now += 3600000;
  std::vector<std::string> ids = {enqueue(world, "slow"), enqueue(world, "slow")};
  CHECK(turns(world, world.claim(wakes(ids))) == std::vector<int64_t>{0, 500});
}

TEST_CASE("What would start later than leases go stands in line, and every lease that ends lets one out",
          "[rate]") {
  World world(rates());
  std::vector<std::string> ids;
  for (int n = 0; n < 70; ++n) ids.push_back(enqueue(world, "slow"));
  const Outcome out = world.claim(wakes(ids));
  REQUIRE(out.step.runs.size() == 61);  // 0, 500 … 30,000 ms
  CHECK(turns(world, out).back() == limits::kStartAheadMs);
  CHECK(world.db.number("SELECT count(*) FROM jobs WHERE held_by = 'q:slow' AND attempts = 0") == 9);
  CHECK(world.complete(out.step.runs[0]).step.sends.empty());  // no turn comes soon enough
  world.now += 1000;
  const Outcome done = world.complete(out.step.runs[1]);
  REQUIRE(done.step.sends.size() == 1);
  CHECK(turns(world, world.claim(done.bodies())) == std::vector<int64_t>{29500});
}

TEST_CASE("The sweep lets out as many as have turns soon", "[rate]") {
  World world(rates());
  std::vector<std::string> ids;
  for (int n = 0; n < 70; ++n) ids.push_back(enqueue(world, "slow"));
  (void)world.claim(wakes(ids));
  world.now += 1100;
  CHECK(world.sweep().step.sends.size() == 1);  // packed
  CHECK(world.db.number("SELECT count(*) FROM jobs WHERE held_by = 'q:slow'") == 9 - 2);
}

TEST_CASE("Every tenant has its own turns, and those without one share theirs", "[rate]") {
  World world(rates());
  std::vector<std::string> ids;
  for (const char* tenant : {R"(,"tenant":"a")", R"(,"tenant":"a")", R"(,"tenant":"b")", "", ""}) {
    ids.push_back(enqueue(world, "fair", tenant));
  }
  CHECK(turns(world, world.claim(wakes(ids))) == std::vector<int64_t>{0, 0, 0, 1000, 1000});
  CHECK(world.db.number("SELECT count(*) FROM gates WHERE key IN ('r:fair:a', 'r:fair:b', 'r:fair:')") == 3);
}

TEST_CASE("Jobs that reach for one host start HOST_DELAY_MS apart, whichever worker has them", "[rate]") {
  const std::unique_ptr<Config> config = rate_config(R"({"HOST_DELAY_MS":"250"})");
  World world(*config);
  std::vector<std::string> ids;
  for (const char* page : {"https://a.example/1", "https://a.example/2", "https://b.example/"}) {
    ids.push_back(enqueue(world, "visiting", "", R"({"page":")" + std::string(page) + R"("})"));
  }
  CHECK(turns(world, world.claim(wakes(ids))) == std::vector<int64_t>{0, 0, 250});
  CHECK(turns(world, world.claim({World::wake(
                         enqueue(world, "visiting", "", R"({"page":"https://a.example/3"})"))})) ==
        std::vector<int64_t>{499});

  const std::unique_ptr<Config> hasty = rate_config(R"({"HOST_DELAY_MS":"0"})");
  World other(*hasty);
  const std::string page = R"({"page":"https://a.example/"})";
  CHECK(turns(other, other.claim({World::wake(enqueue(other, "visiting", "", page))})) ==
        std::vector<int64_t>{-1});
}

TEST_CASE("Plain jobs have no turn", "[rate]") {
  World world(rates());
  CHECK(turns(world, world.claim({World::wake(enqueue(world, "plain"))})) == std::vector<int64_t>{-1});
  CHECK(world.db.number("SELECT count(*) FROM gates") == 0);
}

TEST_CASE("A job that waits for a place takes no turn meanwhile", "[rate]") {
  World world(rates());
  const std::vector<std::string> ids = {enqueue(world, "both"), enqueue(world, "both")};
  const Outcome out = world.claim(wakes(ids));
  REQUIRE(out.step.runs.size() == 1);
  CHECK(world.db.number("SELECT next_at FROM gates WHERE key = 'q:both'") == world.now + 100);
  const Outcome done = world.complete(out.step.runs[0]);
  CHECK(turns(world, world.claim(done.bodies())) == std::vector<int64_t>{100});
}

TEST_CASE("A poll gives turns as a claim does", "[rate]") {
  World world(rates());
  for (int n = 0; n < 3; ++n) (void)enqueue(world, "polled");
  const Outcome out = world.drive(poll, R"({"line":"p:polled","worker":"w","since":0,"taken":0})");
  CHECK(turns(world, out) == std::vector<int64_t>{0, 1000, 2000});
}

TEST_CASE("A claim whose answer was lost gives the same turns again, and takes no others", "[rate]") {
  World world(rates());
  const std::vector<std::string> ids = {enqueue(world, "slow"), enqueue(world, "slow")};
  world.db.fail_next(std::string(kLost), true, 1);
  const Outcome out = world.claim(wakes(ids));
  CHECK(turns(world, out) == std::vector<int64_t>{0, 500});
  CHECK(world.db.number("SELECT next_at FROM gates WHERE key = 'q:slow'") == world.now + 1000);
}

TEST_CASE("A gate with a rate is forgotten when its turns are over and nobody needs it", "[rate]") {
  World world(rates());
  const std::string run = world.take(enqueue(world, "fair", R"(,"tenant":"a")"));
  (void)world.complete(run);
  CHECK(world.db.number("SELECT count(*) FROM gates WHERE key = 'r:fair:a'") == 1);
  const std::string next = world.take(enqueue(world, "fair", R"(,"tenant":"a")"));
  world.now += 2000 + limits::kClockSkewMs;
  (void)world.complete(next);
  CHECK(world.db.number("SELECT count(*) FROM gates WHERE key = 'r:fair:a'") == 0);
}

TEST_CASE("No two turns at a gate are closer than its rate says, whatever claims come when",
          "[rate][property]") {
  Entropy dice(7, 11);
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    World world(rates(), seed);
    std::vector<std::string> ids;
    std::vector<std::string> runs;
    for (int round = 0; round < 30; ++round) {
      for (uint64_t n = dice.below(12); n > 0; --n) ids.push_back(enqueue(world, "slow"));
      std::vector<std::string> batch;
      for (const std::string& id : ids) {
        if (dice.below(3) == 0) batch.push_back(World::wake(id));
      }
      if (dice.below(4) == 0) world.db.fail_next(std::string(kLost), dice.below(2) == 0, 1);
      for (const std::string& run : world.claim(batch).step.runs) runs.push_back(run);
      if (!runs.empty() && dice.below(2) == 0) (void)world.complete(runs[dice.below(runs.size())]);
      world.now += static_cast<int64_t>(dice.below(4000));
      if (dice.below(5) == 0) (void)world.sweep();
    }
    std::vector<int64_t> starts;
    for (const std::string& run : runs) starts.push_back(Json(run)["startAt"].integer());
    std::sort(starts.begin(), starts.end());
    for (size_t n = 1; n < starts.size(); ++n) CHECK(starts[n] - starts[n - 1] >= 500);
  }
}

TEST_CASE("A rate is a count in a period, by what there is, and one for a queue", "[rate][config]") {
  const auto with = [](const std::string& rate) {
    return fault(R"({"type":"t","queue":"q","payload":{},"rate":)" + rate + "}");
  };
  CHECK(with(R"({"count":1,"perMs":1})").empty());
  CHECK(with("7") == "job type t: rate must be an object");
  CHECK(with(R"({"perMs":1000})") == "job type t: rate.count is out of bounds");
  CHECK(with(R"({"count":0,"perMs":1000})") == "job type t: rate.count is out of bounds");
  CHECK(with(R"({"count":1})") == "job type t: rate.perMs is out of bounds");
  CHECK(with(R"({"count":1,"perMs":86400001})") == "job type t: rate.perMs is out of bounds");
  CHECK(with(R"({"count":1,"perMs":1,"by":"host"})") ==
        "job type t: rate.by must be queue, tenant or concurrencyKey");
  CHECK(with(R"({"count":1,"perMs":1,"by":7})") ==
        "job type t: rate.by must be queue, tenant or concurrencyKey");
  CHECK(fault(R"({"type":"t","queue":"a:b","payload":{},"rate":{"count":1,"perMs":1}})") ==
        "job type t: has a rate, so its queue's name may hold no colon");
  CHECK(fault(R"({"type":"a","queue":"q","payload":{},"rate":{"count":1,"perMs":1000}},
              {"type":"b","queue":"q","payload":{},"rate":{"count":2,"perMs":1000}})") ==
        "job types a and b share a queue and must have the same rate");
  CHECK(fault(R"({"type":"a","queue":"q","payload":{},"rate":{"count":1,"perMs":1000}},
              {"type":"b","queue":"q","payload":{}})")
            .empty());
}

TEST_CASE("An explanation tells of a turn, and of a line without turns soon", "[rate][explain]") {
  World world(rates());
  std::vector<std::string> ids;
  for (int n = 0; n < 62; ++n) ids.push_back(enqueue(world, "slow"));
  (void)world.claim(wakes(ids));
  const auto explained = [&](const std::string& id) {
    return world.drive(query, R"({"kind":"explain","id":")" + id + R"("})").step.reply.body;
  };
  CHECK(explained(ids[9]).find(R"("rule":"turn")") != std::string::npos);
  CHECK(explained(ids[0]).find(R"("rule":"turn")") == std::string::npos);
  CHECK(explained(ids[61]).find(R"("rule":"rate_limited")") != std::string::npos);
  world.now += 3000;
  CHECK(explained(ids[61]).find(R"("rule":"no_room")") != std::string::npos);
}

TEST_CASE("The sweep forgets gates that nothing needs, a bounded number of rows in each round",
          "[rate][sweep]") {
  World world(rates());
  world.db.execute(
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
      "INSERT INTO gates (key, next_at) SELECT printf('h:%03d.example', i), 1 FROM n");
  const auto add = [&](const std::string& key, const std::string& column, int64_t value) {
    world.db.execute("INSERT INTO gates (key, " + column + ") VALUES ('" + key + "', " +
                     std::to_string(value) + ")");
  };
  add("q:slow", "next_at", 1);
  add("h:busy", "next_at", world.now - limits::kClockSkewMs + 9);
  add("h:open", "open_until", world.now - limits::kFailsForMs + 9);
  add("h:long ago", "open_until", world.now - limits::kFailsForMs);
  add("s:few failures", "fails", 2);
  const std::string run = world.take(enqueue(world, "fair", R"(,"tenant":"a")"));
  const auto sweep = [&] { return world.drive(sluice::sweep, "{}").round_trips; };
  const auto left = [&] { return world.db.number("SELECT count(*) FROM gates"); };
  CHECK(sweep() == 1);
  CHECK(left() >= 506 - 200);
  for (int n = 0; n < 3; ++n) (void)sweep();
  CHECK(world.db.text("SELECT group_concat(key) FROM (SELECT key FROM gates ORDER BY key)") ==
        "h:busy,h:open,q:slow,r:fair:a,s:few failures,t:a");
  world.now += 60000;
  (void)sweep();
  CHECK(left() == 4);
  CHECK(world.db.text("SELECT gates_from || gates_to FROM sweep") == "");  // a few rows need no walk
}
