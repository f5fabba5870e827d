// Transitions of jobs that exist, but for the lease itself (claim.h). Each has one constructor that says
// why it happens; each is guarded in SQL by the state and the fencing token that it expects.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/gate.h"
#include "core/job.h"
#include "core/step.h"

namespace sluice {

// An error as the record keeps it.
struct JobError {
  std::string_view code;
  std::string_view message;
  bool retryable = true;
};
// {code, message, retryable}; the message is cut to kErrorMessageBytesMax at a character's start.
[[nodiscard]] std::string write_error(const JobError& error);

// What an attempt says of what it called, for the breakers of the job's gates.
enum class Omen : int8_t { none = -1, good = 0, bad = 1 };

struct Move {
  std::string_view id;
  // Expected:
  Status from = Status::processing;
  int64_t fence = 0;
  std::string_view op;  // the row's last nonce, or empty: any
  // To be set:
  Status to = Status::pending;
  int64_t run_at = 0;
  int64_t wake_at = 0;
  int64_t completed_at = 0;
  int64_t attempts_delta = 0;
  int64_t losses_delta = 0;
  bool keep_lease = false;
  std::string error;        // JSON; empty: unchanged
  std::string_view result;  // JSON; empty: unchanged
  std::string history;      // JSON of one entry to append; empty: none
  int64_t progress = -1;    // -1: unchanged
  bool counts_as_error = false;
  int64_t ms = 0;            // handler time that a completion adds to the rates
  std::string_view held_by;  // the line in which it stands then; empty: none
  // For the gates:
  Omen omen = Omen::none;
  std::string_view queue;
  json::Value gates;
};

// What every transition needs to know of a job.
struct Held {
  std::string_view id;
  Status status = Status::processing;
  int64_t fence = 0;
  std::string_view op;
  int64_t attempts = 0;  // including the running one
  int64_t started_at = 0;
  int64_t lease_until = 0;
  int64_t losses = 0;
  std::string_view queue;
  std::string_view held_by;  // the line in which it stands; empty: none
  json::Value gates;         // keys of its own gates
  std::string_view line;     // of a polled job; else empty
};

// processing → completed: the handler returned.
[[nodiscard]] Move complete(const Held& job, int64_t now, std::string_view result, int64_t ms);
// processing → delayed (pending without a delay): an attempt failed and others are left.
[[nodiscard]] Move retry_later(const Held& job, int64_t now, int64_t delay_ms, int64_t resend_ms,
                               const JobError& error);
// processing → failed: attempts are spent, or the error is not retryable. Watched until it is buried.
[[nodiscard]] Move fail(const Held& job, int64_t now, int64_t resend_ms, const JobError& error);
// processing → delayed: the handler asked to be called later; no attempt is spent.
[[nodiscard]] Move snooze(const Held& job, int64_t now, int64_t delay_ms, int64_t resend_ms,
                          const JobError& reason);
// processing → pending: claimed but never started (the worker is stopping, or ran out of time).
[[nodiscard]] Move hand_back(const Held& job, int64_t now, int64_t resend_ms);
// processing → pending: the lease ran out. No attempt is spent; the loss is counted.
[[nodiscard]] Move lose_lease(const Held& job, int64_t now, int64_t resend_ms);
// processing → pending: the lease ran out before the job's turn to run alone had come. Neither an attempt nor
// the loss is counted: a worker that leases many such jobs runs one of them at a time, and only that one can
// have ended it.
[[nodiscard]] Move lose_unbegun(const Held& job, int64_t now, int64_t resend_ms);
// processing → failed: the lease ran out for the last time.
[[nodiscard]] Move fail_as_poison(const Held& job, int64_t now, int64_t resend_ms);
// delayed, pending → pending: the time of a polled job has come, and it stands in its line.
[[nodiscard]] Move stand_in_line(const Held& job, int64_t run_at);
// Any state → the same: only the time at which the sweep looks again (0: never). It stays in its line.
[[nodiscard]] Move watch(const Held& job, int64_t run_at, int64_t wake_at, int64_t completed_at);
// delayed → pending, and at any rate without its lease, which is over: its turn in its line is still to come.
[[nodiscard]] Move stand(const Held& job, int64_t run_at);
// cancelled → the same without its lease, which is over: its places are given back.
[[nodiscard]] Move vacate(const Held& job, int64_t completed_at);
// pending, delayed, blocked, processing → cancelled. A lease is kept: nothing claims before it is over, and
// the sweep gives its places back then, if the handler that is stopped does not.
[[nodiscard]] Move cancel(const Held& job, int64_t now);
// failed, cancelled → pending with all attempts again; lost leases are forgiven.
[[nodiscard]] Move revive(const Held& job, int64_t now, int64_t resend_ms);

// failed → failed: an operator deletes its dead letter; nothing watches the job any more.
[[nodiscard]] Move discard(const Held& job, int64_t now, int64_t completed_at);

// Adds the statements that carry `moves` out under the nonce `op`, with what they mean for others:
//   places that they give back, and those of `freed`, go to who stands in line for them (gate.h)
//   jobs that depend on these are decided (depend.h)
// The last one tells what holds afterwards. Read the rows of all that with aftermath().
void add_moves(const Input& input, const std::string& op, const std::vector<Move>& moves, Step& step,
               Freed freed = {});

// The places that the moves give back. More may be named than are: what is released takes its place when it
// is claimed.
[[nodiscard]] Freed freed_by(const Input& input, const std::vector<Move>& moves);

// The rows of a plan with add_moves() that tell what it did.
struct Aftermath {
  json::Value released;  // who was let out of a line, for send_released(); no value where nothing was freed
  json::Value
      ready;  // who need wait for no other job any more, for send_dependants(); no value where none can
  json::Value state;  // for moved()
};
// `stage` are the rows of the plan, `behind` the number of its statements behind those of add_moves();
// `freed` are all places that it gave back, those of `moves` among them.
[[nodiscard]] Aftermath aftermath(const std::vector<Move>& moves, const Freed& freed, json::Value stage,
                                  uint32_t behind = 0);
// Who is ready where all moves were completions that gave no place back; what became of these is not asked.
[[nodiscard]] Aftermath aftermath_of_completes(json::Value stage);
// Adds the messages of the released and of the ready ones.
void send_aftermath(const Input& input, const std::vector<Move>& moves, const Freed& freed,
                    const Aftermath& after, Step& step);

// Whether move `n` took effect, now or in an earlier try of the same step: the row carries its nonce.
// `state` is the last statement's one row.
[[nodiscard]] bool moved(json::Value state, size_t n, std::string_view op);

}  // namespace sluice
