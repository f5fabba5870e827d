// A schedule's row: how it is asked for, how callers see it, and the request that its jobs are made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/step.h"
#include "core/writer.h"

namespace sluice {

// Columns of wasm/sql/_schedule_columns.sql, and the payload (a text) behind them. schedule_row.cc goes
// through those of texts and of times in this order; shim/flows/schedules.js reads the name, the pattern, the
// zone and next_at.
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

// Whether a schedule may be called so: 1 to kScheduleNameMax bytes, none of them 0.
[[nodiscard]] bool is_schedule_name(std::string_view name);

// Keeps for binding what schedule_list.sql is told: from which name on, how many rows, and how long a payload
// may be to be among them, in bytes. Returns its index.
uint32_t bind_schedules(std::string_view name, int64_t rows, int64_t bytes, Step& step);
// Adds the statement that gives the schedule's one row, or that of the next one by name.
void ask_schedule(std::string_view name, Step& step);

// Writes the schedule of one row. A payload that the statement left out is null; payloadSize tells its bytes.
void write_schedule(json::Writer& writer, json::Value row);

// The schedule in the one row that ask_schedule() gave, or 404.
[[nodiscard]] Reply present_schedule(std::string_view name, json::Value row);

}  // namespace sluice
