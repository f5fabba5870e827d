// Pulse: running jobs renew their leases and hear what became of them.
#include "core/pulse.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

std::string run(const std::string& id, int64_t fence, int64_t lease_until, const std::string& more = "") {
  return R"({"id":")" + id + R"(","fence":)" + std::to_string(fence) + R"(,"leaseUntil":)" +
         std::to_string(lease_until) + more + "}";
}

Outcome beat(World& world, const std::string& runs, const std::vector<std::string>& frames = {}) {
  return world.drive(pulse, R"({"runs":[)" + runs + "]}", frames);
}

struct Running {
  std::string id;
  int64_t lease = 0;
};

Running start(World& world) {
  const std::string id = world.enqueue();
  (void)world.take(id);
  return {id, world.db.job_number(id, "lease_until")};
}

}  // namespace

TEST_CASE("A lease is renewed once a third of it has passed", "[pulse]") {
  World world;
  const Running job = start(world);
  world.now += 99999;
  Outcome out = beat(world, run(job.id, 1, job.lease));
  CHECK(out.changed == 0);
  CHECK(out.reply()["leases"].raw() == R"([[")" + job.id + R"(",)" + std::to_string(job.lease) + "]]");
  world.now += 1;
  out = beat(world, run(job.id, 1, job.lease));
  CHECK(out.changed == 1);
  CHECK(world.db.job_number(job.id, "lease_until") == world.now + 300000);
  CHECK(out.reply()["leases"].at(0).at(1).integer() == world.now + 300000);
  CHECK(out.step.aborts.empty());
  CHECK(world.db.job(job.id, "wake_at") == "NULL");
}

TEST_CASE("A renewed lease moves the sweep's look along", "[pulse]") {
  World world;
  const std::string id = world.enqueue("plain", R"(,"delaySeconds":1)");
  world.now += 1000;
  (void)world.take(id);
  const int64_t lease = world.db.job_number(id, "lease_until");
  world.now += 200000;
  (void)beat(world, run(id, 1, lease));
  CHECK(world.db.job_number(id, "wake_at") == world.now + 300000 + limits::kClockSkewMs);
}

TEST_CASE("Progress and checkpoints are kept, the lease stays as it is", "[pulse]") {
  World world;
  const Running job = start(world);
  (void)beat(world, run(job.id, 1, job.lease, R"(,"pulse":1,"progress":40,"frame":0)"), {R"({"at":1})"});
  CHECK(world.db.job(job.id, "json_array(progress, lease_until)") ==
        "[40," + std::to_string(job.lease) + "]");
  (void)beat(world, run(job.id, 1, job.lease, R"(,"pulse":2,"progress":140,"frame":0)"), {R"({"at":2})"});
  CHECK(world.db.job(job.id, "progress") == "100");
  CHECK(world.db.text("SELECT kind || body FROM bodies") == R"(checkpoint{"at":2})");
}

TEST_CASE("Checkpoints have an order of their own: by lease, then by pulse", "[pulse]") {
  World world;
  const Running job = start(world);
  const auto version = [&] { return world.db.number("SELECT version FROM bodies"); };
  int64_t before = 0;
  for (const char* pulse : {"1", "2", "900719925474099"}) {
    (void)beat(world, run(job.id, 1, job.lease, std::string(R"(,"frame":0,"pulse":)") + pulse), {"1"});
    CHECK(version() > before);
    before = version();
  }
  world.now += 2000000;
  (void)world.sweep();
  (void)world.take(job.id);
  (void)beat(world, run(job.id, 2, world.db.job_number(job.id, "lease_until"), R"(,"frame":0,"pulse":1)"),
             {"2"});
  CHECK(version() > before);
  CHECK(world.db.text("SELECT body FROM bodies") == "2");
}

TEST_CASE("A run that begins is noted with progress 0 and a whole lease", "[pulse]") {
  World world;
  const Running job = start(world);
  world.now += 1000;
  const Outcome out = beat(world, run(job.id, 1, job.lease, R"(,"begins":true)"));
  CHECK(out.changed == 1);
  CHECK(world.db.job(job.id, "json_array(progress, lease_until)") ==
        "[0," + std::to_string(world.now + 300000) + "]");
}

TEST_CASE("A run that begins is answered with no reply when D1 fails", "[pulse]") {
  World world;
  const Running job = start(world);
  world.db.fail_next(std::string(kLost), false, 6);
  const Outcome out = beat(world, run(job.id, 1, job.lease, R"(,"begins":true)"));
  CHECK(out.step.reply.status == 0);
  CHECK(out.step.aborts.empty());
  CHECK(world.db.job(job.id, "progress") == "NULL");
}

TEST_CASE("A cancelled job's handler is told to stop", "[pulse]") {
  World world;
  const Running job = start(world);
  (void)world.cancel(job.id);
  world.now += 200000;
  const Outcome out = beat(world, run(job.id, 1, job.lease, R"(,"progress":3,"frame":0)"), {"1"});
  REQUIRE(out.step.aborts.size() == 1);
  CHECK(out.step.aborts[0] == R"({"id":")" + job.id + R"(","reason":"cancelled"})");
  CHECK(out.changed == 0);
}

TEST_CASE("A handler whose lease was lost is told to stop, and renews nobody else's", "[pulse]") {
  World world;
  const Running job = start(world);
  world.now += 2000000;
  (void)world.sweep();
  CHECK(beat(world, run(job.id, 1, job.lease)).step.aborts.at(0) ==
        R"({"id":")" + job.id + R"(","reason":"lost"})");
  (void)world.take(job.id);
  const Outcome out = beat(world, run(job.id, 1, job.lease, R"(,"progress":3,"frame":0)"), {"1"});
  CHECK(out.step.aborts.size() == 1);
  CHECK(out.changed == 0);
  CHECK(world.db.job(job.id, "progress") == "NULL");
}

TEST_CASE("Without a database only what has no lease left must stop", "[pulse]") {
  World world;
  const Running job = start(world);
  world.db.fail_next(std::string(kLost), false, 2);
  CHECK(beat(world, run(job.id, 1, job.lease)).step.aborts.empty());
  world.now = job.lease;
  CHECK(beat(world, run(job.id, 1, job.lease)).step.aborts.size() == 1);
}
