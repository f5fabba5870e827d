// The gate: what a job has to wait for besides its time. A gate gives so many leases at once, or none while
// it is paused; who finds it so stands in its line, by rank, until a place is given back. Its key is
// kind:name:
//   q:<queue>            a logical queue, limited by its types (at once, in time) or paused by an operator
//   r:<queue>:<key>      a rate for each tenant or concurrency key of a queue
//   c:<concurrencyKey>   one at a time
//   t:<tenant>           TENANT_CONCURRENCY at a time
//   u:<URL>              one at a time
//   h:<host>             SCRAPE_CONCURRENCY at a time, HOST_DELAY_MS between their starts; breaker
//   s:<service>, s://<host>  breaker only
// A breaker opens after kBreakerFails failures in a row that handlers blame on what they called: nothing
// passes for kBreakerOpenMs, and then one job at a time until one succeeds.
// A gate with a rate gives turns, evenly spread: `next_at` of its row is the next free one. A job takes its
// turn when it is leased, some time ahead (kStartAheadMs), since batches of messages come late and many at
// once; its worker starts it at its turn. A job has turns at one gate: the first of r:, q:, h: that has a
// rate. Whether there is room is decided when a job is claimed; what is said at its admission, or by whoever
// gives a place back, only spares messages that would come to nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/job.h"
#include "core/step.h"
#include "core/writer.h"

namespace sluice {

// Keys of a new job's gates besides its queue's.
[[nodiscard]] std::vector<std::string> gates_of(const NewJob& job, json::Value payload);
// The same as the value of a JSON column: an array in a text, or null.
void write_gates(json::Writer& writer, const NewJob& job);

// Members `ahead`, ms, `caps`, [[key or its beginning up to a colon, places or null, ms between starts], …],
// and `capped`, the queues whose own gates are among those: what the statements know of limits.
void write_limits(json::Writer& writer, const Config& config);

// When a job that was just leased starts: its turn, which no other job's time can be as late as; 0 for
// others.
[[nodiscard]] int64_t turn_of(json::Value row);

// The places that the jobs of one request would take.
class GatePlaces {
 public:
  // [[key, place], …] of the next job: how many of this request are at that gate then, this one included;
  // null where no number counts: it does not ask now, or only whether its queue is paused.
  void write_next(const Config& config, json::Writer& writer, const NewJob& job);
  // [key, …] of all gates so far.
  void write_keys(json::Writer& writer) const;

 private:
  int64_t next(const std::string& key);

  std::vector<std::pair<std::string, int64_t>> counts_;
};

// Places that are given back, by key.
class Freed {
 public:
  void add(std::string_view key, int64_t places);
  void add_all(const Freed& other);
  // One place at each gate of a job.
  void add_places(const Config& config, std::string_view queue, json::Value gates);

  [[nodiscard]] bool empty() const { return keys_.empty(); }
  [[nodiscard]] int64_t most() const;
  // [[key, places], …]
  [[nodiscard]] std::string write() const;

 private:
  std::vector<std::pair<std::string, int64_t>> keys_;
};

// Adds the statements that let out who stands in line for the places; the last one's rows are for
// send_released(). Nothing where there are none.
constexpr uint32_t kReleaseStatements = 2;
void add_release(const Input& input, const std::string& op, const Freed& freed, Step& step);

// Sends who was let out, from the rows of that statement; nothing where there were no places.
void send_released(const Freed& freed, json::Value rows, Step& step);

// The sweep's walk over the lines: a place that was given back to nobody must not stay free for ever.
struct LineWalk {
  Freed freed;
  std::string_view line;  // where it goes on
  bool advances = false;
  bool writes = false;
  bool more = false;
};
void add_line_walk(const Input& input, Step& step);
[[nodiscard]] LineWalk read_line_walk(json::Value rows);
void add_line_advance(const LineWalk& walk, Step& step);

// Lets the sweep forget gates that nothing needs any more: what ends the last lease of one forgets it where
// it can, but turns outlive leases.
void add_gate_walk(const Input& input, Step& step);

// Control: {name}. Stops a logical queue from starting jobs, or lets it go on; what runs goes on, and jobs
// are accepted all the while. 200 {name, paused, …}, 404, 503. One round trip; when it goes on, the first in
// line are sent, and the sweep sees to the others. It holds on all shards; after a 503 perhaps on some of
// them, and may be asked for again.
[[nodiscard]] Step pause_queue(const Input& input);
[[nodiscard]] Step resume_queue(const Input& input);

}  // namespace sluice
