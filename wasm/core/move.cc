#include "core/move.h"

#include "core/depend.h"
#include "core/guard.h"
#include "core/limits.h"
#include "core/pieces.h"
#include "core/record.h"
#include "core/wake.h"
#include "core/writer.h"

namespace sluice {
namespace {

// Cuts UTF-8 text to at most `bytes`, at a character's start.
std::string_view cut(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

Move from(const Held& job, Status to) {
  Move out;
  out.id = job.id;
  out.from = job.status;
  out.fence = job.fence;
  out.op = job.op;
  out.to = to;
  out.queue = job.queue;
  out.gates = job.gates;
  if (to == Status::pending) out.held_by = job.line;
  return out;
}

// When the sweep looks at a job that waits until `ready_at`. A polled one has no message that could get lost:
// once it is ready it stands in its line and nobody need look.
int64_t wake_of_waiting(const Held& job, int64_t now, int64_t ready_at, int64_t resend_ms) {
  if (job.line.empty()) return wake_after(now, ready_at, resend_ms);
  return ready_at > now ? ready_at : 0;
}

// One entry of the history: what became of an attempt, or what an operator did.
std::string entry(const Held& job, int64_t now, std::string_view outcome, std::string_view error,
                  int64_t delay_ms) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("attempt").integer(job.attempts).key("outcome").string(outcome);
  writer.key("startedAt").integer_or_null(job.started_at).key("finishedAt").integer(now);
  if (!error.empty()) writer.key("error").raw(error);
  if (delay_ms >= 0) writer.key("delayMs").integer(delay_ms);
  writer.end_object();
  return out;
}

void write_move(json::Writer& writer, const Move& move) {
  writer.begin_array();
  writer.string(move.id).string(name(move.from)).integer(move.fence).string_or_null(move.op);
  writer.string(name(move.to))
      .integer_or_null(move.run_at)
      .integer_or_null(holds(Guard::watched_move) ? move.wake_at : 0);
  writer.integer_or_null(move.completed_at).integer(move.attempts_delta).integer(move.losses_delta);
  writer.integer(move.keep_lease ? 1 : 0).raw_or_null(move.error);
  const bool inlined = !move.result.empty() && move.result.size() <= limits::kInlineBytesMax;
  writer.raw_or_null(inlined ? move.result : std::string_view());
  writer.integer_or_null(static_cast<int64_t>(move.result.size())).raw_or_null(move.history);
  if (move.progress >= 0) {
    writer.integer(move.progress);
  } else {
    writer.null();
  }
  writer.integer(move.counts_as_error ? 1 : 0).integer(move.ms).string_or_null(move.held_by);
  if (move.omen != Omen::none) writer.integer(static_cast<int64_t>(move.omen));
  writer.end_array();
}

std::string write_scalars(const Input& input, const std::string& op) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("now").integer(input.now).key("op").string(op);
  writer.key("history").integer(limits::kHistoryMax);
  writer.key("fails").integer(limits::kBreakerFails).key("until").integer(input.now + limits::kBreakerOpenMs);
  writer.key("bucket").integer(input.now / limits::kRingBucketMs);
  writer.key("buckets").integer(limits::kRingBuckets).end_object();
  return out;
}

// Long results go to the side table.
void add_results(const std::vector<Move>& moves, uint32_t scalars, Step& step) {
  Pieces results(step, {Sql::move_results}, scalars);
  std::string row;
  for (const Move& move : moves) {
    if (move.result.size() <= limits::kInlineBytesMax) continue;
    row.clear();
    json::Writer(row).begin_array().string(move.id).raw(move.result).end_array();
    results.add(row);
  }
  results.flush();
}

enum class Which : uint8_t { all, died, left_failed };

std::string write_ids(const std::vector<Move>& moves, Which which) {
  std::string out;
  json::Writer writer(out);
  writer.begin_array();
  for (const Move& move : moves) {
    const bool was = move.from == Status::failed;
    const bool is = move.to == Status::failed;
    const bool wanted = which == Which::all || (which == Which::died ? is && !was : was && !is);
    if (wanted) writer.begin_array().string(move.id).end_array();
  }
  writer.end_array();
  return out;
}

// Only jobs with gates of their own have places to give back.
bool takes_places(const std::vector<Move>& moves) {
  for (const Move& move : moves) {
    if (move.gates.size() > 0 && !move.keep_lease) return true;
  }
  return false;
}

// What most jobs come to has statements of its own, which are told next to nothing: no places are given back.
bool is_plain_completion(const Move& move) {
  return move.from == Status::processing && move.to == Status::completed && move.op.empty() &&
         move.gates.size() == 0;
}

void write_completion(json::Writer& writer, const Move& move) {
  const bool inlined = move.result.size() <= limits::kInlineBytesMax;
  writer.begin_array().string(move.id).integer(move.fence);
  writer.raw_or_null(inlined ? move.result : std::string_view());
  writer.integer(static_cast<int64_t>(move.result.size())).integer(move.ms).end_array();
}

void add_rows(const std::vector<Move>& moves, uint32_t scalars, Step& step) {
  std::vector<Sql> statements = {Sql::move_count, Sql::move_jobs};
  if (takes_places(moves)) statements.insert(statements.begin(), Sql::move_places);
  Pieces others(step, std::move(statements), scalars);
  Pieces completions(step, {Sql::complete_count, Sql::complete_jobs}, scalars);
  std::string row;
  for (const Move& move : moves) {
    row.clear();
    json::Writer writer(row);
    const bool plain = is_plain_completion(move);
    if (plain) {
      write_completion(writer, move);
    } else {
      write_move(writer, move);
    }
    (plain ? completions : others).add(row);
  }
  others.flush();
  completions.flush();
}

}  // namespace

std::string write_error(const JobError& error) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("code").string(cut(error.code, 100));
  writer.key("message").string(cut(error.message, limits::kErrorMessageBytesMax));
  writer.key("retryable").boolean(error.retryable).end_object();
  return out;
}

Move complete(const Held& job, int64_t now, std::string_view result, int64_t ms) {
  Move out = from(job, Status::completed);
  out.completed_at = now;
  out.result = result;
  out.ms = ms;
  out.progress = 100;
  return out;
}

Move retry_later(const Held& job, int64_t now, int64_t delay_ms, int64_t resend_ms, const JobError& error) {
  Move out = from(job, delay_ms > 0 ? Status::delayed : Status::pending);
  out.run_at = delay_ms > 0 ? now + delay_ms : 0;
  out.wake_at = wake_of_waiting(job, now, now + delay_ms, resend_ms);
  out.error = write_error(error);
  out.history = entry(job, now, "failed", out.error, delay_ms);
  out.counts_as_error = true;
  return out;
}

Move fail(const Held& job, int64_t now, int64_t resend_ms, const JobError& error) {
  Move out = from(job, Status::failed);
  out.completed_at = now;
  out.wake_at = now + resend_ms;
  out.error = write_error(error);
  out.history = entry(job, now, "failed", out.error, -1);
  out.counts_as_error = true;
  return out;
}

Move snooze(const Held& job, int64_t now, int64_t delay_ms, int64_t resend_ms, const JobError& reason) {
  Move out = retry_later(job, now, delay_ms, resend_ms, reason);
  out.history = entry(job, now, "snoozed", out.error, delay_ms);
  out.error.clear();
  out.attempts_delta = -1;
  out.counts_as_error = false;
  return out;
}

Move hand_back(const Held& job, int64_t now, int64_t resend_ms) {
  Move out = from(job, Status::pending);
  out.wake_at = wake_of_waiting(job, now, now, resend_ms);
  out.attempts_delta = -1;
  return out;
}

Move lose_lease(const Held& job, int64_t now, int64_t resend_ms) {
  Move out = from(job, Status::pending);
  out.wake_at = wake_of_waiting(job, now, now, resend_ms);
  out.attempts_delta = -1;
  out.losses_delta = 1;
  out.error = write_error({"lease_lost", "The worker stopped renewing its lease.", true});
  out.history = entry(job, now, "lost", out.error, -1);
  return out;
}

Move lose_unbegun(const Held& job, int64_t now, int64_t resend_ms) {
  Move out = hand_back(job, now, resend_ms);
  out.error = write_error({"lease_lost", "The worker disappeared before the job's turn had come.", true});
  out.history = entry(job, now, "lost", out.error, -1);
  return out;
}

Move fail_as_poison(const Held& job, int64_t now, int64_t resend_ms) {
  Move out =
      fail(job, now, resend_ms, {"poison", "Its worker disappeared three times while running it.", false});
  out.attempts_delta = -1;
  out.losses_delta = 1;
  return out;
}

Move stand_in_line(const Held& job, int64_t run_at) {
  Move out = from(job, Status::pending);
  out.run_at = run_at;
  out.keep_lease = true;
  return out;
}

Move watch(const Held& job, int64_t run_at, int64_t wake_at, int64_t completed_at) {
  Move out = from(job, job.status);
  out.run_at = run_at;
  out.wake_at = wake_at;
  out.completed_at = completed_at;
  out.keep_lease = true;
  out.held_by = job.held_by;
  return out;
}

Move stand(const Held& job, int64_t run_at) {
  Move out = from(job, Status::pending);
  out.run_at = run_at;
  out.held_by = job.held_by;
  return out;
}

Move vacate(const Held& job, int64_t completed_at) {
  Move out = from(job, Status::cancelled);
  out.completed_at = completed_at;
  return out;
}

Move cancel(const Held& job, int64_t now) {
  Move out = from(job, Status::cancelled);
  out.completed_at = now;
  out.keep_lease = holds(Guard::cancelled_lease);
  if (job.gates.size() > 0 && job.lease_until > 0 && holds(Guard::cancelled_place))
    out.wake_at = lease_over(job);
  out.history = entry(job, now, "cancelled", "", -1);
  return out;
}

Move revive(const Held& job, int64_t now, int64_t resend_ms) {
  Move out = from(job, Status::pending);
  const int64_t free_at = job.lease_until > 0 ? job.lease_until + clock_skew_ms() : 0;
  // Of a line it is not taken before either, so nobody need look.
  out.wake_at = job.line.empty() ? (free_at > now ? free_at : now) + resend_ms : 0;
  out.attempts_delta = -job.attempts;
  out.losses_delta = -job.losses;
  out.keep_lease = holds(Guard::revived_lease);
  out.history = entry(job, now, "retried", "", -1);
  return out;
}

Move discard(const Held& job, int64_t now, int64_t completed_at) {
  Move out = from(job, Status::failed);
  out.completed_at = completed_at;
  out.keep_lease = true;
  out.history = entry(job, now, "discarded", "", -1);
  return out;
}

Freed freed_by(const Input& input, const std::vector<Move>& moves) {
  Freed out;
  for (const Move& move : moves) {
    // A cancelled job may have been released, and passes that on.
    if (move.keep_lease && (move.to != Status::cancelled || move.from == Status::cancelled)) continue;
    out.add_places(input.config, move.queue, move.gates);
  }
  return out;
}

void add_moves(const Input& input, const std::string& op, const std::vector<Move>& moves, Step& step,
               Freed freed) {
  const uint32_t scalars = step.text(write_scalars(input, op));
  add_rows(moves, scalars, step);
  const std::string died = write_ids(moves, Which::died);
  if (died != "[]") step.add(Sql::move_dead, {step.text(died), scalars});
  const std::string left = write_ids(moves, Which::left_failed);
  if (left != "[]") step.add(Sql::move_revived, {step.text(left), scalars});
  add_results(moves, scalars, step);
  add_dependants(input, op, moves, step);
  freed.add_all(freed_by(input, moves));
  add_release(input, op, freed, step);
  step.add(Sql::move_state, {step.text(write_ids(moves, Which::all))});
}

Aftermath aftermath(const std::vector<Move>& moves, const Freed& freed, json::Value stage, uint32_t behind) {
  Aftermath out;
  uint32_t place = stage.size() - 1 - behind;
  out.state = stage.at(place--).at(0);
  if (!freed.empty()) {
    out.released = stage.at(place);
    place -= kReleaseStatements;
  }
  if (decides_others(moves)) out.ready = stage.at(place);
  return out;
}

Aftermath aftermath_of_completes(json::Value stage) {
  Aftermath out;
  out.ready = stage.at(stage.size() - 2);
  return out;
}

void send_aftermath(const Input& input, const std::vector<Move>& moves, const Freed& freed,
                    const Aftermath& after, Step& step) {
  send_released(freed, after.released, step);
  send_dependants(input, moves, after.ready, step);
}

bool moved(json::Value state, size_t n, std::string_view op) {
  return !holds(Guard::took_effect) || state.at(static_cast<uint32_t>(n)).at(3).text() == op;
}

}  // namespace sluice
