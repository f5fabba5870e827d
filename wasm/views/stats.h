// Statistics and health as callers see them, from the counters.
#pragma once

#include <string>

#include "core/json.h"
#include "core/step.h"

namespace sluice {

// GET /stats from the rows of query_counters.sql. Rates are shares of the jobs that are kept, "80.00%".
[[nodiscard]] std::string write_stats(json::Value counters);

// GET /queue/health from the rows of query_counters.sql, query_waiting.sql, query_letters.sql and
// query_breakers.sql, in this order: rates per second and fractions over the last five minutes, times in ms.
[[nodiscard]] std::string write_queue_health(const Input& input);

// GET /health: 200 {status: "healthy", checks}, or 503 "unhealthy" when D1 does not answer. The sweep's age
// is told but does not decide: a fresh deployment has not swept yet. Nor does `scraper`, the word for whether
// that worker answers (empty: not asked): jobs are accepted without it.
[[nodiscard]] Reply write_health(bool database_failed, std::string_view scraper, int64_t swept_at,
                                 int64_t now);

// When the sweep last ran, from the rows of query_ping.sql: on the shard where that is longest ago. 0: never.
[[nodiscard]] int64_t last_sweep(json::Value rows);

// Whether the sweep, which last ran at `swept_at` (0: never), ticked within 3 minutes.
[[nodiscard]] bool sweep_is_running(int64_t swept_at, int64_t now);

}  // namespace sluice
