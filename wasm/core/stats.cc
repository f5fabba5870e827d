#include "core/stats.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/job.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/writer.h"

namespace sluice {
namespace {

// Columns of query_counters.sql: queue, type, one per status in Status's order, pruned, attempts, ring.
constexpr uint32_t kFirstStatus = 2;
constexpr uint32_t kStatusCount = static_cast<uint32_t>(Status::kCount);
// The counters' columns are in the order of the query, which is not Status's.
constexpr Status kOrder[kStatusCount] = {Status::pending,    Status::delayed,   Status::blocked,
                                         Status::processing, Status::completed, Status::failed,
                                         Status::cancelled};
constexpr uint32_t kPruned = kFirstStatus + kStatusCount;
constexpr uint32_t kAttempts = kPruned + 1;
constexpr uint32_t kRing = kAttempts + 1;

struct Counts {
  std::string_view name;
  int64_t of[kStatusCount] = {};
  int64_t pruned = 0;
  int64_t attempts = 0;

  void add(json::Value row) {
    for (uint32_t i = 0; i < kStatusCount; ++i) {
      of[static_cast<size_t>(kOrder[i])] += count_of(row.at(kFirstStatus + i));
    }
    pruned += count_of(row.at(kPruned));
    attempts += count_of(row.at(kAttempts));
  }
  [[nodiscard]] int64_t total() const {
    int64_t sum = 0;
    for (const int64_t n : of) sum += n;
    return sum;
  }
  [[nodiscard]] int64_t at(Status status) const { return of[static_cast<size_t>(status)]; }
};

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

void write_counts(json::Writer& writer, const Counts& counts) {
  for (uint32_t i = 0; i < kStatusCount; ++i) {
    writer.key(name(static_cast<Status>(i))).integer(counts.of[i]);
  }
}

// Rows summed by one of their two names, in the order in which the names first appear.
std::vector<Counts> group(json::Value rows, uint32_t name_column) {
  std::vector<Counts> out;
  for (const json::Value row : rows) {
    const std::string_view name = row.at(name_column).text();
    auto it = std::find_if(out.begin(), out.end(), [&](const Counts& c) { return c.name == name; });
    if (it == out.end()) {
      out.emplace_back();
      it = out.end() - 1;
      it->name = name;
    }
    it->add(row);
  }
  return out;
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
    for (const json::Value bucket : row.at(kRing)) {
      if (bucket.at(0).integer() <= oldest) continue;
      out.done += count_of(bucket.at(1));
      out.errors += count_of(bucket.at(2));
      out.ms += count_of(bucket.at(3));
    }
  }
  return out;
}

int64_t oldest_ms(json::Value oldest, int64_t now) {
  int64_t at = now;
  for (const uint32_t column : {0u, 1u}) {
    if (oldest.at(column).is(json::Kind::number)) at = std::min(at, time_of(oldest.at(column)));
  }
  return now - at;
}

}  // namespace

std::string write_stats(json::Value counters) {
  Counts all;
  for (const json::Value row : counters) all.add(row);
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("total").integer(all.total());
  write_counts(writer, all);
  writer.key("completionRate").string(percent(all.at(Status::completed), all.total()));
  writer.key("failureRate").string(percent(all.at(Status::failed), all.total()));
  writer.key("byType");
  write_groups(writer, group(counters, 1), true);
  writer.key("byQueue");
  write_groups(writer, group(counters, 0), false);
  writer.key("byStatus").begin_object();
  write_counts(writer, all);
  writer.end_object().key("pruned").integer(all.pruned).end_object();
  return out;
}

std::string write_queue_health(json::Value counters, json::Value oldest, int64_t now) {
  Counts all;
  for (const json::Value row : counters) all.add(row);
  const Rates recent = rates(counters, now);
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  writer.key("pendingMessages")
      .integer(all.at(Status::pending) + all.at(Status::delayed) + all.at(Status::blocked));
  writer.key("processingRate")
      .raw(quotient(recent.done, limits::kRingBuckets * limits::kRingBucketMs / 1000));
  writer.key("errorRate").raw(quotient(recent.errors, recent.errors + recent.done));
  writer.key("averageProcessingTime").raw(quotient(recent.ms, recent.done));
  writer.key("oldestPendingMs").integer(oldest_ms(oldest, now));
  writer.key("deadLetters").integer(all.at(Status::failed) + count_of(oldest.at(3)));
  writer.key("breakers").begin_array().end_array().end_object();
  return out;
}

Reply write_health(bool database_failed, int64_t swept_at, int64_t now) {
  Reply out;
  out.status = database_failed ? 503 : 200;
  if (database_failed) out.retry_after_seconds = 5;
  json::Writer writer(out.body);
  writer.begin_object().key("status").string(database_failed ? "unhealthy" : "healthy");
  writer.key("checks").begin_object();
  writer.key("database").begin_object().key("status").string(database_failed ? "failing" : "ok").end_object();
  writer.key("sweep").begin_object();
  writer.key("status").string(swept_at == 0 ? "waiting" : now - swept_at > 180000 ? "late" : "ok");
  writer.key("lastAt");
  if (swept_at == 0) {
    writer.null();
  } else {
    writer.string(rfc3339(swept_at));
  }
  writer.end_object().end_object().end_object();
  return out;
}

}  // namespace sluice
