// Counts of jobs by state, from the rows of query_counters.sql.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/job.h"
#include "core/json.h"
#include "core/writer.h"

namespace sluice {

// Columns of query_counters.sql: queue, type, one per status, pruned, attempts, ring.
namespace counter {
inline constexpr uint32_t kStatuses = static_cast<uint32_t>(Status::kCount);
inline constexpr uint32_t kQueue = 0;
inline constexpr uint32_t kType = 1;
inline constexpr uint32_t kFirstStatus = 2;
inline constexpr uint32_t kPruned = kFirstStatus + kStatuses;
inline constexpr uint32_t kAttempts = kPruned + 1;
inline constexpr uint32_t kRing = kAttempts + 1;
}  // namespace counter

struct Counts {
  std::string_view name;
  int64_t of[counter::kStatuses] = {};
  int64_t pruned = 0;
  int64_t attempts = 0;

  void add(json::Value row);
  // Jobs that are kept.
  [[nodiscard]] int64_t total() const;
  [[nodiscard]] int64_t at(Status status) const { return of[static_cast<size_t>(status)]; }
  // Jobs that have not been started yet: pending, delayed and blocked.
  [[nodiscard]] int64_t waiting() const;
};

[[nodiscard]] Counts sum_of(json::Value counters);
// Rows summed by one of their two names, in the order in which the names first appear.
[[nodiscard]] std::vector<Counts> group_by(json::Value counters, uint32_t name_column);
// Writes one member per status.
void write_counts(json::Writer& writer, const Counts& counts);

}  // namespace sluice
