// Transitions of jobs that exist, but for the lease itself (claim.h). Each has one constructor that says
// why it happens; each is guarded in SQL by the state and the fencing token that it expects.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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
  int64_t ms = 0;  // handler time that a completion adds to the rates
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
// Any state → the same: only the time at which the sweep looks again (0: never).
[[nodiscard]] Move watch(const Held& job, int64_t run_at, int64_t wake_at, int64_t completed_at);
// pending, delayed, blocked, processing → cancelled. A lease is kept: nothing claims before it is over.
[[nodiscard]] Move cancel(const Held& job, int64_t now);
// failed, cancelled → pending with all attempts again; lost leases are forgiven.
[[nodiscard]] Move revive(const Held& job, int64_t now, int64_t resend_ms);

// failed → failed: an operator deletes its dead letter; nothing watches the job any more.
[[nodiscard]] Move discard(const Held& job, int64_t now, int64_t completed_at);

// Adds the statements that carry `moves` out under the nonce `op`, and the one that tells what holds
// afterwards (the last of the plan; read it with moved()).
void add_moves(const Input& input, const std::string& op, const std::vector<Move>& moves, Step& step);

// Whether move `n` took effect, now or in an earlier try of the same step: the row carries its nonce.
// `state` is the last statement's one row.
[[nodiscard]] bool moved(json::Value state, size_t n, std::string_view op);

}  // namespace sluice
