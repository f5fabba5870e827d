// A job's row as the statements that read whole jobs select it.
#pragma once

#include <cstdint>

#include "core/json.h"
#include "core/message.h"
#include "core/move.h"

namespace sluice {

// The columns with which each of those rows begins (wasm/sql/_record_columns.sql), in their order.
namespace record {
enum Column : uint32_t {
  id,
  type,
  transport,
  priority,
  timeout_ms,
  max_attempts,
  created_at,
  correlation_id,
  user_id,
  session_id,
  status,
  fence,
  op,
  attempts,
  run_at,
  started_at,
  lease_until,
  losses,
  queue,
  held_by,
  gates,
  kCount
};
}  // namespace record

// A time in ms or a count out of a row, 0 where there is none. Sums are made of them, so that what no row of
// ours holds (a negative one, one beyond the year 9999 or a million million) is cut to the nearest that one
// may.
[[nodiscard]] int64_t time_of(json::Value cell);
[[nodiscard]] int64_t count_of(json::Value cell);

// The job as transitions expect it.
[[nodiscard]] Held held_of(json::Value row);

// A wake-up for it; it refers to the record for the payload.
[[nodiscard]] Wake wake_of(json::Value row);

// When nothing has a lease on it any more, clock skew included; 0 where nothing has.
[[nodiscard]] int64_t lease_over(const Held& job);

}  // namespace sluice
