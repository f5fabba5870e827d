// Random walks over the states of a few jobs: whatever the order, the record stays consistent.
#include <map>

#include "core/id.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

// Plays producers, workers that forget, operators and the clock against one database.
class Walk {
 public:
  explicit Walk(uint64_t seed) : world_(default_config(), seed), dice_(seed, 77) {}

  void step() {
    switch (dice_.below(16)) {
      case 0:
        enqueue();
        break;
      case 1:
        world_.now += static_cast<int64_t>(dice_.below(400000));
        break;
      case 2:
        sweep_among_others();
        break;
      case 3:
        deliver_foreign();
        break;
      case 4:
        operate();
        break;
      case 5:
        bury_some();
        break;
      case 6:
        pulse_all();
        break;
      case 7:
        bury_some();
        break;
      case 8:
      case 9:
      case 10:
        claim_some();
        break;
      default:
        settle_one();
        break;
    }
    check();
  }

 private:
  std::string any_id() { return ids_[dice_.below(ids_.size())]; }

  // An operator cancels a job, retries it, or both.
  void operate() {
    if (ids_.empty()) return;
    const std::string id = any_id();
    const uint64_t wish = dice_.below(3);
    if (wish != 1) keep(world_.cancel(id));
    if (wish != 0) keep(world_.retry(id));
  }

  // Some calls fail, before or after they were carried out, and are repeated.
  void stumble() {
    if (dice_.below(8) == 0) world_.db.fail_next(std::string(kLost), dice_.below(2) == 0, 1);
  }

  // Keeps what was sent, up to a number of messages: then the oldest are lost.
  void keep(const Outcome& out) {
    for (const Send& send : out.step.sends) {
      auto& queue = send.binding.find("DLQ") == std::string_view::npos ? messages_ : letters_;
      queue.push_back(send.body);
      if (queue.size() > 3 * kJobsMax) queue.erase(queue.begin());
    }
  }

  // Makes room for a new job; false where all of them still move.
  bool forget_completed() {
    const auto it = std::find_if(ids_.begin(), ids_.end(),
                                 [&](const std::string& id) { return completed_.count(id) > 0; });
    if (it == ids_.end()) return false;
    ids_.erase(it);
    return true;
  }

  void enqueue() {
    if (ids_.size() >= kJobsMax && !forget_completed()) return;
    static constexpr const char* kOptions[] = {"", R"(,"delaySeconds":30)", R"(,"uniqueKey":"k")",
                                               R"(,"maxAttempts":1)", R"(,"delaySeconds":100000)"};
    stumble();
    const Outcome out =
        world_.admit(dice_.below(2) == 0 ? "plain" : "single", "{}", kOptions[dice_.below(5)]);
    if (out.step.reply.status == 201) ids_.push_back(out.reply().text("jobId"));
    keep(out);
  }

  // Claims, and checks that no lease begins before an earlier one is over.
  Outcome claim(const std::vector<std::string>& bodies, int64_t attempts) {
    std::map<std::string, int64_t> leases;
    for (const std::string& id : ids_) leases[id] = world_.db.job_number(id, "coalesce(lease_until, -10000)");
    stumble();
    Outcome out = world_.claim(bodies, attempts);
    for (const std::string& run : out.step.runs) {
      const auto lease = leases.find(Json(run).text("id"));
      CHECK((lease == leases.end() || lease->second + limits::kClockSkewMs <= world_.now));
    }
    return out;
  }

  void deliver_foreign() {
    if (ids_.size() > kJobsMax && !forget_completed()) return;
    const Outcome out = claim({World::foreign("f" + std::to_string(dice_.below(100)))}, 1);
    for (const std::string& run : out.step.runs) {
      runs_.push_back(run);
      const std::string id = Json(run).text("id");
      if (std::find(ids_.begin(), ids_.end(), id) != ids_.end()) continue;
      ids_.push_back(id);
      if (ids_.size() > kJobsMax) (void)forget_completed();
    }
    keep(out);
  }

  // Messages stay in the pool at times: queues repeat themselves.
  void claim_some() {
    std::vector<std::string> bodies;
    while (!messages_.empty() && bodies.size() < 4) {
      const size_t n = dice_.below(messages_.size());
      bodies.push_back(messages_[n]);
      if (dice_.below(4) != 0) messages_.erase(messages_.begin() + static_cast<std::ptrdiff_t>(n));
    }
    const Outcome out = claim(bodies, 1 + static_cast<int64_t>(dice_.below(4)));
    for (const std::string& run : out.step.runs) runs_.push_back(run);
    keep(out);
  }

  void settle_one() {
    static constexpr const char* kVerdicts[] = {
        R"("kind":"ok","frame":0)",
        R"("kind":"error","code":"e","message":"m")",
        R"("kind":"error","code":"e","message":"m","retryable":false)",
        R"("kind":"timeout")",
        R"("kind":"snooze","delayMs":5000)",
        R"("kind":"unstarted")",
        R"("kind":"stopped")"};
    if (runs_.empty()) return;
    const size_t n = dice_.below(runs_.size());
    const std::string run = runs_[n];
    if (dice_.below(5) != 0) runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(n));
    const std::string id = Json(run).text("id");
    const bool late = world_.db.job_number(id, "fence") != Json(run)["fence"].integer();
    const std::string before = world_.db.job(id, "status || op");
    stumble();
    const Outcome out = world_.end(run, kVerdicts[dice_.below(7)]);
    if (late) CHECK(world_.db.job(id, "status || op") == before);
    for (const Mark& mark : out.step.marks) {
      if (mark.retry) messages_.push_back(World::wake(Json(run).text("id")));
    }
    keep(out);
  }

  // A sweep between whose two round trips others act: what they moved is theirs.
  void sweep_among_others() {
    std::map<std::string, std::string> theirs;
    (void)world_.drive(sweep, "{}", {}, [&](size_t stage) {
      if (stage != 1) return;
      for (const std::string& id : ids_) theirs[id] = world_.db.job(id, "op");
      for (uint64_t n = dice_.below(6); n > 0; --n) act();
      for (const std::string& id : ids_) {
        const std::string op = world_.db.job(id, "op");
        if (theirs.count(id) > 0 && theirs[id] == op) {
          theirs.erase(id);
        } else {
          theirs[id] = op;
        }
      }
    });
    for (const auto& [id, op] : theirs) CHECK(world_.db.job(id, "op") == op);
  }

  // One of the things that go on beside a sweep.
  void act() {
    switch (dice_.below(5)) {
      case 0:
      case 1:
        operate();
        break;
      case 2:
        claim_some();
        break;
      case 3:
        bury_some();
        break;
      default:
        settle_one();
        break;
    }
  }

  void pulse_all() {
    std::string list;
    for (const std::string& run : runs_) {
      const Json parsed(run);
      list += (list.empty() ? "" : ",") + std::string(R"({"id":")") + parsed.text("id") + R"(","fence":)" +
              std::string(parsed["fence"].raw()) + R"(,"leaseUntil":)" +
              std::string(parsed["leaseUntil"].raw()) + R"(,"progress":50,"frame":0})";
    }
    if (!list.empty()) (void)world_.drive(pulse, R"({"runs":[)" + list + "]}", {"{}"});
  }

  void bury_some() {
    if (letters_.empty()) return;
    const size_t n = dice_.below(letters_.size());
    const Json letter(letters_[n]);
    const std::string other = "SELECT json_array(fence, buried_at, op) FROM dead_letters WHERE id = '" +
                              letter.text("id") + "' AND fence <> " +
                              std::string(letter["metadata"].find("sluice").find("fence").raw());
    const std::string before = world_.db.text(other);
    stumble();
    (void)world_.bury({letters_[n]});
    CHECK(world_.db.text(other) == before);
    if (dice_.below(2) == 0) letters_.erase(letters_.begin() + static_cast<std::ptrdiff_t>(n));
  }

  void check() {
    for (const std::string& id : ids_) {
      const int64_t fence = world_.db.job_number(id, "fence");
      CHECK(fence >= fences_[id]);
      fences_[id] = fence;
      const std::string row = world_.db.job(id,
                                            "CASE WHEN status = 'completed' THEN json_array(result, "
                                            "attempts, fence, completed_at, op, history) END");
      if (const auto it = completed_.find(id); it != completed_.end()) {
        CHECK(row == it->second);
      } else if (row != "NULL") {
        completed_[id] = row;
      }
    }
    CHECK(world_.db.text(
              "SELECT group_concat(id) FROM jobs WHERE status = 'failed' AND wake_at IS NULL AND id NOT IN "
              "(SELECT id FROM dead_letters WHERE buried_at IS NOT NULL)") == "NULL");
    CHECK(world_.db.text("SELECT group_concat(id) FROM dead_letters WHERE job_id IS NOT NULL AND id NOT IN "
                         "(SELECT id FROM jobs WHERE status = 'failed')") == "NULL");
    CHECK(world_.db.text("SELECT group_concat(id) FROM jobs WHERE attempts > max_attempts") == "NULL");
  }

  static constexpr size_t kJobsMax = 6;  // few, so that they meet often

  World world_;
  Entropy dice_;
  std::vector<std::string> ids_;
  std::vector<std::string> messages_;  // in the job queues
  std::vector<std::string> letters_;   // in the dead-letter queues
  std::vector<std::string> runs_;      // tokens that workers hold, late ones too
  std::map<std::string, int64_t> fences_;
  std::map<std::string, std::string> completed_;
};

}  // namespace

TEST_CASE("Two thousand random steps leave counters, constraints and completed jobs as they must be",
          "[walk]") {
  const int seed = GENERATE(range(1, 21));
  INFO("seed " << seed);
  Walk walk(static_cast<uint64_t>(seed));
  for (int i = 0; i < 2000; ++i) walk.step();
}

TEST_CASE("A job that nothing but the sweep and workers touch becomes final whatever is lost", "[walk]") {
  const int seed = GENERATE(range(1, 21));
  INFO("seed " << seed);
  World world(default_config(), static_cast<uint64_t>(seed));
  Entropy dice(static_cast<uint64_t>(seed), 5);
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(world.enqueue("plain", i % 2 == 0 ? "" : R"(,"delaySeconds":100000)"));
    ++world.now;
  }
  int rounds = 0;
  for (; rounds < 400; ++rounds) {
    if (world.db.number("SELECT count(*) FROM jobs WHERE completed_at IS NULL") == 0) break;
    world.now += 600000;
    const Outcome swept = world.sweep();
    for (const Send& send : swept.step.sends) {
      if (dice.below(2) == 0 || send.binding == "JOB_DLQ") continue;  // the queue loses it
      world.now += send.delay_seconds * 1000;
      const Outcome claimed = world.claim({send.body});
      if (claimed.step.runs.empty() || dice.below(3) == 0) continue;  // the worker dies
      (void)world.end(claimed.step.runs[0],
                      dice.below(2) == 0 ? R"("kind":"ok","frame":0)" : R"("kind":"error")");
    }
  }
  CHECK(rounds < 400);
}
