#include "core/sweep.h"

#include <algorithm>

#include "core/depend.h"
#include "core/guard.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/message.h"
#include "core/move.h"
#include "core/prune.h"
#include "core/record.h"
#include "core/shards.h"
#include "core/wake.h"

namespace sluice {
namespace {

// What sweep_due.sql adds to the record's columns.
constexpr uint32_t kCompletedAt = record::kCount;
constexpr uint32_t kProgress = kCompletedAt + 1;
constexpr uint32_t kOpen = kProgress + 1;  // whether others wait for it although it is final
constexpr size_t kDueStatement = 2;
constexpr size_t kLagStatement = 3;
constexpr size_t kLinesStatement = 4;  // those of retention are behind it

// What is done about one due job: the transition, and whether and how it is sent.
struct Rescue {
  Move move;
  json::Value row;
  bool send = false;
  int64_t delay_seconds = 0;
  bool usual = false;  // nothing went wrong: not worth a line in the log
};

Step look(const Input& input) {
  Step step;
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("now").integer(input.now).key("skew").integer(clock_skew_ms());
  writer.key("bound").string(id_floor(input.now - input.config.settings.resend_after_ms));
  writer.key("rows").integer(limits::kSweepMarkRows).end_object();
  const uint32_t mark = step.text(std::move(text));
  std::string due;
  json::Writer(due)
      .begin_object()
      .key("now")
      .integer(input.now)
      .key("rows")
      .integer(limits::kSweepDueRows)
      .end_object();
  step.add(Sql::sweep_advance, {mark});
  step.add(Sql::sweep_mark, {mark});
  step.add(Sql::sweep_due, {step.text(std::move(due))});
  step.add(Sql::sweep_lag, {mark});
  add_line_walk(input, step);
  add_gate_walk(input, step);
  add_healing(input, step);
  add_pruning(input, step);
  return step;
}

// A job in a line: its time has come, or the lease that it had is over.
void rescue_held(const Input& input, const Held& job, Rescue& out) {
  const int64_t run_at = time_of(out.row.at(record::run_at));
  const int64_t then = std::max(job.status == Status::delayed ? run_at : 0, lease_over(job));
  out.move = then > input.now ? watch(job, run_at, then, 0) : stand(job, run_at);
}

// A polled job that waits: put into its line once its time has come.
void rescue_polled(const Input& input, const Held& job, Rescue& out) {
  const int64_t run_at = time_of(out.row.at(record::run_at));
  const bool early = job.status == Status::delayed && run_at > input.now;
  out.move = early ? watch(job, run_at, run_at, 0) : stand_in_line(job, run_at);
  out.usual = true;
}

// A job that waits: sent with the delay that is left, and looked at again a while after it should have come.
void rescue_waiting(const Input& input, const Held& job, Rescue& out) {
  const int64_t run_at = time_of(out.row.at(record::run_at));
  const int64_t ready_at = std::max({run_at, lease_over(job), input.now});
  out.delay_seconds = delay_seconds(input.now, ready_at);
  out.send = can_be_sent(out.delay_seconds);
  out.move = watch(job, run_at, wake_after(input.now, ready_at, input.config.settings.resend_after_ms), 0);
}

// Whether the job only waited for its turn to run alone when its lease was lost: before its handler starts, a
// pulse gives it a progress. What ended its worker was another job.
bool lost_unbegun(const Held& job, json::Value row) {
  return job.losses >= limits::kLossesAlone && row.at(kProgress).is(json::Kind::null) && holds(Guard::begun);
}

bool is_open(json::Value row) { return row.at(kOpen).integer() == 1; }

Move lose(const Held& job, int64_t now, int64_t resend, json::Value row) {
  if (lost_unbegun(job, row)) return lose_unbegun(job, now, resend);
  const bool poison = job.losses + 1 >= limits::kLossesMax && holds(Guard::poison);
  return poison ? fail_as_poison(job, now, resend) : lose_lease(job, now, resend);
}

void rescue_running(const Input& input, const Held& job, Rescue& out) {
  if (lease_over(job) > input.now) {  // renewed since
    out.move = watch(job, time_of(out.row.at(record::run_at)), lease_over(job), 0);
    return;
  }
  out.move = lose(job, input.now, input.config.settings.resend_after_ms, out.row);
  out.send = job.line.empty() || out.move.to == Status::failed;
}

Rescue rescue(const Input& input, json::Value row, int64_t completed_at) {
  Rescue out;
  out.row = row;
  const Held job = held_of(row);
  const int64_t resend = input.config.settings.resend_after_ms;
  switch (job.status) {
    case Status::pending:
    case Status::delayed:
      if (!job.held_by.empty() && job.held_by != job.line) {
        rescue_held(input, job, out);
      } else if (!job.line.empty()) {
        rescue_polled(input, job, out);
      } else {
        rescue_waiting(input, job, out);
      }
      break;
    case Status::processing:
      rescue_running(input, job, out);
      break;
    case Status::failed:
      out.move = watch(job, 0, input.now + resend, completed_at);
      out.send = holds(Guard::letter_again) && !is_open(row);
      break;
    case Status::blocked:
      out.move = watch(job, time_of(row.at(record::run_at)), 0, 0);
      break;
    case Status::cancelled:
      out.move = lease_over(job) > input.now ? watch(job, 0, lease_over(job), completed_at)
                                             : vacate(job, completed_at);
      break;
    default:
      out.move = watch(job, 0, 0, completed_at);
  }
  return out;
}

std::vector<Rescue> rescues(const Input& input) {
  std::vector<Rescue> out;
  for (const json::Value row : input.rows[0].at(kDueStatement)) {
    out.push_back(rescue(input, row, time_of(row.at(kCompletedAt))));
  }
  return out;
}

void send(const Rescue& rescue, Step& step) {
  const json::Value row = rescue.row;
  const int transport = transport_index(row.at(record::transport).text());
  if (transport < 0) return;
  Wake wake = wake_of(row);
  const bool dead = rescue.move.to == Status::failed;
  if (dead) wake.dead_fence = rescue.move.fence;
  const Transport& queue = kTransports[transport];
  step.sends.push_back(
      {dead ? queue.dead_letter_binding : queue.binding, write_message(wake), rescue.delay_seconds});
}

std::string log_line(const Rescue& rescue) {
  std::string out;
  json::Writer writer(out);
  const bool poison = rescue.move.to == Status::failed && rescue.move.from == Status::processing;
  writer.begin_object().key("level").string(poison ? "error" : "info").key("event").string("job.rescued");
  writer.key("jobId").string(rescue.move.id).key("type").raw(rescue.row.at(record::type).raw());
  writer.key("from").string(name(rescue.move.from)).key("to").string(name(rescue.move.to)).end_object();
  return out;
}

bool more(const Input& input) {
  for (const json::Value row : input.rows[0].at(kDueStatement)) {
    if (is_open(row)) return true;
  }
  const bool full = static_cast<int64_t>(input.rows[0].at(kDueStatement).size()) >= limits::kSweepDueRows;
  return full || read_line_walk(input.rows[0].at(kLinesStatement)).more ||
         input.row(0, kLagStatement).at(0).integer() == 1 ||
         prunes_on(input.row(0, input.rows[0].size() - 1));
}

}  // namespace

namespace {

Step sweep_one(const Input& input) {
  Step step;
  if (input.failed) {
    if (!try_again(input, step)) step.reply = Reply{503, 0, ""};
    return step;
  }
  if (input.rows.empty()) return look(input);
  const std::vector<Rescue> list = rescues(input);
  std::vector<Move> moves;
  for (const Rescue& entry : list) moves.push_back(entry.move);
  Entropy entropy = input.entropy;
  const std::string op = make_nonce(entropy);
  const LineWalk walk = read_line_walk(input.rows[0].at(kLinesStatement));
  if (input.rows.size() == 1 && (!list.empty() || walk.writes)) {
    if (walk.advances) add_line_advance(walk, step);
    add_moves(input, op, moves, step, walk.freed);
    return step;
  }
  step.more = more(input);
  if (input.row(0, kLagStatement).at(1).integer() == 1) step.reply = Reply{200, 0, R"({"schedules":true})"};
  if (list.empty() && !walk.writes) return step;
  Freed freed = walk.freed;
  freed.add_all(freed_by(input, moves));
  const Aftermath after = aftermath(moves, freed, input.rows[1]);
  send_aftermath(input, moves, freed, after, step);
  for (size_t i = 0; i < list.size(); ++i) {
    if (!moved(after.state, i, op)) continue;
    if (list[i].send) send(list[i], step);
    if (list[i].usual) continue;
    if (list[i].move.to != list[i].move.from || list[i].send) step.logs.push_back(log_line(list[i]));
  }
  return step;
}

}  // namespace

Step sweep(const Input& input) {
  Step step = split_over_all(input);
  if (!step.split.empty()) return step;
  step = sweep_one(input);
  step.shard = shard_told(input);
  return step;
}

}  // namespace sluice
