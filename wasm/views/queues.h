// Logical queues as callers see them.
#pragma once

#include <string_view>

#include "core/step.h"
#include "views/counts.h"

namespace sluice {

// When the oldest job of `queue` that waits was made, or of all queues where it is empty; 0 where none waits.
// `waiting` are the rows of query_waiting.sql, `pending` how many the counters have: where the bounded look
// has found none of them, the oldest is no older than where it ended.
[[nodiscard]] int64_t oldest_waiting(json::Value waiting, std::string_view queue, int64_t pending);

// GET /queues: 200 {queues: [{name, transport, paused, one member per status, deadLetters, limits:
// {concurrency, rate}, running, oldestWaitingMs}]}, by name: the queues of all job types, and those that jobs
// or pauses are left of. Limits are null where there is none; oldestWaitingMs is null where nothing waits.
[[nodiscard]] Step list_queues(const Input& input);

}  // namespace sluice
