// Admission: requests become jobs in the record, and wake-ups for those that are ready.
#pragma once

#include <string>
#include <vector>

#include "core/job.h"
#include "core/step.h"

namespace sluice {

// POST /jobs, enqueue(): frame 0 is the request. Control: {idempotencyKey?}.
// One round trip; 201 {jobId, status}, 200 for a duplicate, 4xx with every fault, 429 when the queue is
// full, 503 when D1 cannot be reached. (Near a queue's maximum depth, duplicates take a place from the jobs
// behind them in the same request.)
[[nodiscard]] Step admit_one(const Input& input);

// POST /jobs/batch, enqueueMany(): frame 0 is {jobs: [request, …]}. Each gets {jobId, status} or {error}.
// Control: {idempotencyKey?, first?, shard?, items?}; `first` is the place of the first of them in the
// caller's request, where this is a part of it. Where they live on several shards the step is split; a part
// answers for its items alone, in their order.
[[nodiscard]] Step admit_batch(const Input& input);

// POST /chat, chat(): frame 0 is {message, userId, sessionId}, frame 1 its reading by the chat module
// (kReadingSchema; 500 where it is not one). The pages that the message asks for become scrape_request jobs.
[[nodiscard]] Step admit_chat(const Input& input);

// Adds the statements that insert `jobs` under the nonce `op`; the last of them tells what holds
// afterwards. `limited` says whether a queue's maximum depth applies (not to what was already accepted).
void add_admission(const Input& input, const std::string& op, const std::vector<NewJob>& jobs, bool limited,
                   Step& step);

// The same for jobs whose unique keys a statement of the caller's has given to those that may be inserted.
void add_keyed_admission(const Input& input, const std::string& op, const std::vector<NewJob>& jobs,
                         bool limited, Step& step);

// What became of one job, from that last statement's row.
struct Admitted {
  enum class Verdict : uint8_t { created, duplicate, full };
  Verdict verdict = Verdict::full;
  std::string_view id;  // of the job that holds, created now or before
  std::string_view status;
};
[[nodiscard]] Admitted admitted(json::Value state, size_t n, const NewJob& job);

// Adds the wake-ups of `jobs` that were created: at once, or delayed where a queue can delay so long.
void send_created(const Input& input, const std::vector<NewJob>& jobs, json::Value state, Step& step);

}  // namespace sluice
