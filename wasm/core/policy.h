// What is fixed per job type and per transport: queues, attempts, backoff, timeouts. Read once from the
// configuration; job options override the type's figures within their bounds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/schema.h"

namespace sluice {

inline constexpr int64_t kPriorityUrgent = 1;
inline constexpr int64_t kPriorityHigh = 3;
inline constexpr int64_t kPriorityNormal = 5;
inline constexpr int64_t kPriorityLow = 8;
inline constexpr int64_t kPriorityLast = 10;

inline constexpr int64_t kAttemptsMax = 100;
inline constexpr int64_t kTimeoutMsMin = 100;
inline constexpr int64_t kTimeoutMsMax = 600000;     // contract: at most 10 minutes
inline constexpr int64_t kTimeoutMsDefault = 30000;  // contract: unless given
inline constexpr int64_t kBackoffMsMax = 86400000;   // a queue delays 24 h at most

enum class BackoffKind : uint8_t { exponential, linear, fixed };

// The delay after the n-th failed attempt. `jitter_permille` of the delay is added or taken away.
struct Backoff {
  BackoffKind kind = BackoffKind::exponential;
  int64_t delay_ms = 10000;        // base, 0 to kBackoffMsMax
  int64_t max_delay_ms = 3600000;  // cap before jitter, 0 to kBackoffMsMax
  int64_t jitter_permille = 0;     // 0 to 1000
};

// What a type's jobs wait for outside (gate.h). The first three name the payload's member that holds a URL.
struct GatePolicy {
  std::string url;       // one job per URL at a time
  std::string host;      // SCRAPE_CONCURRENCY jobs per host at a time; breaker
  std::string receiver;  // breaker per host
  std::string service;   // name of what they all call: breaker
};

// Starts of jobs, evenly spread: each at least so long after the one before. One clock for all jobs of the
// type's logical queues, or one for each tenant or concurrency key of them.
enum class RateBy : uint8_t { queue, tenant, concurrency_key };
struct RatePolicy {
  int64_t count = 0;  // starts within per_ms; 0: any number
  int64_t per_ms = 0;
  RateBy by = RateBy::queue;

  // ms from one start to the next, rounded up; 0: no rate.
  [[nodiscard]] int64_t spacing_ms() const { return count == 0 ? 0 : (per_ms + count - 1) / count; }
  [[nodiscard]] bool operator==(const RatePolicy& other) const {
    return count == other.count && per_ms == other.per_ms && by == other.by;
  }
};

struct JobType {
  std::string name;
  std::string queue;         // logical queue
  std::string urgent_queue;  // logical queue of urgent jobs; empty: same as queue
  int transport = 0;         // index into kTransports
  std::string line;          // of a polled type: kLinePrefix and its slot; else empty
  int urgent_transport = 0;
  int64_t priority = kPriorityNormal;
  int64_t max_attempts = 3;
  int64_t urgent_max_attempts = 3;
  int64_t timeout_ms = kTimeoutMsDefault;
  Backoff backoff;
  int64_t concurrency = 0;  // leases at once in its logical queue, 1 to kConcurrencyMax; 0: any number
  RatePolicy rate;
  GatePolicy gates;
  bool main_database = false;  // its handler's statements read its row beside tables of the main database
  Schema payload;
};

// A polled job has no message: it stands in its slot's line (jobs.held_by) until a worker polls it. Its
// transport is named after the line, so that it finds back there whatever its type says by then.
inline constexpr std::string_view kLinePrefix = "p:";
// How job.json names the transport of polled types.
inline constexpr std::string_view kPolledName = "none";

// A Cloudflare Queue that carries jobs, with what its consumer is configured to (contract, "Queues and
// messages"). `binding` names the producer in both workers' environments.
struct Transport {
  std::string_view name;
  std::string_view binding;
  std::string_view dead_letter_queue;
  std::string_view dead_letter_binding;
  int64_t max_retries;  // platform retries: a message is delivered max_retries + 1 times
  size_t pack_max;      // jobs in one message
};

inline constexpr Transport kTransports[] = {
    {"scraping-tasks", "SCRAPING_QUEUE", "scraping-dlq", "SCRAPING_DLQ", 3, 1},
    {"scraping-priority", "PRIORITY_SCRAPING_QUEUE", "scraping-dlq", "SCRAPING_DLQ", 5, 1},
    {"background-jobs", "JOB_QUEUE", "background-jobs-dlq", "JOB_DLQ", 3, 5},
    {kPolledName, "", "background-jobs-dlq", "JOB_DLQ", 0, 1},
};
inline constexpr int kTransportCount = 3;  // queues
inline constexpr int kBackgroundTransport = 2;
inline constexpr int kPolledTransport = 3;  // no queue: only its dead letters travel

// Index of the transport called `name`, a queue's or a line's; -1: neither.
[[nodiscard]] int transport_index(std::string_view name);

// 1 to 10 for a priority's name (urgent 1, high 3, normal 5, low 8), or 0.
[[nodiscard]] int64_t priority_from_name(std::string_view name);

// "exponential", "linear" or "fixed" → kind; false for anything else.
[[nodiscard]] bool backoff_kind(std::string_view name, BackoffKind& out);
[[nodiscard]] std::string_view name(BackoffKind kind);

}  // namespace sluice
