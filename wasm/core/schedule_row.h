// A schedule's row, and the request that its jobs are made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/writer.h"

namespace sluice {

// Columns of wasm/sql/_schedule_columns.sql, and the payload (a text) behind them. schedule.cc goes through
// those of texts and of times in this order; shim/flows/schedules.js reads the name, the pattern, the zone
// and next_at.
namespace schedule {
enum Column : uint32_t {
  name,
  cron,
  timezone,
  type,
  priority,
  next_at,
  last_at,
  created_at,
  updated_at,
  op,
  payload_size,
  payload
};
}  // namespace schedule

// The job of a schedule, as POST /jobs has it (each member JSON; one that is empty is left out).
[[nodiscard]] std::string tick_request(std::string_view name, std::string_view type, std::string_view payload,
                                       std::string_view priority);

}  // namespace sluice
