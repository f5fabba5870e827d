#include "core/record.h"

#include <algorithm>

#include "core/clock.h"
#include "core/guard.h"
#include "core/limits.h"

namespace sluice {
namespace {

constexpr int64_t kCountMax = 1'000'000'000'000;

}  // namespace

int64_t time_of(json::Value cell) { return std::clamp<int64_t>(cell.integer(), 0, kTimeMsMax); }

int64_t count_of(json::Value cell) { return std::clamp<int64_t>(cell.integer(), 0, kCountMax); }

Held held_of(json::Value row) {
  Held out;
  out.id = row.at(record::id).text();
  (void)parse_status(row.at(record::status).text(), out.status);
  out.fence = row.at(record::fence).integer();
  out.op = row.at(record::op).text();
  out.attempts = count_of(row.at(record::attempts));
  out.started_at = time_of(row.at(record::started_at));
  out.lease_until = time_of(row.at(record::lease_until));
  out.losses = count_of(row.at(record::losses));
  out.queue = row.at(record::queue).text();
  out.held_by = row.at(record::held_by).text();
  out.gates = row.at(record::gates);
  const std::string_view transport = row.at(record::transport).text();
  if (transport_index(transport) == kPolledTransport) out.line = transport;
  return out;
}

Wake wake_of(json::Value row) {
  Wake out{row.at(record::id).text(), row.at(record::type).text(), {}};
  out.priority = count_of(row.at(record::priority));
  out.scheduled_at = time_of(row.at(record::created_at));
  out.max_attempts = count_of(row.at(record::max_attempts));
  out.timeout_ms = count_of(row.at(record::timeout_ms));
  out.correlation_id = row.at(record::correlation_id).text();
  out.user_id = row.at(record::user_id).text();
  out.session_id = row.at(record::session_id).text();
  return out;
}

int64_t lease_over(const Held& job) { return job.lease_until > 0 ? job.lease_until + clock_skew_ms() : 0; }

}  // namespace sluice
