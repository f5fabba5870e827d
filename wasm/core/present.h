// Jobs as callers see them (contract, "A job").
#pragma once

#include "core/json.h"
#include "core/move.h"
#include "core/writer.h"

namespace sluice {

// Columns of query_job.sql and query_list.sql, in their order.
namespace column {
enum Column : uint32_t {
  id,
  type,
  queue,
  status,
  priority,
  attempts,
  max_attempts,
  progress,
  payload,
  result,
  last_error,
  created_at,
  run_at,
  started_at,
  completed_at,
  updated_at,
  leased_by,
  lease_until,
  unique_key,
  tags,
  correlation_id,
  user_id,
  session_id,
  fence,
  op,
  transport,
  timeout_ms,
  losses,
  payload_size,
  result_size,
  history
};
}  // namespace column

// Writes the job of one row. Times become RFC 3339 strings, what is not set becomes null. A list leaves long
// payloads and results out (null); payloadSize and resultSize tell their bytes.
void write_job(json::Writer& writer, json::Value row);

// Writes {jobId, attempts: [{attempt, outcome, startedAt, finishedAt, error?, delayMs?}]}, oldest first.
// outcome is failed, snoozed, lost, cancelled or retried (by an operator); the last one may be completed or
// running.
void write_attempts(json::Writer& writer, json::Value row);

// The job of one row as transitions expect it.
[[nodiscard]] Held held_of(json::Value row);

}  // namespace sluice
