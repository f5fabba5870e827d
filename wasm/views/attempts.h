// The attempts of a job as callers see them.
#pragma once

#include "core/json.h"
#include "core/writer.h"

namespace sluice {

// Writes, of one row of query_job.sql, {jobId, attempts: [{attempt, outcome, startedAt, finishedAt, error?,
// delayMs?}]}, oldest first. outcome is failed, snoozed, lost, cancelled, retried (by an operator) or
// discarded (an operator deleted the dead letter); the last one may be completed or running.
void write_attempts(json::Writer& writer, json::Value row);

}  // namespace sluice
