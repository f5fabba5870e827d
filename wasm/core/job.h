// A job as the core thinks of it: its states, and what a new one is made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/entropy.h"
#include "core/json.h"
#include "core/writer.h"

namespace sluice {

// docs/architecture.md has the diagram of who sets each state and who moves it on.
enum class Status : uint8_t { pending, delayed, blocked, processing, completed, failed, cancelled, kCount };

[[nodiscard]] std::string_view name(Status status);
// False and `out` untouched for an unknown word.
[[nodiscard]] bool parse_status(std::string_view text, Status& out);
// completed, failed and cancelled are final: only an operator's retry leaves them.
[[nodiscard]] bool is_final(Status status);

// A job to be inserted. Views point into the request's document.
struct NewJob {
  std::string id;
  const JobType* type = nullptr;
  std::string_view queue;  // logical
  int transport = 0;
  std::string_view line;  // of a polled job; else empty
  Status status = Status::pending;
  int64_t priority = kPriorityNormal;
  int64_t max_attempts = 1;
  int64_t run_at = 0;  // not before; 0: at once
  int64_t timeout_ms = kTimeoutMsDefault;
  std::string backoff;  // JSON of the job's own backoff; empty: its type's
  std::string_view payload;
  std::string unique_key;  // with its namespace prefix; empty: none
  int64_t unique_until = 0;
  std::string_view tags;  // JSON array; empty: none
  std::string_view correlation_id;
  std::string_view user_id;
  std::string_view session_id;
  std::string_view tenant;
  std::string_view concurrency_key;
  std::vector<std::string> gates;  // keys of its own gates (gate.h)
  std::string_view depends_on;     // JSON array of ids; empty: nothing
  bool proceeds = false;           // also when one of those fails or is cancelled
};

// A validated integer however it is written (5, 5.0 and 5e0 are the same number); `fallback` where there is
// none.
[[nodiscard]] int64_t whole(json::Value value, int64_t fallback = 0);

// Namespaces of unique keys, so that a caller's key never meets another kind of key.
inline constexpr std::string_view kUniqueKeyPrefix = "key:";     // the job's uniqueKey
inline constexpr std::string_view kIdempotencyPrefix = "idem:";  // the request's Idempotency-Key
inline constexpr std::string_view kForeignPrefix = "ext:";       // the id of an adopted foreign envelope
inline constexpr std::string_view kTickPrefix = "tick:";         // a schedule's name and tick

// Reads one request (contract, POST /jobs) into a job. `place` is its index in the request. Returns false
// with every fault listed, each path starting with `base`. A payload over the limit is the single fault
// `payload_too_large`.
[[nodiscard]] bool read_request(const Config& config, json::Value request, std::string_view base, int64_t now,
                                unsigned place, Entropy& entropy, NewJob& out, std::vector<Fault>& faults);

// Reads one foreign envelope into a job that is ready at once, unique under its own id.
[[nodiscard]] bool read_envelope(const Config& config, json::Value envelope, int64_t now, unsigned place,
                                 Entropy& entropy, NewJob& out, std::vector<Fault>& faults);

// The backoff of a job: its own JSON where it has one, else its type's, else the default.
[[nodiscard]] Backoff backoff_of(json::Value own, const JobType* type);

}  // namespace sluice
