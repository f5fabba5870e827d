// The core's configuration: job types and variables. Read once per instance; everything else
// that the core knows arrives with each call.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/policy.h"
#include "core/schema.h"

namespace sluice {

// The numeric variables (contract, "Configuration"), with the contract's defaults.
struct Settings {
  int64_t lease_ms = 300000;
  int64_t max_attempts = 3;
  int64_t resend_after_ms = 900000;
  int64_t max_pending_per_queue = 1000000;
  int64_t poll_batch = 10;  // jobs that one run of a poller takes of each line
  int64_t keep_completed_ms = int64_t{7} * 86400000;
  int64_t tenant_concurrency = 50;
  int64_t host_concurrency = 3;
  int64_t host_delay_ms = 1000;  // between the starts of jobs that reach for one host
  int64_t keep_failed_ms =
      int64_t{30} * 86400000;  // cancelled jobs too, and dead letters that were never jobs
};

class Config {
 public:
  // Reads `{types: [job.json …], vars: {NAME: "text"}, databases?: [0, 1, …]}`, the last of them the numbers
  // of the databases that are bound, without which there is one. Returns an empty string, or what is wrong;
  // then this configuration is unusable and the caller must not go on. A variable that is missing or empty
  // takes its default; one that is malformed or out of bounds is an error that names it.
  [[nodiscard]] std::string load(std::string_view json);
  // The same without schemas: for what validates nothing, and reads what load() has taken elsewhere.
  [[nodiscard]] std::string load_figures(std::string_view json);

  // The type called `name`, or nullptr.
  [[nodiscard]] const JobType* type(std::string_view name) const;

  // Whether a type sends its jobs to the logical queue.
  [[nodiscard]] bool knows_queue(std::string_view queue) const;
  // The most leases at once in the logical queue: the least of what its types say; 0: any number.
  [[nodiscard]] int64_t queue_cap(std::string_view queue) const;
  // The rate of the logical queue as a whole; nullptr: any.
  [[nodiscard]] const RatePolicy* queue_rate(std::string_view queue) const;
  // Whether it has a limit of either kind.
  [[nodiscard]] bool is_capped(std::string_view queue) const;
  // Whether the starts of some jobs of the transport are spread in time.
  [[nodiscard]] bool paces(int transport) const;

  // The shard that judges the keys and limits of the logical queue (QUEUE_SHARDS).
  [[nodiscard]] unsigned judge_of(std::string_view queue) const;
  // All shards that judge some queue, ascending; 0 is always among them.
  [[nodiscard]] std::vector<unsigned> judges() const;

  Settings settings;
  unsigned shards = 1;  // databases, 1 to kShardsMax
  std::vector<std::pair<std::string, unsigned>> queue_shards;
  std::vector<JobType> types;       // sorted by name
  std::vector<std::string> capped;  // logical queues with a limit of their own

  Schema request;         // one job of POST /jobs, all but its payload's content
  Schema envelope;        // one message that another producer put into a queue
  Schema schedule;        // PUT /schedules/{name}, all but what makes its job
  Schema redrive;         // POST /dead-letters/requeue
  Schema compat;          // POST /api/queue/jobs
  Schema compat_requeue;  // POST /api/queue/dead-letter/requeue
  Schema reading;         // what the chat rules made of a message
};

}  // namespace sluice
