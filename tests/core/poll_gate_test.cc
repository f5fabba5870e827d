// Polled jobs at the gates: a concurrency key or a tenant holds for them as for those that a message brings.
#include <algorithm>

#include "core/poll.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr char kPolled[] = R"json({"types": [
  {"type": "mail", "queue": "outreach", "transport": "none", "maxAttempts": 3,
   "backoff": {"type": "fixed", "delay": 300000, "jitter": 0}, "payload": {}},
  {"type": "plain", "queue": "background-jobs", "payload": {}}
], "vars": {"POLL_BATCH": "10", "TENANT_CONCURRENCY": "2"}})json";

constexpr char kLine[] = "p:outreach";

const Config& config() {
  static const auto loaded = [] {
    auto out = std::make_unique<Config>();
    REQUIRE(out->load(kPolled).empty());
    return out;
  }();
  return *loaded;
}

Outcome poll(World& world) {
  return world.drive(sluice::poll, R"({"line":"p:outreach","worker":"w1","since":)" +
                                       std::to_string(world.now) + R"(,"taken":0})");
}

std::string mail(World& world, const std::string& options) {
  ++world.now;
  return world.enqueue("mail", options);
}

std::string line_of(World& world, const std::string& id) {
  return world.db.job(id, "coalesce(held_by, '-')");
}

int64_t used(World& world, const std::string& key) {
  return world.db.number("SELECT coalesce(max(used), 0) FROM gates WHERE key = '" + key + "'");
}

constexpr char kKey[] = R"(,"concurrencyKey":"k")";
constexpr char kTenant[] = R"(,"tenant":"t")";

}  // namespace

TEST_CASE("Of polled jobs with one concurrency key one is leased at a time, in their order", "[poll]") {
  World world(config());
  std::vector<std::string> ids;
  for (int n = 0; n < 3; ++n) ids.push_back(mail(world, kKey));
  const std::string free = mail(world, "");
  for (int n = 0; n < 3; ++n) {
    const Outcome out = poll(world);
    REQUIRE(out.step.runs.size() == (n == 0 ? 2 : 1));
    CHECK(Json(out.step.runs[0]).text("id") == ids[n]);
    CHECK(used(world, "c:k") == 1);
    for (int later = n + 1; later < 3; ++later) CHECK(line_of(world, ids[later]) == "c:k");
    CHECK(poll(world).step.runs.empty());
    const Outcome done = world.complete(out.step.runs[0]);
    CHECK(done.sent().empty());
    CHECK(used(world, "c:k") == 0);
    if (n < 2) CHECK(line_of(world, ids[n + 1]) == kLine);
  }
  CHECK(line_of(world, free) == "-");
}

TEST_CASE("A tenant's place is one, whether a poll or a message takes it", "[poll]") {
  World world(config());
  const std::string sent = world.enqueue("plain", kTenant);
  const std::string run = world.take(sent);
  const std::string first = mail(world, kTenant);
  const std::string second = mail(world, kTenant);
  REQUIRE(poll(world).step.runs.size() == 1);
  CHECK(line_of(world, first) == "-");
  CHECK(line_of(world, second) == "t:t");
  CHECK(used(world, "t:t") == 2);
  (void)world.complete(run);
  CHECK(line_of(world, second) == kLine);
  CHECK(poll(world).step.runs.size() == 1);
}

TEST_CASE("A poll whose answer was lost has parked and leased once", "[poll]") {
  World world(config());
  for (int n = 0; n < 4; ++n) (void)mail(world, kKey);
  world.db.fail_next(std::string(kLost), true, 2);
  const Outcome out = poll(world);
  CHECK(out.round_trips == 3);
  CHECK(out.step.runs.size() == 1);
  CHECK(used(world, "c:k") == 1);
  CHECK(world.db.number("SELECT count(*) FROM jobs WHERE held_by = 'c:k'") == 3);
}

TEST_CASE(
    "Who stands in a gate's line from a poll stays there through the sweep, and leaves it when cancelled",
    "[poll]") {
  World world(config());
  const std::string first = mail(world, kKey);
  const std::string second = mail(world, kKey);
  const std::string third = mail(world, kKey);
  const std::string run = poll(world).step.runs.at(0);
  world.now += config().settings.lease_ms / 2;
  (void)world.begin(run);
  (void)world.cancel(second);
  CHECK(line_of(world, second) == "-");
  world.now += config().settings.lease_ms + limits::kClockSkewMs;
  (void)world.sweep();
  CHECK(line_of(world, first) == kLine);
  const Outcome out = poll(world);
  REQUIRE(out.step.runs.size() == 1);
  CHECK(Json(out.step.runs[0]).text("id") == first);
  CHECK(line_of(world, third) == "c:k");
}

TEST_CASE("Two hundred polls in any order give no key more than its place, and leave nobody", "[poll]") {
  World world(config());
  Entropy dice(3, 9);
  for (int n = 0; n < 120; ++n) {
    const std::string which = std::to_string(dice.below(4));
    const bool keyed = dice.below(2) == 0;
    (void)mail(world, (keyed ? R"(,"concurrencyKey":"k)" : R"(,"tenant":"t)") + which + R"(","priority":)" +
                          std::to_string(1 + dice.below(10)));
  }
  std::vector<std::string> running;
  for (int n = 0; n < 2000 && world.db.number("SELECT count(*) FROM jobs WHERE status <> 'completed'") > 0;
       ++n) {
    if (dice.below(3) == 0 || running.empty()) {
      for (const std::string& run : poll(world).step.runs) running.push_back(run);
      CHECK(world.db.number(
                "SELECT count(*) FROM (SELECT concurrency_key FROM jobs WHERE status = 'processing' "
                "AND concurrency_key IS NOT NULL GROUP BY 1 HAVING count(*) > 1)") == 0);
      CHECK(world.db.number("SELECT count(*) FROM (SELECT tenant FROM jobs WHERE status = 'processing' "
                            "AND tenant IS NOT NULL GROUP BY 1 HAVING count(*) > 2)") == 0);
    } else {
      const size_t which = dice.below(static_cast<uint32_t>(running.size()));
      (void)world.complete(running[which]);
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(which));
    }
    world.now += 100;
  }
  CHECK(world.db.number("SELECT count(*) FROM jobs WHERE status = 'completed' AND attempts = 1") == 120);
  CHECK(world.db.number("SELECT count(*) FROM gates WHERE used <> 0") == 0);
}
