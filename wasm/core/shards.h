// Shards: jobs are spread over several databases, by the number that each job's id carries. At one database
// nothing here has any effect.
//   Plain jobs live anywhere: those of one request together, on a shard that its entropy chooses.
//   What needs one judge has one. A job with a unique key (or the Idempotency-Key of its request), a tenant,
//   a concurrency key, gates of its type, a limit or rate of its queue, or a line from which it is polled
//   lives on the shard that QUEUE_SHARDS names for its logical queue (default 0), so that all who share the
//   key do. A job that depends on others lives with them. Jobs of types that write tables of the main
//   database beside their own row live on shard 0 (JobType::main_database). So do schedules, locks and
//   messages that were never jobs.
// An id whose number no database has names nothing: 404 where a caller asks, acknowledged where a message
// names it. Such a message may come of a newer version that knows more databases; the sweep there sends it
// again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/job.h"
#include "core/schema.h"
#include "core/step.h"

namespace sluice {

// Ids have eight bits for it.
inline constexpr unsigned kShardsMax = 256;

// The shard on which the job with this id is; -1 where it is no id of ours, or no database has the number.
[[nodiscard]] int shard_of_job(const Config& config, std::string_view id);

// The same, 0 for what has none: for ids that the record itself gave.
[[nodiscard]] unsigned home_of_job(const Config& config, std::string_view id);

// Where a new job is to live; `lot` where it may live anywhere. Where two shards would have to judge it a
// fault is added, whose path starts with `base`.
[[nodiscard]] unsigned home_of(const Config& config, const NewJob& job, unsigned lot, std::string_view base,
                               std::vector<Fault>& faults);

// Whether the job cannot live on shard 0, where schedules are.
[[nodiscard]] bool lives_elsewhere(const Config& config, const NewJob& job);

// The shard that the caller was told this part of a flow is for; 0 where it was told none.
[[nodiscard]] unsigned shard_told(const Input& input);

// The shard of the plain jobs of a request: the one that the caller was told, else one by chance.
[[nodiscard]] unsigned lot_of(const Input& input);

// Lets the plan run on all shards.
void on_all(const Config& config, Step& step);

// A step that is split over all shards, where there are several and the caller has not been told one yet;
// `split` is empty otherwise.
[[nodiscard]] Step split_over_all(const Input& input);

// Adds an item to the part of its shard, unless it is the last one there. Parts are in the order in which
// their shards first come.
void add_item(std::vector<Part>& parts, unsigned shard, size_t item);

// A look for what a caller names: a job or dead letter by its id, or by the id of the foreign envelope that
// it was adopted from. First where an id of ours says, then where foreign ids and messages are.
struct Look {
  std::vector<unsigned> shards;  // not empty: look there now, with another stage of the plan
  json::Value row;               // what was found; absent: nothing
  unsigned shard = 0;            // where
  size_t stages = 0;             // that the looks took
};
// `column` of a row found holds its id, and no text where a row tells that there is nothing; with one
// database whatever row there is is taken. The first statement of each of those stages gives the row.
[[nodiscard]] Look look_for(const Input& input, std::string_view id, uint32_t column);
// Lets the plan run where the look says.
void look_at(const Look& look, Step& step);

}  // namespace sluice
