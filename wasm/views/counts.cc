#include "views/counts.h"

#include <algorithm>

#include "core/record.h"

namespace sluice {
namespace {

// The counters' columns are in the order of the query, which is not Status's.
constexpr Status kOrder[counter::kStatuses] = {Status::pending,    Status::delayed,   Status::blocked,
                                               Status::processing, Status::completed, Status::failed,
                                               Status::cancelled};

}  // namespace

void Counts::add(json::Value row) {
  for (uint32_t i = 0; i < counter::kStatuses; ++i) {
    of[static_cast<size_t>(kOrder[i])] += count_of(row.at(counter::kFirstStatus + i));
  }
  pruned += count_of(row.at(counter::kPruned));
  attempts += count_of(row.at(counter::kAttempts));
}

int64_t Counts::total() const {
  int64_t sum = 0;
  for (const int64_t n : of) sum += n;
  return sum;
}

int64_t Counts::waiting() const { return at(Status::pending) + at(Status::delayed) + at(Status::blocked); }

Counts sum_of(json::Value counters) {
  Counts out;
  for (const json::Value row : counters) out.add(row);
  return out;
}

std::vector<Counts> group_by(json::Value counters, uint32_t name_column) {
  std::vector<Counts> out;
  for (const json::Value row : counters) {
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

void write_counts(json::Writer& writer, const Counts& counts) {
  for (uint32_t i = 0; i < counter::kStatuses; ++i) {
    writer.key(name(static_cast<Status>(i))).integer(counts.of[i]);
  }
}

}  // namespace sluice
