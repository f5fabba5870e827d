// The gate: limits and pauses, the lines that form behind them, and how these move on.
#include "core/gate.h"

#include "tests/core/gate_world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr char kKey[] = R"(,"concurrencyKey":"k")";

std::string line_of(World& world, std::string_view id) { return world.db.job(id, "held_by"); }

// The next job, a millisecond after the one before: ids of one time are in no order.
std::string enqueue(World& world, const std::string& type = "plain", const std::string& options = "") {
  ++world.now;
  return world.enqueue(type, options);
}

// Ids of what a step sent, in order.
std::vector<std::string> sent_ids(const Outcome& out) {
  std::vector<std::string> ids;
  for (const Send& send : out.step.sends) {
    const Json message(send.body);
    if (message["jobs"]) {
      for (const json::Value job : message["jobs"]) ids.emplace_back(job.find("id").text());
    } else {
      ids.push_back(message.text("id"));
    }
  }
  return ids;
}

}  // namespace

TEST_CASE("Of two jobs with one concurrency key one is leased, and the other stands in line", "[gate]") {
  World world(gate_config());
  const std::string first = enqueue(world, "plain", kKey);
  const std::string second = enqueue(world, "plain", kKey);
  const Outcome out = world.claim({World::wake(first), World::wake(second)});
  REQUIRE(out.step.runs.size() == 1);
  CHECK(Json(out.step.runs[0]).text("id") == first);
  CHECK(out.mark(1) == "ack");
  CHECK(out.step.sends.empty());
  CHECK(line_of(world, second) == "c:k");
  CHECK(world.db.job(second, "json_array(status, attempts, fence, wake_at)") == R"(["pending",0,0,null])");
  CHECK(world.db.number("SELECT used FROM gates WHERE key = 'c:k'") == 1);
}

TEST_CASE("The batch that ends a lease lets out the first in line, and sends it", "[gate]") {
  World world(gate_config());
  const std::string first = enqueue(world, "plain", kKey);
  const std::string run = world.take(first);
  std::vector<std::string> waiting;
  for (int n = 0; n < 3; ++n) {
    waiting.push_back(enqueue(world, "plain", kKey));
    (void)world.claim({World::wake(waiting.back())});
    world.now += 10;
  }
  const Outcome out = world.complete(run);
  CHECK(out.round_trips == 1);
  CHECK(sent_ids(out) == std::vector<std::string>{waiting[0]});
  CHECK(world.db.job_number(waiting[0], "wake_at") == world.now + 900000);
  CHECK(line_of(world, waiting[0]) == "NULL");
  CHECK(line_of(world, waiting[1]) == "c:k");
  CHECK(world.claim(out.bodies()).step.runs.size() == 1);
}

TEST_CASE("Who comes while others stand in line joins them, without a message", "[gate]") {
  World world(gate_config());
  (void)world.take(enqueue(world, "plain", kKey));
  const Outcome second = world.admit("plain", "{}", kKey);
  CHECK(second.step.reply.status == 201);
  CHECK(second.step.sends.empty());
  CHECK(line_of(world, second.reply().text("jobId")) == "c:k");
  CHECK(world.job(second.reply().text("jobId")).text("status") == "pending");
}

TEST_CASE("Within one request the places that are free are given in its order", "[gate]") {
  World world(gate_config());
  const Outcome out = world.batch(R"([{"type":"narrow","payload":{}},{"type":"narrow","payload":{}},
                                      {"type":"narrow","payload":{}},{"type":"plain","payload":{}}])");
  CHECK(sent_ids(out).size() == 3);
  CHECK(world.db.text(
            "SELECT group_concat(coalesce(held_by, '-')) FROM (SELECT held_by FROM jobs ORDER BY id)") ==
        "-,-,q:narrow,-");
}

TEST_CASE("Lines go by rank: one step of priority is worth ten minutes of waiting", "[gate]") {
  World world(gate_config());
  const std::string run = world.take(enqueue(world, "plain", kKey));
  const std::string low = enqueue(world, "plain", R"(,"concurrencyKey":"k","priority":9)");
  world.now += 1000;
  const std::string normal = enqueue(world, "plain", kKey);
  world.now += 1000;
  const std::string urgent = enqueue(world, "plain", R"(,"concurrencyKey":"k","priority":1)");
  world.now += 45 * 60000;  // now low stands before what is normal and comes later
  const std::string late = enqueue(world, "plain", kKey);
  std::vector<std::string> order;
  Outcome out = world.complete(run);
  while (!out.step.sends.empty()) {
    order.push_back(sent_ids(out).at(0));
    out = world.complete(world.take(order.back()));
  }
  CHECK(order == std::vector<std::string>{urgent, normal, low, late});
}

TEST_CASE("A queue gives as many leases at once as its types say", "[gate]") {
  World world(gate_config());
  std::vector<std::string> bodies;
  for (int n = 0; n < 5; ++n) bodies.push_back(World::wake(enqueue(world, "narrow")));
  const Outcome out = world.claim(bodies);
  CHECK(out.step.runs.size() == 2);
  CHECK(world.db.number("SELECT count(*) FROM jobs WHERE held_by = 'q:narrow'") == 3);
  const Outcome ended = world.settle({World::result(out.step.runs[0], R"("kind":"ok","frame":0,"ms":1)"),
                                      World::result(out.step.runs[1], R"("kind":"ok","frame":0,"ms":1)")},
                                     {"{}"});
  CHECK(sent_ids(ended).size() == 2);
}

TEST_CASE("A limit that a deployment brings holds for jobs that were accepted before", "[gate]") {
  const auto before = gate_config_of(R"({})", 0);
  World world(*before);
  std::vector<std::string> bodies;
  for (int n = 0; n < 4; ++n) bodies.push_back(World::wake(enqueue(world, "narrow")));
  world.configure(gate_config());
  CHECK(world.claim(bodies).step.runs.size() == 2);
  CHECK(world.db.number("SELECT used FROM gates WHERE key = 'q:narrow'") == 2);
}

TEST_CASE("A job with two gates takes no place at one while it waits at the other", "[gate]") {
  World world(gate_config());
  (void)world.take(enqueue(world, "plain", kKey));
  const std::string both = enqueue(world, "narrow", kKey);
  const std::string one = enqueue(world, "narrow");
  const std::string two = enqueue(world, "narrow");
  CHECK(line_of(world, both) == "c:k");
  CHECK(world.claim({World::wake(both), World::wake(one), World::wake(two)}).step.runs.size() == 2);
}

TEST_CASE("Who is let out of one line and finds the other gate full stands there", "[gate]") {
  World world(gate_config());
  const std::string run = world.take(enqueue(world, "plain", kKey));
  const std::string both = enqueue(world, "narrow", kKey);
  const std::string one = world.take(enqueue(world, "narrow"));
  (void)world.take(enqueue(world, "narrow"));
  CHECK(world.complete(run).step.sends.empty());
  CHECK(line_of(world, both) == "q:narrow");
  CHECK(sent_ids(world.complete(one)) == std::vector<std::string>{both});
}

TEST_CASE("A tenant has TENANT_CONCURRENCY leases at once", "[gate]") {
  const auto config = gate_config_of(R"({"TENANT_CONCURRENCY":"3"})", 2);
  World world(*config);
  std::vector<std::string> bodies;
  for (int n = 0; n < 5; ++n) bodies.push_back(World::wake(enqueue(world, "plain", R"(,"tenant":"t")")));
  CHECK(world.claim(bodies).step.runs.size() == 3);
  CHECK(world.claim({World::wake(enqueue(world, "plain", R"(,"tenant":"u")"))}).step.runs.size() == 1);
}

TEST_CASE("A failed attempt gives its place back, and takes one again when its time has come", "[gate]") {
  World world(gate_config());
  const std::string first = enqueue(world, "plain", kKey);
  const std::string run = world.take(first);
  const std::string second = enqueue(world, "plain", kKey);
  const Outcome out = world.end(run, R"("kind":"error","code":"x","message":"m")");
  CHECK(sent_ids(out) == std::vector<std::string>{second});
  const std::string other = world.take(second);
  world.now += 1000;
  CHECK(world.claim({World::wake(first)}).step.runs.empty());
  CHECK(line_of(world, first) == "c:k");
  CHECK(sent_ids(world.complete(other)) == std::vector<std::string>{first});
  CHECK(world.claim({World::wake(first)}).step.runs.size() == 1);
}

TEST_CASE(
    "A job that is due and has to wait is pending once the sweep has seen it, and leaves the line in turn",
    "[gate]") {
  World world(gate_config());
  const std::string run = world.take(enqueue(world, "plain", kKey));
  const std::string id = enqueue(world, "plain", R"(,"concurrencyKey":"k","delaySeconds":5)");
  CHECK(line_of(world, id) == "NULL");
  world.now += 5000;
  (void)world.claim({World::wake(id)});
  CHECK(world.db.job(id, "json_array(status, held_by)") == R"(["delayed","c:k"])");
  CHECK(world.sweep().step.sends.empty());
  CHECK(world.db.job(id, "json_array(status, held_by, wake_at)") == R"(["pending","c:k",null])");
  CHECK(sent_ids(world.complete(run)) == std::vector<std::string>{id});
}

TEST_CASE("A lease that runs out gives its place to the next in line", "[gate]") {
  World world(gate_config());
  const std::string first = enqueue(world, "plain", kKey);
  (void)world.take(first);
  const std::string second = enqueue(world, "plain", kKey);
  world.now += 900001;
  const Outcome out = world.sweep();
  CHECK(world.db.job(first, "status") == "pending");
  const std::vector<std::string> ids = sent_ids(out);
  CHECK(std::count(ids.begin(), ids.end(), second) == 1);
  CHECK(world.claim({World::wake(second), World::wake(first)}).step.runs.size() == 1);
}

TEST_CASE("A cancelled job keeps its places until its handler has stopped", "[gate]") {
  World world(gate_config());
  const std::string first = enqueue(world, "plain", kKey);
  const std::string run = world.take(first);
  const std::string second = enqueue(world, "plain", kKey);
  CHECK(world.cancel(first).step.sends.empty());
  CHECK(world.claim({World::wake(second)}).step.runs.empty());
  CHECK(sent_ids(world.end(run, R"("kind":"stopped")")) == std::vector<std::string>{second});
  CHECK(world.db.job(first, "json_array(lease_until, wake_at)") == "[null,null]");
}

TEST_CASE("A cancelled job whose worker is gone gives its places back when its lease is over", "[gate]") {
  World world(gate_config());
  const std::string first = enqueue(world, "plain", kKey);
  (void)world.take(first);
  const std::string second = enqueue(world, "plain", kKey);
  (void)world.cancel(first);
  world.now = world.db.job_number(first, "lease_until") + limits::kClockSkewMs - 1;
  CHECK(world.sweep().step.sends.empty());
  world.now += 1;
  CHECK(sent_ids(world.sweep()) == std::vector<std::string>{second});
  CHECK(world.db.job(first, "json_array(status, lease_until, wake_at)") == R"(["cancelled",null,null])");
}

TEST_CASE("A job that is cancelled in line, or after it was let out, holds up nobody", "[gate]") {
  World world(gate_config());
  const std::string run = world.take(enqueue(world, "plain", kKey));
  const std::string second = enqueue(world, "plain", kKey);
  const std::string third = enqueue(world, "plain", kKey);
  const std::string fourth = enqueue(world, "plain", kKey);
  (void)world.cancel(third);
  CHECK(line_of(world, third) == "NULL");
  CHECK(sent_ids(world.complete(run)) == std::vector<std::string>{second});
  CHECK(sent_ids(world.cancel(second)) == std::vector<std::string>{fourth});
}

TEST_CASE("A paused queue accepts jobs and starts none; it goes on where it stopped", "[gate]") {
  World world(gate_config());
  const std::string before = enqueue(world);
  const Outcome paused = world.pause("background-jobs");
  CHECK(paused.step.reply.status == 200);
  CHECK(paused.reply()["paused"].truth());
  CHECK(world.claim({World::wake(before)}).step.runs.empty());
  ++world.now;
  const Outcome accepted = world.admit("plain", "{}");
  CHECK(accepted.step.reply.status == 201);
  CHECK(accepted.step.sends.empty());
  CHECK(world.sweep().step.sends.empty());
  const Outcome resumed = world.resume("background-jobs");
  CHECK_FALSE(resumed.reply()["paused"].truth());
  CHECK(sent_ids(resumed).size() == 2);
  CHECK(world.claim(resumed.bodies()).step.runs.size() == 2);
}

TEST_CASE("What runs in a queue that is paused goes on to its end", "[gate]") {
  World world(gate_config());
  const std::string id = enqueue(world);
  const std::string run = world.take(id);
  (void)world.pause("background-jobs");
  (void)world.complete(run);
  CHECK(world.db.job(id, "status") == "completed");
}

TEST_CASE("Pausing twice is pausing once; a queue that nothing knows is not found", "[gate]") {
  World world(gate_config());
  CHECK(world.pause("narrow").reply()["paused"].truth());
  CHECK(world.pause("narrow").reply()["paused"].truth());
  CHECK_FALSE(world.resume("narrow").reply()["paused"].truth());
  CHECK_FALSE(world.resume("narrow").reply()["paused"].truth());
  CHECK(world.pause("nobody").step.reply.status == 404);
  CHECK(world.resume("").step.reply.status == 404);
  CHECK(world.pause("narrow\\u0000").step.reply.status == 404);
  CHECK(world.db.number("SELECT count(*) FROM gates") == 1);
}

TEST_CASE("A queue that no type names any more can be paused while it has jobs", "[gate]") {
  World world(gate_config());
  (void)enqueue(world);
  world.db.execute("UPDATE jobs SET queue = 'old'; UPDATE counters SET queue = 'old'");
  CHECK(world.pause("old").reply()["pending"].integer() == 1);
}

TEST_CASE("A line longer than one batch lets out is the sweep's to empty", "[gate]") {
  World world(gate_config());
  (void)world.pause("background-jobs");
  for (int n = 0; n < 3; ++n) {
    std::string jobs;
    for (int i = 0; i < 400; ++i) jobs += std::string(i > 0 ? "," : "") + R"({"type":"plain","payload":{}})";
    (void)world.batch("[" + jobs + "]");
  }
  size_t sent = sent_ids(world.resume("background-jobs")).size();
  CHECK(sent == static_cast<size_t>(limits::kReleaseRows));
  Outcome out = world.sweep();
  for (; out.step.more; out = world.sweep()) sent += sent_ids(out).size();
  CHECK(sent + sent_ids(out).size() == 1200);
}

TEST_CASE("A place that nobody was told of is given by the sweep", "[gate]") {
  World world(gate_config());
  const std::string run = world.take(enqueue(world, "plain", kKey));
  const std::string second = enqueue(world, "plain", kKey);
  world.db.execute("UPDATE jobs SET held_by = 'elsewhere' WHERE held_by = 'c:k'");
  (void)world.complete(run);
  world.db.execute("UPDATE jobs SET held_by = 'c:k' WHERE held_by = 'elsewhere'");
  CHECK(sent_ids(world.sweep()) == std::vector<std::string>{second});
}

TEST_CASE("The sweep walks over any number of lines, some in each round", "[gate]") {
  World world(gate_config());
  std::string jobs;
  for (int n = 0; n < 250; ++n) {
    jobs += std::string(n > 0 ? "," : "") + R"({"type":"plain","payload":{},"concurrencyKey":")" +
            std::to_string(n) + "\"}";
  }
  (void)world.batch("[" + jobs + "]");
  world.db.execute("UPDATE jobs SET held_by = 'c:' || concurrency_key");
  size_t sent = 0;
  for (int round = 0; round < 6; ++round) sent += sent_ids(world.sweep()).size();
  CHECK(sent == 250);
  CHECK(world.db.number("SELECT count(*) FROM jobs WHERE held_by IS NOT NULL") == 0);
}

TEST_CASE("A claim and a settle whose answers were lost give no place twice and none for ever", "[gate]") {
  World world(gate_config());
  const std::string first = enqueue(world, "plain", kKey);
  const std::string second = enqueue(world, "plain", kKey);
  world.db.fail_next(std::string(kLost), true);
  const Outcome out = world.claim({World::wake(first), World::wake(second)});
  REQUIRE(out.step.runs.size() == 1);
  CHECK(world.db.number("SELECT used FROM gates WHERE key = 'c:k'") == 1);
  world.db.fail_next(std::string(kLost), true);
  (void)world.complete(out.step.runs[0]);
  CHECK(world.claim({World::wake(second)}).step.runs.size() == 1);
}

TEST_CASE("Gates of keys that nobody uses any more are forgotten", "[gate]") {
  World world(gate_config());
  const std::string run = world.take(enqueue(world, "plain", kKey));
  CHECK(world.db.number("SELECT count(*) FROM gates") == 1);
  (void)world.complete(run);
  CHECK(world.db.number("SELECT count(*) FROM gates") == 0);
}

TEST_CASE("A plain job costs no row more for the gates there are", "[gate]") {
  World world(gate_config());
  const Outcome admitted = world.admit("plain", "{}");
  const Outcome claimed = world.claim(admitted.bodies());
  const Outcome settled = world.complete(claimed.step.runs[0]);
  CHECK(admitted.changed + claimed.changed + settled.changed == 6);
}

TEST_CASE("A job shows its tenant and its concurrency key", "[gate]") {
  World world(gate_config());
  const Json job = world.job(enqueue(world, "plain", R"(,"tenant":"t","concurrencyKey":"k")"));
  CHECK(job.text("tenant") == "t");
  CHECK(job.text("concurrencyKey") == "k");
}
