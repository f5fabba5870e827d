// Breakers: closed, open after failures in a row, half open with one probe at a time.
#include "core/limits.h"
#include "tests/core/gate_world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr char kOk[] = R"("kind":"ok","frame":0,"ms":1)";
constexpr char kDown[] = R"("kind":"error","code":"down","message":"m","breaker":true)";
constexpr char kFatal[] = R"("kind":"error","code":"gone","message":"m","retryable":false)";
constexpr char kOther[] = R"("kind":"error","code":"other","message":"m")";

class Site {
 public:
  Site() : world(gate_config_()) {}

  // A new job for a page of its own.
  Outcome admit(const std::string& type = "reaching") {
    ++world.now;
    return world.admit(type, R"({"page":"http://a.example/)" + std::to_string(++pages_) + "\"}");
  }
  std::string enqueue(const std::string& type = "reaching") { return admit(type).reply().text("jobId"); }
  void end_one(const std::string& verdict) { (void)world.end(world.take(enqueue()), verdict); }
  void fail(int64_t times) {
    for (int64_t n = 0; n < times; ++n) end_one(kDown);
  }
  int64_t of(const std::string& column) {
    return world.db.number("SELECT coalesce((SELECT " + column +
                           " FROM gates WHERE key = 'h:a.example'), 0)");
  }
  std::string line_of(const std::string& id) { return world.db.job(id, "held_by"); }

  World world;

 private:
  static const Config& gate_config_() { return gate_config(); }
  int pages_ = 0;
};

}  // namespace

TEST_CASE("Five failures in a row that a handler blames on the host open its breaker", "[breaker]") {
  Site site;
  site.fail(limits::kBreakerFails - 1);
  CHECK(site.of("open_until") == 0);
  site.fail(1);
  CHECK(site.of("fails") == limits::kBreakerFails);
  CHECK(site.of("open_until") == site.world.now + limits::kBreakerOpenMs);
  CHECK(site.of("used") == 0);
}

TEST_CASE("A success between failures, and an error that is final, begin the count anew", "[breaker]") {
  for (const char* verdict : {kOk, kFatal}) {
    Site site;
    site.fail(4);
    site.end_one(verdict);
    CHECK(site.of("fails") == 0);
    site.fail(4);
    CHECK(site.of("open_until") == 0);
  }
}

TEST_CASE("What says nothing about the host leaves its count alone", "[breaker]") {
  for (const char* verdict :
       {kOther, R"("kind":"timeout")", R"("kind":"unstarted")", R"("kind":"snooze","delayMs":1000)"}) {
    Site site;
    site.fail(4);
    site.end_one(verdict);
    CHECK(site.of("fails") == 4);
    site.fail(1);
    CHECK(site.of("open_until") > 0);
  }
}

TEST_CASE("Behind an open breaker jobs stand in line, and no attempt is spent", "[breaker]") {
  Site site;
  const std::string sent = site.enqueue();
  site.fail(5);
  CHECK(site.world.claim({World::wake(sent)}).step.runs.empty());
  CHECK(site.line_of(sent) == "h:a.example");
  CHECK(site.world.db.job(sent, "json_array(status, attempts, fence)") == R"(["pending",0,0])");
  const Outcome later = site.admit();
  CHECK(later.step.sends.empty());
  CHECK(site.line_of(later.reply().text("jobId")) == "h:a.example");
  const std::string health = site.world.query("queues").step.reply.body;
  CHECK(health.find(R"("key":"h:a.example","state":"open","fails":5)") != std::string::npos);
  site.world.now += limits::kBreakerOpenMs / 2;
  CHECK(site.world.sweep().step.sends.empty());
}

TEST_CASE("A half-open breaker lets one probe pass at a time, and its success closes it", "[breaker]") {
  Site site;
  site.fail(5);
  std::vector<std::string> waiting;
  for (int n = 0; n < 4; ++n) waiting.push_back(site.enqueue());
  site.world.now += limits::kBreakerOpenMs;
  const Outcome swept = site.world.sweep();
  REQUIRE(swept.step.sends.size() == 1);
  const Outcome claimed = site.world.claim({swept.bodies()[0], World::wake(waiting[1])});
  REQUIRE(claimed.step.runs.size() == 1);
  CHECK(site.admit().step.sends.empty());
  const std::string health = site.world.query("queues").step.reply.body;
  CHECK(health.find(R"("state":"half_open")") != std::string::npos);
  const Outcome closed = site.world.end(claimed.step.runs[0], kOk);
  CHECK(closed.step.sends.size() == 1);
  CHECK(site.of("fails + open_until") == 0);
  CHECK(site.world.claim(closed.bodies()).step.runs.size() == 1);
  (void)site.world.sweep();  // the host has three places
  CHECK(site.world.db.number("SELECT count(*) FROM jobs WHERE held_by = 'h:a.example'") == 1);
}

TEST_CASE("A probe that fails opens the breaker again", "[breaker]") {
  Site site;
  site.fail(5);
  const std::string next = site.enqueue();
  site.world.now += limits::kBreakerOpenMs;
  const Outcome swept = site.world.sweep();
  REQUIRE(swept.step.sends.size() == 1);
  const std::string run = site.world.take(next);
  site.world.now += 5000;
  (void)site.world.end(run, kDown);
  CHECK(site.of("open_until") == site.world.now + limits::kBreakerOpenMs);
  CHECK(site.world.sweep().step.sends.empty());
}

TEST_CASE("Failures of jobs that began before leave an open breaker's time alone", "[breaker]") {
  Site site;
  const std::string late = site.world.take(site.enqueue());
  site.fail(5);
  const int64_t until = site.of("open_until");
  site.world.now += 1000;
  (void)site.world.end(late, kDown);
  CHECK(site.of("open_until") == until);
}

TEST_CASE("A settle whose answer was lost counts its failure once", "[breaker]") {
  Site site;
  site.fail(3);
  const std::string run = site.world.take(site.enqueue());
  (void)site.world.end(run, kDown);
  (void)site.world.end(run, kDown);
  CHECK(site.of("fails") == 4);
}

TEST_CASE("A service's breaker has no other limit, and receivers of webhooks have breakers of their own",
          "[breaker]") {
  Site site;
  std::vector<std::string> bodies;
  for (int n = 0; n < 20; ++n) bodies.push_back(World::wake(site.enqueue("calling")));
  const Outcome claimed = site.world.claim(bodies);
  REQUIRE(claimed.step.runs.size() == 20);
  std::vector<std::string> results;
  for (const std::string& run : claimed.step.runs) results.push_back(World::result(run, kDown));
  (void)site.world.settle(results);
  CHECK(site.world.db.text(
            "SELECT group_concat(key) FROM (SELECT key FROM gates WHERE open_until > 0 ORDER BY key)") ==
        "s://a.example,s:mail");
}

TEST_CASE("Other gates of a job know nothing of failures", "[breaker]") {
  Site site;
  for (int n = 0; n < 6; ++n) {
    (void)site.world.end(site.world.take(site.world.enqueue("plain", R"(,"tenant":"t")")), kDown);
  }
  CHECK(site.world.db.number("SELECT count(*) FROM gates") == 0);
}
