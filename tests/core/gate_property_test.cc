// The exact limits, with twenty consumers at one database whose steps interleave at random: every claim,
// settle and sweep is one batch, as in production, and after each of them the limits are counted anew from
// the jobs' own rows.
#include <algorithm>

#include "tests/core/gate_world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr int kConsumers = 20;
constexpr int kJobs = 120;
constexpr int64_t kQueueCap = 3;
constexpr int64_t kTenantCap = 4;
constexpr int64_t kHostCap = 2;

struct Message {
  std::string body;
  int64_t at = 0;
};

struct Consumer {
  std::vector<std::string> runs;
  int64_t ends_at = 0;
  bool dies = false;
};

class Rush {
 public:
  Rush(const Config& config, uint64_t seed, bool dying)
      : world_(config, seed), dice_(seed, 77), consumers_(kConsumers), dying_(dying) {}

  // Until all jobs are final, or too long.
  void run() {
    admit();
    int64_t next_tick = world_.now + 60000;
    for (int step = 0; step < 20000 && open() > 0; ++step) {
      world_.now += below(400);
      if (world_.now >= next_tick) {
        send(world_.sweep());
        next_tick += 60000;
      }
      act(consumers_[static_cast<size_t>(below(kConsumers))]);
      judge();
    }
    CHECK(open() == 0);
    CHECK(world_.db.number("SELECT count(*) FROM gates WHERE used <> 0") == 0);
  }

  int64_t most_of_a_key = 0;
  int64_t most_of_the_queue = 0;
  int64_t most_of_a_tenant = 0;
  int64_t most_of_a_host = 0;
  int64_t openings = 0;     // steps that found a breaker open
  int64_t later_turns = 0;  // leases whose turn came later
  int64_t deaths = 0;

 private:
  int64_t below(int64_t bound) { return static_cast<int64_t>(dice_.below(static_cast<uint64_t>(bound))); }

  int64_t open() { return world_.db.number("SELECT count(*) FROM jobs WHERE completed_at IS NULL"); }

  void admit() {
    std::string jobs;
    for (int n = 0; n < kJobs; ++n) {
      jobs += jobs.empty() ? "[" : ",";
      if (below(3) == 0) {
        jobs += R"({"type":"reaching","payload":{"page":"http://h)" + std::to_string(below(2)) + ".example/" +
                std::to_string(below(6)) + "\"}";
      } else {
        jobs += std::string(R"({"type":")") + (below(2) == 0 ? "narrow" : "plain") + R"(","payload":{})";
      }
      jobs += R"(,"priority":)" + std::to_string(1 + below(10));
      if (below(2) == 0) jobs += R"(,"concurrencyKey":"k)" + std::to_string(below(4)) + "\"";
      if (below(2) == 0) jobs += R"(,"tenant":"t)" + std::to_string(below(2)) + "\"";
      if (below(6) == 0) jobs += R"(,"delaySeconds":)" + std::to_string(1 + below(30));
      jobs += "}";
      if (n % 40 == 39) {
        send(world_.batch(jobs + "]"));
        jobs.clear();
      }
    }
  }

  // What a step sent arrives, a little late and sometimes twice.
  void send(const Outcome& out) {
    for (const Send& send : out.step.sends) {
      for (int64_t times = below(8) == 0 ? 2 : 1; times > 0; --times) {
        queue_.push_back({send.body, world_.now + send.delay_seconds * 1000 + below(3000)});
      }
    }
  }

  void act(Consumer& consumer) {
    if (consumer.runs.empty()) {
      take(consumer);
    } else if (world_.now >= consumer.ends_at) {
      end(consumer);
    }
  }

  void take(Consumer& consumer) {
    std::vector<std::string> bodies;
    for (size_t n = 0; n < queue_.size() && bodies.size() < 6;) {
      if (queue_[n].at > world_.now || below(3) == 0) {
        ++n;
        continue;
      }
      bodies.push_back(queue_[n].body);
      queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(n));
    }
    if (bodies.empty()) return;
    const Outcome out = world_.claim(bodies);
    send(out);
    consumer.runs = out.step.runs;
    consumer.ends_at = world_.now + below(20000);
    consumer.dies = dying_ && below(6) == 0;
  }

  void end(Consumer& consumer) {
    std::vector<std::string> results;
    std::vector<std::string> ids;
    for (const std::string& run : consumer.runs) {
      const auto place = static_cast<int64_t>(results.size());
      const int64_t kind = below(8);
      results.push_back(World::result(run,
                                      kind == 0   ? R"("kind":"error","code":"x","message":"m")"
                                      : kind == 1 ? R"("kind":"snooze","delayMs":2000)"
                                      : kind == 2 ? R"("kind":"unstarted")"
                                      : kind == 3 || is_down()
                                          ? R"("kind":"error","code":"down","message":"m","breaker":true)"
                                          : R"("kind":"ok","frame":0,"ms":1)",
                                      place));
      ids.push_back(Json(run).text("id"));
    }
    consumer.runs.clear();
    if (consumer.dies) {
      ++deaths;
      return;
    }
    const Outcome out = world_.settle(results, {"{}"});
    send(out);
    for (const Mark& mark : out.step.marks) {
      if (!mark.retry) continue;
      const std::string& id = ids.at(static_cast<size_t>(mark.message));
      queue_.push_back({World::wake(id), world_.now + mark.delay_seconds * 1000});
    }
  }

  // What jobs reach for is down for half of the first four minutes.
  [[nodiscard]] bool is_down() const {
    return world_.now < kStart + 240000 && (world_.now - kStart) % 120000 < 60000;
  }

  // The most leases at once of one gate of a kind.
  int64_t most_of(const std::string& kind) {
    return world_.db.number(
        "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM jobs, json_each(jobs.gates) AS o "
        "WHERE jobs.lease_until IS NOT NULL AND o.value GLOB '" +
        kind + "*' GROUP BY o.value)");
  }

  // A breaker that is open starts nothing, and lets one pass at a time afterwards.
  void judge_breakers() {
    const int64_t wrong = world_.db.number(
        "SELECT count(*) FROM jobs, json_each(jobs.gates) AS o JOIN gates AS g ON g.key = o.value "
        "WHERE jobs.lease_until IS NOT NULL AND jobs.started_at = " +
        std::to_string(world_.now) + " AND jobs.status = 'processing' AND g.open_until > 0 " +
        "AND (g.open_until > jobs.started_at OR g.used > 1)");
    REQUIRE(wrong == 0);
    openings +=
        world_.db.number("SELECT count(*) FROM gates WHERE open_until > " + std::to_string(world_.now));
  }

  // Jobs of one host that run have turns a second apart.
  void judge_turns() {
    const int64_t near = world_.db.number(
        "WITH run AS MATERIALIZED (SELECT jobs.id, jobs.run_at, o.value AS key FROM jobs, "
        "json_each(jobs.gates) AS o "
        "WHERE jobs.status = 'processing' AND jobs.run_at >= jobs.started_at AND o.value GLOB 'h:*') "
        "SELECT count(*) FROM run AS a JOIN run AS b ON b.key = a.key AND b.id > a.id "
        "WHERE abs(a.run_at - b.run_at) < 1000");
    REQUIRE(near == 0);
    later_turns += world_.db.number(
        "SELECT count(*) FROM jobs WHERE status = 'processing' AND run_at > started_at AND started_at = " +
        std::to_string(world_.now));
  }

  int64_t most(const std::string& column, const std::string& where) {
    return world_.db.number(
        "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM jobs WHERE lease_until IS NOT NULL "
        "AND " +
        where + " GROUP BY " + column + ")");
  }

  void judge() {
    const int64_t of_a_key = most("concurrency_key", "concurrency_key IS NOT NULL");
    const int64_t of_the_queue = most("queue", "queue = 'narrow'");
    const int64_t of_a_tenant = most("tenant", "tenant IS NOT NULL");
    REQUIRE(of_a_key <= 1);
    REQUIRE(of_the_queue <= kQueueCap);
    REQUIRE(of_a_tenant <= kTenantCap);
    const int64_t of_a_host = most_of("h:");
    REQUIRE(most_of("u:") <= 1);
    REQUIRE(of_a_host <= kHostCap);
    judge_breakers();
    judge_turns();
    most_of_a_host = std::max(most_of_a_host, of_a_host);
    most_of_a_key = std::max(most_of_a_key, of_a_key);
    most_of_the_queue = std::max(most_of_the_queue, of_the_queue);
    most_of_a_tenant = std::max(most_of_a_tenant, of_a_tenant);
  }

  World world_;
  Entropy dice_;
  std::vector<Consumer> consumers_;
  std::vector<Message> queue_;
  bool dying_;
};

void rush(bool dying) {
  const auto config =
      gate_config_of(R"({"TENANT_CONCURRENCY":"4","SCRAPE_CONCURRENCY":"2","LEASE_MS":"60000"})", kQueueCap);
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    Rush rush(*config, seed, dying);
    INFO("seed " << seed);
    rush.run();
    CHECK(rush.most_of_a_key == 1);
    CHECK(rush.most_of_the_queue == kQueueCap);
    CHECK(rush.most_of_a_tenant == kTenantCap);
    CHECK(rush.most_of_a_host == kHostCap);
    CHECK(rush.openings > 0);
    CHECK(rush.later_turns > 0);
    CHECK((rush.deaths > 0) == dying);
  }
}

}  // namespace

TEST_CASE("Limits hold exactly, and are used to the full, with twenty consumers and random delays",
          "[gate]") {
  rush(false);
}

TEST_CASE("Limits hold exactly with twenty consumers of whom some die with their leases", "[gate]") {
  rush(true);
}
