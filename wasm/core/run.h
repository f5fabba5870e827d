// A run: what the worker that leased a job is told of it.
#pragma once

#include <string>

#include "core/json.h"
#include "core/record.h"
#include "core/step.h"

namespace sluice {

// The columns that the statements which lease select behind the record's (claim_state.sql, poll_state.sql).
namespace leased {
enum Column : uint32_t { backoff = record::kCount, tags };
}  // namespace leased

// The message that brought a run.
struct Carrier {
  size_t message = 0;      // its index in the batch
  int64_t deliveries = 0;  // of it, this one included
  bool sole = false;       // it names this job alone
};

// Adds a leased job's run to the step: {id, type, message, fence, leaseUntil, timeoutMs, startAt, startBy,
// alone}, where `startAt` and `startBy` are there for one that has a turn (gate.h): it starts between them or
// is handed back; and its token, [id, fence, queue, gates], and its record, [row, deliveries, sole], both for
// settle. A polled job has no carrier: the default one, whose message never serves for a retry.
void add_run(Step& step, json::Value row, const Carrier& carrier = {});

// What a handler sees of its job. Frame 0: the record of its run. No statements.
[[nodiscard]] Step describe(const Input& input);

}  // namespace sluice
