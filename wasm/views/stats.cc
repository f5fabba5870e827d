#include "views/stats.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/job.h"
#include "core/limits.h"
#include "core/order.h"
#include "core/record.h"
#include "core/writer.h"
#include "views/counts.h"
#include "views/queues.h"

namespace sluice {
namespace {

// The sweep is late when it has missed two ticks of its cron.
constexpr int64_t kSweepLateMs = 180000;

// `part` of `whole` in hundredths of a percent as "80.00%"; "0.00%" of nothing.
std::string percent(int64_t part, int64_t whole) {
  const int64_t value = whole == 0 ? 0 : (part * 10000 + whole / 2) / whole;
  std::string out = std::to_string(value / 100) + ".";
  return out.append(value % 100 < 10 ? "0" : "").append(std::to_string(value % 100)).append("%");
}

// A decimal of thousandths, "1.25": numbers in answers need no floating point.
std::string decimal(int64_t thousandths) {
  std::string fraction = std::to_string(1000 + thousandths % 1000).substr(1);
  while (fraction.size() > 1 && fraction.back() == '0') fraction.pop_back();
  return std::to_string(thousandths / 1000) + "." + fraction;
}

std::string quotient(int64_t part, int64_t whole) {
  return whole == 0 ? "0" : decimal((part * 1000 + whole / 2) / whole);
}

void write_groups(json::Writer& writer, const std::vector<Counts>& groups, bool attempts) {
  writer.begin_object();
  for (const Counts& counts : groups) {
    writer.key(counts.name).begin_object();
    write_counts(writer, counts);
    if (attempts) writer.key("averageAttempts").raw(quotient(counts.attempts, counts.total()));
    writer.end_object();
  }
  writer.end_object();
}

struct Rates {
  int64_t done = 0, errors = 0, ms = 0;
};

Rates rates(json::Value counters, int64_t now) {
  Rates out;
  const int64_t oldest = now / limits::kRingBucketMs - limits::kRingBuckets;
  for (const json::Value row : counters) {
    for (const json::Value bucket : row.at(counter::kRing)) {
      if (bucket.at(0).integer() <= oldest) continue;
      out.done += count_of(bucket.at(1));
      out.errors += count_of(bucket.at(2));
      out.ms += count_of(bucket.at(3));
    }
  }
  return out;
}

std::string_view sweep_word(bool database_failed, int64_t swept_at, int64_t now) {
  if (database_failed) return "unknown";
  if (swept_at == 0) return "waiting";
  return sweep_is_running(swept_at, now) ? "ok" : "late";
}

int64_t letters(json::Value rows) {
  int64_t sum = 0;
  for (const json::Value row : rows) sum += count_of(row.at(1));
  return sum;
}

// Those of several databases are put in the order of query_breakers.sql.
bool opens_later(const void* context, uint32_t a, uint32_t b) {
  const auto& rows = *static_cast<const json::Value*>(context);
  const int64_t one = time_of(rows.at(a).at(2));
  const int64_t other = time_of(rows.at(b).at(2));
  return one != other ? one > other : rows.at(a).at(0).text() > rows.at(b).at(0).text();
}

// An open breaker lets nothing pass until a time; a half-open one one probe at a time.
void write_breakers(json::Writer& writer, json::Value rows, int64_t now) {
  writer.begin_array();
  int64_t shown = 0;
  for (const uint32_t n : sorted_indices(rows.size(), &rows, opens_later)) {
    if (shown++ == limits::kListLimitMax) break;
    const json::Value row = rows.at(n);
    const int64_t until = time_of(row.at(2));
    writer.begin_object().key("key").raw(row.at(0).raw());
    writer.key("state").string(until > now ? "open" : "half_open").key("fails").integer(count_of(row.at(1)));
    writer.key("openUntil").string(rfc3339(until)).end_object();
  }
  writer.end_array();
}

}  // namespace

std::string write_stats(json::Value counters) {
  const Counts all = sum_of(counters);
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("total").integer(all.total());
  write_counts(writer, all);
  writer.key("completionRate").string(percent(all.at(Status::completed), all.total()));
  writer.key("failureRate").string(percent(all.at(Status::failed), all.total()));
  writer.key("byType");
  write_groups(writer, group_by(counters, counter::kType), true);
  writer.key("byQueue");
  write_groups(writer, group_by(counters, counter::kQueue), false);
  writer.key("byStatus").begin_object();
  write_counts(writer, all);
  writer.end_object().key("pruned").integer(all.pruned).end_object();
  return out;
}

std::string write_queue_health(const Input& input) {
  const json::Value rows = input.rows[0];
  const json::Value counters = rows.at(0);
  const Counts all = sum_of(counters);
  const Rates recent = rates(counters, input.now);
  const int64_t oldest = oldest_waiting(rows.at(1), "", all.at(Status::pending));
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("pendingMessages").integer(all.waiting());
  writer.key("processingRate")
      .raw(quotient(recent.done, limits::kRingBuckets * limits::kRingBucketMs / 1000));
  writer.key("errorRate").raw(quotient(recent.errors, recent.errors + recent.done));
  writer.key("averageProcessingTime").raw(quotient(recent.ms, recent.done));
  writer.key("oldestPendingMs").integer(oldest == 0 ? 0 : std::max<int64_t>(input.now - oldest, 0));
  writer.key("deadLetters").integer(letters(rows.at(2))).key("breakers");
  write_breakers(writer, rows.at(3), input.now);
  writer.end_object();
  return out;
}

int64_t last_sweep(json::Value rows) {
  int64_t out = rows.size() == 0 ? 0 : time_of(rows.at(0).at(0));
  for (const json::Value row : rows) out = std::min(out, time_of(row.at(0)));
  return out;
}

bool sweep_is_running(int64_t swept_at, int64_t now) {
  return swept_at > 0 && now - swept_at <= kSweepLateMs;
}

Reply write_health(bool database_failed, std::string_view scraper, int64_t swept_at, int64_t now) {
  Reply out;
  out.status = database_failed ? 503 : 200;
  if (database_failed) out.retry_after_seconds = 5;
  json::Writer writer(out.body);
  writer.begin_object().key("status").string(database_failed ? "unhealthy" : "healthy");
  writer.key("checks").begin_object();
  writer.key("database").begin_object().key("status").string(database_failed ? "failing" : "ok").end_object();
  writer.key("sweep").begin_object();
  writer.key("status").string(sweep_word(database_failed, swept_at, now));
  writer.key("lastAt");
  if (swept_at == 0) {
    writer.null();
  } else {
    writer.string(rfc3339(swept_at));
  }
  writer.end_object();
  writer.key("scraper")
      .begin_object()
      .key("status")
      .string(scraper.empty() ? "unknown" : scraper)
      .end_object();
  writer.end_object().end_object();
  return out;
}

}  // namespace sluice
