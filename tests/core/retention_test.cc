// Retention: what is final for long enough is removed with all that belongs to it, and is still counted.
#include "core/prune.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr int64_t kDay = 86400000;
constexpr int64_t kCompleted = 7 * kDay;
constexpr int64_t kFailed = 30 * kDay;

int64_t count(World& world, const std::string& what) {
  return world.db.number("SELECT coalesce(sum(" + what + "), 0) FROM counters");
}

bool kept(World& world, const std::string& id) { return world.db.job(id, "id") == id; }

// Sweeps as a tick does: until there is no more to do.
int tick(World& world) {
  for (int rounds = 1; rounds <= 40; ++rounds) {
    if (!world.sweep().step.more) return rounds;
  }
  return 41;
}

// A tick some milliseconds later.
void tick_after(World& world, int64_t ms) {
  world.now += ms;
  CHECK(tick(world) < 40);
}

std::string completed(World& world, const std::string& options = "") {
  const std::string id = world.enqueue("plain", options);
  (void)world.complete(world.take(id));
  return id;
}

std::string buried(World& world) {
  const std::string id = world.enqueue();
  const Outcome out = world.fail(world.take(id));
  (void)world.bury({out.step.sends.at(0).body});
  return id;
}

}  // namespace

TEST_CASE("A completed job is kept for its days and then removed, and still counts", "[retention]") {
  World world;
  const std::string id = completed(world);
  tick_after(world, kCompleted);
  CHECK(kept(world, id));
  tick_after(world, 1);
  CHECK_FALSE(kept(world, id));
  CHECK(world.query("job", R"(,"id":")" + id + R"(")").step.reply.status == 404);
  CHECK(world.db.text("SELECT json_array(completed, pruned, attempts) FROM counters") == "[0,1,0]");
  CHECK(world.query("stats").reply()["pruned"].integer() == 1);
  CHECK(world.query("stats").reply()["total"].integer() == 0);
}

TEST_CASE("A plain job is written three times before it is removed, and pays for no index", "[retention]") {
  World world;
  const std::string id = completed(world);
  CHECK(world.db.job(id, "json_array(wake_at, prune_at)") == "[null,null]");
  world.now += kCompleted + 1;
  const Outcome out = world.sweep();
  CHECK(out.round_trips == 1);
  // The two watermarks, the choice, the counter and the job itself.
  CHECK(out.changed == 5);
}

TEST_CASE("Failed and cancelled jobs are kept for theirs", "[retention]") {
  World world;
  const std::string failed = buried(world);
  const std::string cancelled = world.enqueue();
  (void)world.cancel(cancelled);
  tick_after(world, kCompleted + 1);
  CHECK(world.db.job_number(failed, "prune_at") == kStart + kFailed);
  CHECK(world.db.job_number(cancelled, "prune_at") == kStart + kFailed);
  tick_after(world, kFailed - kCompleted - 2);
  CHECK(kept(world, failed));
  tick_after(world, 1);
  CHECK_FALSE(kept(world, failed));
  CHECK_FALSE(kept(world, cancelled));
  CHECK(world.db.number("SELECT count(*) FROM dead_letters") == 0);
  CHECK(world.db.text("SELECT json_array(failed, cancelled, pruned) FROM counters") == "[0,0,2]");
}

TEST_CASE("A job that becomes final behind the walk goes at its own time", "[retention]") {
  World world;
  const std::string old = world.enqueue("plain", R"(,"delaySeconds":2592000)");  // 30 days
  const std::string young = completed(world);
  tick_after(world, kCompleted + 1);
  CHECK(world.db.text("SELECT pruned_to FROM sweep") >= old);
  CHECK_FALSE(kept(world, young));
  world.now = kStart + 30 * kDay;
  (void)world.complete(world.take(old));
  tick_after(world, kCompleted - 1);
  CHECK(kept(world, old));
  tick_after(world, 1);
  CHECK_FALSE(kept(world, old));
}

TEST_CASE("A failed job whose dead letter nobody archived stays until somebody has", "[retention]") {
  World world;
  const std::string id = world.enqueue();
  const std::string letter = world.fail(world.take(id)).step.sends.at(0).body;
  tick_after(world, kCompleted + 1);
  tick_after(world, 2 * kFailed);
  CHECK(kept(world, id));
  CHECK(tick(world) == 1);
  (void)world.bury({letter});
  tick_after(world, 900001);
  CHECK_FALSE(kept(world, id));
}

TEST_CASE("Long payloads, results, checkpoints and keys go with their job", "[retention]") {
  World world;
  const std::string longer(5000, 'x');
  const Outcome made = world.admit("plain", "\"" + longer + "\"", R"(,"uniqueKey":"k")");
  const std::string id = made.reply().text("jobId");
  const std::string run = world.take(id);
  (void)world.drive(pulse,
                    R"({"runs":[{"id":")" + id + R"(","fence":1,"leaseUntil":)" + std::to_string(world.now) +
                        R"(,"frame":0}]})",
                    {"{}"});
  (void)world.settle({World::result(run, R"("kind":"ok","frame":0)")}, {"\"" + longer + "\""});
  CHECK(world.db.number("SELECT count(*) FROM bodies") == 3);
  tick_after(world, kCompleted + 1);
  CHECK_FALSE(kept(world, id));
  CHECK(world.db.number("SELECT count(*) FROM bodies") == 0);
  CHECK(world.db.number("SELECT count(*) FROM unique_keys") == 0);
}

TEST_CASE("A unique key without a window is free once its job is removed", "[retention]") {
  World world;
  const std::string control = R"({"idempotencyKey":"again"})";
  const std::string id = world.admit("plain", "{}", "", control).reply().text("jobId");
  (void)world.complete(world.take(id));
  CHECK(world.admit("plain", "{}", "", control).step.reply.status == 200);
  tick_after(world, kCompleted + 1);
  CHECK(world.admit("plain", "{}", "", control).step.reply.status == 201);
}

TEST_CASE("A unique key's window is never cut short: its job stays for it", "[retention]") {
  World world;
  const std::string options = R"(,"uniqueKey":"k","uniqueForSeconds":864000)";  // 10 days
  const std::string id = completed(world, options);
  tick_after(world, kCompleted + 1);
  CHECK(world.admit("plain", "{}", options).reply().text("jobId") == id);
  tick_after(world, 864000 * 1000 - kCompleted - 2);
  CHECK(kept(world, id));
  tick_after(world, 1);
  CHECK_FALSE(kept(world, id));
  CHECK(world.db.number("SELECT count(*) FROM unique_keys") == 0);
}

TEST_CASE("A key that another job has taken over stays that job's", "[retention]") {
  World world;
  const std::string options = R"(,"uniqueKey":"k","uniqueForSeconds":60)";
  const std::string first = completed(world, options);
  world.now += 60000;
  const std::string second = completed(world, options);
  tick_after(world, kCompleted - 59999);
  CHECK_FALSE(kept(world, first));
  CHECK(kept(world, second));
  CHECK(world.db.text("SELECT job_id FROM unique_keys") == second);
}

TEST_CASE("Dead letters that were never jobs are kept as long as failed jobs", "[retention]") {
  World world;
  (void)world.claim({"no message"});
  tick_after(world, kFailed - 1);
  CHECK(world.db.number("SELECT count(*) FROM dead_letters") == 1);
  tick_after(world, 1);
  CHECK(world.db.number("SELECT count(*) FROM dead_letters") == 0);
}

TEST_CASE("A round whose answer was lost is repeated and counts once", "[retention]") {
  World world;
  (void)completed(world);
  (void)completed(world);
  world.now += kCompleted + 1;
  world.db.fail_next(std::string(kLost), true);
  const Outcome out = world.sweep();
  CHECK(out.round_trips == 2);
  CHECK(world.db.text("SELECT json_array(completed, pruned) FROM counters") == "[0,2]");
}

TEST_CASE("Two sweeps at once count each job once", "[retention]") {
  World world;
  (void)completed(world);
  world.now += kCompleted + 1;
  (void)world.drive(sweep, "{}", {}, [&](size_t) { (void)world.sweep(); });
  CHECK(world.db.text("SELECT json_array(completed, pruned) FROM counters") == "[0,1]");
}

TEST_CASE("A job that an operator tries again does not vanish", "[retention]") {
  World world;
  const std::string id = buried(world);
  tick_after(world, kCompleted + 1);
  world.now = kStart + kFailed;
  SECTION("before it is removed") {
    CHECK(world.retry(id).step.reply.status == 200);
    tick_after(world, 0);
    CHECK(world.db.job(id, "json_array(status, prune_at)") == R"(["pending",null])");
    (void)world.complete(world.take(id));
    tick_after(world, kCompleted);
    CHECK_FALSE(kept(world, id));
  }
  SECTION("while it is removed") {
    const Outcome out = world.drive(retry_job, R"({"id":")" + id + R"("})", {}, [&](size_t stage) {
      if (stage == 1) tick_after(world, 0);
    });
    CHECK(out.step.reply.status == 409);
    CHECK(out.step.more);
    CHECK(world.retry(id).step.reply.status == 404);
    CHECK(count(world, "pruned") == 1);
  }
  CHECK(orphans(world.db) == "");
}

TEST_CASE("A message or a result of a job that is gone changes nothing", "[retention]") {
  World world;
  const std::string id = world.enqueue();
  const std::string run = world.take(id);
  (void)world.cancel(id);
  tick_after(world, kCompleted + 1);
  tick_after(world, kFailed);
  CHECK_FALSE(kept(world, id));
  CHECK(world.claim({World::wake(id)}).mark(0) == "ack");
  CHECK(world.complete(run).mark(0) == "ack");
  CHECK(world.bury({World::wake(id, 1)}).mark(0) == "ack");
  CHECK(world.db.number("SELECT count(*) FROM jobs") == 0);
  CHECK(orphans(world.db) == "");
}

TEST_CASE("Many jobs are removed in bounded rounds", "[retention]") {
  World world;
  std::string jobs = "[";
  for (int i = 0; i < 1000; ++i) jobs += std::string(i == 0 ? "" : ",") + R"({"type":"plain","payload":1})";
  for (int i = 0; i < 3; ++i) {
    (void)world.batch(jobs + "]");
    ++world.now;
  }
  const std::string time = std::to_string(kStart);
  world.db.execute("UPDATE counters SET completed = pending, pending = 0");
  world.db.execute("UPDATE jobs SET status = 'completed', completed_at = " + time);
  world.now = kStart + kCompleted + 10;
  const Outcome first = world.sweep();
  CHECK(first.step.more);
  CHECK(first.changed <= limits::kPruneRows + 4);
  CHECK(world.db.number("SELECT count(*) FROM jobs") == 2000);
  CHECK(tick(world) == 2);
  CHECK(world.db.number("SELECT count(*) FROM jobs") == 0);
  CHECK(count(world, "pruned") == 3000);
}

TEST_CASE("Longer days keep what is there for longer, shorter ones lose nothing", "[retention]") {
  World world;
  const auto longer = make_config(R"({"RETENTION_COMPLETED_DAYS":"60","RETENTION_FAILED_DAYS":"90"})");
  const auto shorter = make_config(R"({"RETENTION_COMPLETED_DAYS":"0.5","RETENTION_FAILED_DAYS":"1"})");
  const std::string failed = buried(world);
  tick_after(world, kCompleted + 1);
  SECTION("longer") {
    world.configure(*longer);
    tick_after(world, kFailed);
    CHECK(kept(world, failed));
    tick_after(world, 90 * kDay - kFailed - kCompleted);
    CHECK_FALSE(kept(world, failed));
  }
  SECTION("longer, for what the walk has passed and that becomes final then") {
    const std::string late = world.enqueue("plain", R"(,"delaySeconds":2592000)");
    tick_after(world, kCompleted + 1);
    world.configure(*longer);
    (void)world.cancel(late);
    tick_after(world, 89 * kDay);
    CHECK(kept(world, late));
    tick_after(world, kDay);
    CHECK_FALSE(kept(world, late));
  }
  SECTION("shorter") {
    const std::string id = completed(world);
    world.configure(*shorter);
    tick_after(world, kDay / 2);
    CHECK(kept(world, id));
    tick_after(world, 1);
    CHECK_FALSE(kept(world, id));
    CHECK(kept(world, failed));  // its time was noted before
    tick_after(world, kFailed);
    CHECK_FALSE(kept(world, failed));
  }
}

TEST_CASE("Days are decimals", "[retention]") {
  const auto days = [](const std::string& text) {
    Config config;
    const std::string why = config.load(config_text(R"({"RETENTION_COMPLETED_DAYS":")" + text + R"("})"));
    return why.empty() ? config.settings.keep_completed_ms : -1;
  };
  CHECK(days("") == 7 * kDay);
  CHECK(days("7") == 7 * kDay);
  CHECK(days("0.5") == kDay / 2);
  CHECK(days("1.25") == kDay * 5 / 4);
  CHECK(days("0.00001") == 864);
  CHECK(days("0.000001") == 86);
  CHECK(days("36500") == 36500 * kDay);
  CHECK(days("36500.000000") == 36500 * kDay);
  for (const char* text : {"0", "0.0", "-1", "1.", ".5", "1..5", "1.5.5", "36501", "36500.000001", "1e3",
                           "seven", "0.0000001", " 7", "99999999999999999999"}) {
    INFO(text);
    CHECK(days(text) == -1);
  }
}

TEST_CASE("Whatever happens, enqueued jobs are live, final or pruned, and nothing of them is left over",
          "[retention][walk]") {
  const int seed = GENERATE(range(1, 11));
  INFO("seed " << seed);
  const auto config = make_config(R"({"RETENTION_COMPLETED_DAYS":"0.01","RETENTION_FAILED_DAYS":"0.02"})");
  World world(*config, static_cast<uint64_t>(seed));
  Entropy dice(static_cast<uint64_t>(seed), 9);
  std::vector<std::string> ids;
  std::vector<std::string> letters;
  const auto any = [&] { return ids[dice.below(ids.size())]; };
  for (int i = 0; i < 400; ++i) {
    if (dice.below(8) == 0) world.db.fail_next(std::string(kLost), dice.below(2) == 0);
    const uint64_t what = dice.below(8);
    if (what < 2 || ids.empty()) {
      static constexpr const char* kOptions[] = {"", R"(,"delaySeconds":300)", R"(,"uniqueKey":"k")",
                                                 R"(,"uniqueKey":"w","uniqueForSeconds":1500)"};
      const Outcome out = world.admit("plain", "{}", kOptions[dice.below(4)]);
      if (out.step.reply.status == 201) ids.push_back(out.reply().text("jobId"));
    } else if (what < 5) {
      for (const std::string& run : world.claim({World::wake(any())}).step.runs) {
        const Outcome out = dice.below(2) == 0 ? world.complete(run) : world.fail(run);
        for (const Send& send : out.step.sends) {
          if (send.binding == "JOB_DLQ" && dice.below(3) != 0) letters.push_back(send.body);
        }
      }
    } else if (what == 5) {
      (void)(dice.below(2) == 0 ? world.cancel(any()) : world.retry(any()));
    } else if (what == 6 && !letters.empty()) {
      (void)world.bury({letters.back()});
      letters.pop_back();
    } else {
      world.now += static_cast<int64_t>(dice.below(600000));
      for (const Send& send : world.sweep().step.sends) {
        if (send.binding == "JOB_DLQ") letters.push_back(send.body);
      }
    }
    CHECK(count(world, "pending + delayed + processing + completed + failed + cancelled + pruned") ==
          static_cast<int64_t>(ids.size()));
    CHECK(orphans(world.db) == "");
    CHECK(world.db.number("SELECT count(*) FROM jobs WHERE prune_at IS NOT NULL AND completed_at IS NULL") ==
          0);
  }
  CHECK(count(world, "pruned") > 0);
}
