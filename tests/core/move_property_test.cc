// The state machine: whatever transitions are tried, in whatever order, late and repeatedly, a job takes only
// the arcs of the diagram in docs/architecture.md.
#include <set>

#include "core/id.h"
#include "core/move.h"
#include "core/record.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

const std::set<std::string> kArcs = {
    "pending processing",   "delayed processing", "processing completed", "processing delayed",
    "processing pending",   "processing failed",  "pending cancelled",    "delayed cancelled",
    "processing cancelled", "failed pending",     "cancelled pending",
};

// A job as somebody once saw it; it owns what a Held views.
struct Sight {
  std::string id, op;
  Held job;
  int64_t run_at = 0;
  int64_t completed_at = 0;
};

class Machine {
 public:
  explicit Machine(uint64_t seed) : world_(default_config(), seed), dice_(seed, 51) {}

  // Thirty steps in the life of a new job.
  void live() {
    id_ = world_.enqueue("plain", dice_.below(3) == 0 ? R"(,"delaySeconds":1)" : "");
    sights_.clear();
    look();
    for (int step = 0; step < 30; ++step) {
      world_.now += static_cast<int64_t>(dice_.below(3) * 200'000);
      const std::string before = world_.db.job(id_, "status");
      const int64_t fence = world_.db.job_number(id_, "fence");
      const bool claims = dice_.below(3) == 0;
      if (claims) {
        (void)world_.claim({World::wake(id_)}, 1);
      } else {
        move();
      }
      INFO("step " << step << ": " << before << " to " << world_.db.job(id_, "status"));
      check(before, fence, claims);
      look();
    }
  }

 private:
  void look() {
    auto sight = std::make_unique<Sight>();
    sight->id = id_;
    sight->op = world_.db.job(id_, "op");
    Held& job = sight->job;
    job.id = sight->id;
    job.op = sight->op;
    REQUIRE(parse_status(world_.db.job(id_, "status"), job.status));
    job.fence = world_.db.job_number(id_, "fence");
    job.attempts = world_.db.job_number(id_, "attempts");
    job.started_at = world_.db.job_number(id_, "coalesce(started_at, 0)");
    job.lease_until = world_.db.job_number(id_, "coalesce(lease_until, 0)");
    job.losses = world_.db.job_number(id_, "losses");
    sight->run_at = world_.db.job_number(id_, "coalesce(run_at, 0)");
    sight->completed_at = world_.db.job_number(id_, "coalesce(completed_at, 0)");
    sights_.push_back(std::move(sight));
  }

  // A transition that is legal for the job as it was seen, which may be long ago.
  Move any_move(const Sight& seen, const Held& job) {
    const JobError error{"broken", "No.", true};
    const auto delay = static_cast<int64_t>(dice_.below(3) * 100'000'000);
    const int64_t resend = 900'000;
    if (dice_.below(10) == 0) return watch(job, seen.run_at, world_.now + 1, seen.completed_at);
    switch (job.status) {
      case Status::processing:
        switch (dice_.below(9)) {
          case 0:
            return complete(job, world_.now, "1", 5);
          case 1:
            // Attempts that are spent are not tried again: settle sees to that.
            if (job.attempts >= 3) return fail(job, world_.now, resend, error);
            return retry_later(job, world_.now, delay, resend, error);
          case 2:
            return fail(job, world_.now, resend, error);
          case 3:
            return snooze(job, world_.now, delay, resend, error);
          case 4:
            return hand_back(job, world_.now, resend);
          case 5:
            return lose_lease(job, world_.now, resend);
          case 6:
            return fail_as_poison(job, world_.now, resend);
          case 7:
            return lose_unbegun(job, world_.now, resend);
          default:
            return cancel(job, world_.now);
        }
      case Status::failed:
      case Status::cancelled:
        return revive(job, world_.now, resend);
      case Status::completed:
        return watch(job, 0, 0, seen.completed_at);
      default:
        return cancel(job, world_.now);
    }
  }

  void move() {
    const Sight& seen = *sights_[dice_.below(3) == 0 ? dice_.below(sights_.size()) : sights_.size() - 1];
    Held job = seen.job;
    // As settle does: a running job's transition may be guarded by the fencing token alone.
    if (job.status == Status::processing && dice_.below(2) == 0) job.op = {};
    const Move move = any_move(seen, job);
    const std::string op = make_nonce(dice_);
    const bool first = apply(move, op);
    if (dice_.below(3) != 0) return;
    const std::string row = whole_row();
    CHECK(apply(move, op) == first);  // a step that is repeated tells the same …
    CHECK(whole_row() == row);        // … and does nothing more
  }

  bool apply(const Move& move, const std::string& op) {
    const Json control("{}");
    Input input{default_config(), control.root(), world_.now, Entropy(0, 0), {}, {}, false, {}, 0};
    Step step;
    add_moves(input, op, {move}, step);
    const Database::Batch batch = world_.db.run(step);
    INFO(batch.failure);
    REQUIRE(batch.failure.empty());
    const Json rows(batch.rows);
    return moved(rows.root().at(rows.root().size() - 1).at(0), 0, op);
  }

  std::string whole_row() {
    return world_.db.job(
               id_,
               "json_array(status, fence, attempts, losses, run_at, wake_at, completed_at, lease_until, "
               "last_error, result, history, progress, op)") +
           world_.db.text("SELECT json_group_array(json_array(id, fence, op, buried_at)) FROM dead_letters") +
           world_.db.text(
               "SELECT json_group_array(json_array(queue, type, pending, failed, attempts)) FROM counters");
  }

  void check(const std::string& before, int64_t fence, bool claims) {
    const std::string after = world_.db.job(id_, "status");
    if (after != before) CHECK(kArcs.count(before + " " + after) == 1);
    const int64_t raised = world_.db.job_number(id_, "fence") - fence;
    CHECK(raised == (claims && after == "processing" && before != "processing" ? 1 : 0));
    CHECK(world_.db.job_number(id_, "attempts") >= 0);
    CHECK(world_.db.job_number(id_, "losses") >= 0);
    CHECK((after == "processing") ==
          (world_.db.job(id_, "status = 'processing' AND lease_until IS NOT NULL") == "1"));
    CHECK((world_.db.text("SELECT count(*) FROM dead_letters WHERE id = '" + id_ + "'") == "1") ==
          (after == "failed"));
    expect_counters_equal_scan(world_.db);
  }

  World world_;
  Entropy dice_;
  std::string id_;
  std::vector<std::unique_ptr<Sight>> sights_;
};

}  // namespace

TEST_CASE("A job takes only the arcs of the diagram, and its fencing token never falls", "[move][property]") {
  const int seed = GENERATE(range(1, 26));
  INFO("seed " << seed);
  Machine machine(static_cast<uint64_t>(seed));
  for (int life = 0; life < 40; ++life) machine.live();
}
