#include "core/settle.h"

#include <algorithm>
#include <memory>

#include "core/backoff.h"
#include "core/depend.h"
#include "core/guard.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/message.h"
#include "core/move.h"
#include "core/record.h"
#include "core/run.h"
#include "core/shards.h"
#include "core/wake.h"

namespace sluice {
namespace {

// The run's token and its record, as claim wrote them (run.cc).
namespace token {
enum Cell : uint32_t { id, fence, queue, gates };
}
enum Record : uint32_t { kRow, kDeliveries, kSole };

// Frames before the results.
constexpr size_t kOwnFrames = 2;

struct Result {
  json::Value value;  // of frame 0
  json::Value token;
  json::Value record;  // no value where the token says all that is asked
  json::Value row;     // the record's
  int64_t message = 0;
  bool moves = false;  // it asks for a transition
  bool fresh = false;  // its next attempt needs a new message at once or after `delay_ms`
  int64_t delay_ms = 0;
};

// The lines of frame 1, those that are asked for. They stay as they are.
class Records {
 public:
  explicit Records(const Input& input) : rest_(input.frames.size() > 1 ? input.frames[1] : "") {}

  // Line n, not before one that was asked for already; no value where there is none.
  json::Value read(size_t n) {
    for (; line_ < n; ++line_) rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size() - 1) + 1);
    documents_.push_back(std::make_unique<json::Document>());
    if (documents_.back()->parse(rest_.substr(0, rest_.find('\n')))) return {};
    return documents_.back()->root();
  }

 private:
  std::string_view rest_;
  size_t line_ = 0;
  std::vector<std::unique_ptr<json::Document>> documents_;
};

struct Settlement {
  explicit Settlement(const Input& input) : records(input) {}

  json::Document verdicts;  // frame 0
  Records records;
  std::string op;
  std::vector<Result> results;
  std::vector<Move> moves;      // of the results that ask for one, in order
  std::vector<size_t> stopped;  // results of handlers that were stopped
};

// Settling is guarded by the fencing token alone: the sweep may have touched the row since.
Held held(json::Value row) {
  Held out = held_of(row);
  out.op = {};
  return out;
}

// What the token knows of it.
Held held_by_token(json::Value value) {
  Held out;
  out.id = value.at(token::id).text();
  out.fence = value.at(token::fence).integer();
  out.queue = value.at(token::queue).text();
  out.gates = value.at(token::gates);
  return out;
}

JobError error_of(json::Value value) {
  const std::string_view code = value.find("code").text();
  const bool retryable = value.find("retryable").truth(true);
  return {code.empty() ? "handler_error" : code, value.find("message").text(), retryable};
}

int64_t wish_ms(json::Value value, std::string_view key) {
  return std::clamp<int64_t>(value.find(key).integer(-1), -1, limits::kRetryAfterMsMax);
}

Move after_error(const Input& input, Result& result, const JobError& error, Entropy& entropy) {
  const Held job = held(result.row);
  const int64_t resend = input.config.settings.resend_after_ms;
  const bool spent = job.attempts >= count_of(result.row.at(record::max_attempts));
  if ((!error.retryable && holds(Guard::final_error)) || (spent && holds(Guard::attempts_limit))) {
    return fail(job, input.now, resend, error);
  }
  const int64_t wish = wish_ms(result.value, "retryAfterMs");
  const Backoff policy =
      backoff_of(result.row.at(leased::backoff), input.config.type(result.row.at(record::type).text()));
  result.delay_ms = wish >= 0 && holds(Guard::retry_after) ? wish : backoff_ms(policy, job.attempts, entropy);
  return retry_later(job, input.now, result.delay_ms, resend, error);
}

std::string_view text_of(const Input& input, json::Value value) {
  const int64_t frame = value.find("frame").integer();
  const bool given = frame >= 0 && frame + kOwnFrames < input.frames.size();
  return given ? input.frames[static_cast<size_t>(frame) + kOwnFrames] : "null";
}

// A result must be JSON that the record can hold; anything else is the handler's fault, and final. Empty:
// it is.
JobError fault_of(std::string_view text, json::Document& document) {
  if (text.size() > limits::kResultBytesMax) return {"result_too_large", "A result may hold 1 MiB.", false};
  if (const json::Error error = document.parse(text)) {
    return {"result_invalid", json::name(error.code), false};
  }
  return {};
}

// Handlers blame on what they called what is its fault; an error that is final comes of its answer, or of
// what the job itself asked for. All else says nothing.
Omen omen_of(json::Value verdict) {
  const std::string_view kind = verdict.find("kind").text();
  if (kind == "ok") return Omen::good;
  if (kind != "error") return Omen::none;
  if (verdict.find("breaker").truth()) return Omen::bad;
  return verdict.find("retryable").truth(true) ? Omen::none : Omen::good;
}

Move after_failure(const Input& input, Result& result, Entropy& entropy) {
  const std::string_view kind = result.value.find("kind").text();
  const Held job = held(result.row);
  const int64_t resend = input.config.settings.resend_after_ms;
  if (kind == "unstarted") {
    result.fresh = true;
    return hand_back(job, input.now, resend);
  }
  if (kind == "snooze") {
    result.fresh = true;
    result.delay_ms = std::max<int64_t>(wish_ms(result.value, "delayMs"), 0);
    return snooze(job, input.now, result.delay_ms, resend, error_of(result.value));
  }
  if (kind == "timeout") {
    const std::string text =
        "Not done within " + std::to_string(result.row.at(record::timeout_ms).integer()) + " ms.";
    return after_error(input, result, {"timeout", text, true}, entropy);
  }
  return after_error(input, result, error_of(result.value), entropy);
}

void read_record(Settlement& settlement, Result& result) {
  result.record = settlement.records.read(settlement.results.size());
  result.row = result.record.at(kRow);
}

// `document` is for one result after the other: each is checked, and kept as its text.
Move decide(const Input& input, Settlement& settlement, Result& result, json::Document& document,
            Entropy& entropy) {
  if (result.value.find("kind").text() != "ok") {
    read_record(settlement, result);
    return after_failure(input, result, entropy);
  }
  const std::string_view text = text_of(input, result.value);
  const JobError fault = fault_of(text, document);
  if (fault.code.empty()) {
    return complete(held_by_token(result.token), input.now, text, count_of(result.value.find("ms")));
  }
  read_record(settlement, result);
  return fail(held(result.row), input.now, input.config.settings.resend_after_ms, fault);
}

void read_settlement(const Input& input, Settlement& out) {
  Entropy entropy = input.entropy;
  out.op = make_nonce(entropy);
  if (input.frames.empty() || out.verdicts.parse(input.frames[0])) return;
  const json::Value list = out.verdicts.root();
  out.results.reserve(list.size());
  out.moves.reserve(list.size());
  json::Document document;
  for (const json::Value value : list) {
    Result result;
    result.value = value;
    result.token = value.find("token");
    result.message = value.find("index").integer();
    result.moves = value.find("kind").text() != "stopped";
    if (result.moves) {
      out.moves.push_back(decide(input, out, result, document, entropy));
      out.moves.back().omen = omen_of(value);
    } else {
      out.stopped.push_back(out.results.size());
    }
    out.results.push_back(std::move(result));
  }
}

// The places that stopped handlers give back.
Freed freed_by_stopped(const Input& input, const Settlement& settlement) {
  Freed out;
  for (const size_t n : settlement.stopped) {
    const Held job = held_by_token(settlement.results[n].token);
    out.add_places(input.config, job.queue, job.gates);
  }
  return out;
}

void add_releases(const Settlement& settlement, bool places, Step& step) {
  if (settlement.stopped.empty()) return;
  std::string rows;
  json::Writer writer(rows);
  writer.begin_array();
  for (const size_t n : settlement.stopped) {
    const Held job = held_by_token(settlement.results[n].token);
    writer.begin_array().string(job.id).integer(job.fence).end_array();
  }
  writer.end_array();
  const uint32_t bound = step.text(std::move(rows));
  if (places) step.add(Sql::move_release_places, {bound, step.text(R"({"op":")" + settlement.op + R"("})")});
  step.add(Sql::move_release, {bound});
}

// A platform retry is one queue operation where a new message is three; it is taken while it serves.
bool platform_retries(const Input& input, const Result& result, int64_t seconds) {
  const int queue = transport_index(input.control.find("queue").text());
  return !(result.fresh && holds(Guard::fresh_message)) && queue >= 0 && result.record.at(kSole).truth() &&
         can_be_sent(seconds) &&
         (result.record.at(kDeliveries).integer() <= kTransports[queue].max_retries ||
          !holds(Guard::platform_limit));
}

void follow_up(const Input& input, const Result& result, const Move& move, Step& step) {
  Mark mark{result.message, false, 0};
  if (move.to == Status::completed) {
    step.marks.push_back(mark);
    return;
  }
  const int transport = std::max(transport_index(result.row.at(record::transport).text()), 0);
  const bool polled = transport == kPolledTransport;
  if (move.to == Status::failed) {
    Wake wake = wake_of(result.row);
    wake.dead_fence = move.fence;
    step.sends.push_back({kTransports[transport].dead_letter_binding, write_message(wake), 0});
  }
  if (!polled && (move.to == Status::pending || move.to == Status::delayed)) {
    const int64_t seconds = delay_seconds(0, result.delay_ms);
    if (platform_retries(input, result, seconds)) {
      mark.retry = true;
      mark.delay_seconds = seconds;
    } else if (can_be_sent(seconds)) {
      step.sends.push_back({kTransports[transport].binding, write_message(wake_of(result.row)), seconds});
    }
  }
  step.marks.push_back(mark);
}

Step outcome(const Input& input, const Settlement& settlement) {
  Step step;
  Freed freed = freed_by_stopped(input, settlement);
  freed.add_all(freed_by(input, settlement.moves));
  json::Value state;
  if (!settlement.moves.empty() || !freed.empty()) {
    const Aftermath after = aftermath(settlement.moves, freed, input.rows[0]);
    send_aftermath(input, settlement.moves, freed, after, step);
    state = after.state;
  }
  size_t n = 0;
  for (const Result& result : settlement.results) {
    if (!result.moves) {
      step.marks.push_back({result.message, false, 0});
      continue;
    }
    const size_t move = n++;
    if (moved(state, move, settlement.op)) {
      follow_up(input, result, settlement.moves[move], step);
    } else {
      step.marks.push_back({result.message, false, 0});  // a later lease, or an operator, has the say
    }
  }
  return step;
}

// Whether all that is left to do is to acknowledge: jobs that are completed, or have a later lease, and no
// place for anybody else.
bool only_completes(const Input& input, const Settlement& settlement) {
  return settlement.stopped.empty() && freed_by(input, settlement.moves).empty() &&
         std::all_of(settlement.moves.begin(), settlement.moves.end(),
                     [](const Move& move) { return move.to == Status::completed; });
}

// [index, …] of the results.
std::string write_carry(const Settlement& settlement) {
  std::string out;
  json::Writer writer(out);
  writer.begin_array();
  for (const Result& result : settlement.results) writer.integer(result.message);
  writer.end_array();
  return out;
}

Step carried_outcome(const Input& input) {
  Step step;
  if (input.rows.empty()) return step;
  send_aftermath(input, {}, {}, aftermath_of_completes(input.rows[0]), step);
  json::Document document;
  if (input.frames.empty() || document.parse(input.frames[0])) return step;
  for (const json::Value index : document.root()) step.marks.push_back({index.integer(), false, 0});
  return step;
}

Step failed(const Input& input, const Settlement& settlement) {
  Step step;
  // Finished work that only this worker knows of: done again, it would count as a lost lease. Late is
  // harmless, since the fencing token guards it.
  const int64_t deadline = input.control.find("deadline").integer();
  if (try_until(input, step, deadline) || try_again(input, step)) return step;
  step.bisect = holds(Guard::bisect) && !is_transient(input.failure) && settlement.results.size() > 1;
  for (const Result& result : settlement.results) {
    step.marks.push_back({result.message, true, limits::kOutageRetrySeconds});
  }
  return step;
}

}  // namespace

Step settle(const Input& input) {
  if (input.carried) return carried_outcome(input);
  Settlement settlement(input);
  read_settlement(input, settlement);
  if (input.failed) return failed(input, settlement);
  if (!input.rows.empty() || settlement.results.empty()) return outcome(input, settlement);
  Step step;
  // They were leased together, so they live together.
  step.shard = home_of_job(input.config, settlement.results.front().token.at(token::id).text());
  Freed freed = freed_by_stopped(input, settlement);
  add_releases(settlement, !freed.empty(), step);
  if (!settlement.moves.empty() || !freed.empty()) {
    if (only_completes(input, settlement)) step.carry.push_back(write_carry(settlement));
    add_moves(input, settlement.op, settlement.moves, step, std::move(freed));
  }
  return step;
}

}  // namespace sluice
