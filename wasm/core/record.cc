#include "core/record.h"

#include "core/guard.h"
#include "core/limits.h"

namespace sluice {

Held held_of(json::Value row) {
  Held out;
  out.id = row.at(record::id).text();
  (void)parse_status(row.at(record::status).text(), out.status);
  out.fence = row.at(record::fence).integer();
  out.op = row.at(record::op).text();
  out.attempts = row.at(record::attempts).integer();
  out.started_at = row.at(record::started_at).integer();
  out.lease_until = row.at(record::lease_until).integer();
  out.losses = row.at(record::losses).integer();
  return out;
}

Wake wake_of(json::Value row) {
  Wake out{row.at(record::id).text(), row.at(record::type).text(), {}};
  out.priority = row.at(record::priority).integer();
  out.scheduled_at = row.at(record::created_at).integer();
  out.max_attempts = row.at(record::max_attempts).integer();
  out.timeout_ms = row.at(record::timeout_ms).integer();
  out.correlation_id = row.at(record::correlation_id).text();
  out.user_id = row.at(record::user_id).text();
  out.session_id = row.at(record::session_id).text();
  return out;
}

int64_t lease_over(const Held& job) { return job.lease_until > 0 ? job.lease_until + clock_skew_ms() : 0; }

}  // namespace sluice
