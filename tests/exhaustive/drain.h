// What becomes of a state when no more faults occur: everything in flight vanishes, all leases and delays run
// out, the cron ticks, workers do what messages say and handlers return. Within kDrainRounds rounds every job
// must be final, every dead letter archived and every queue empty.
//
// Each state is drained with each part of its messages, the others being lost: so whatever is lost, and
// however often sending fails, is explored without a fault being spent on it.
#pragma once

#include <unordered_set>

#include "tests/exhaustive/model.h"

namespace sluice::exhaustive {

// A round is a tick of the cron and the delivery of all messages: the longest lease or delay passes between
// two. One to find what was lost and send it, one to run it, and one for what that sends.
inline constexpr unsigned kDrainRounds = 3;

class Drain {
 public:
  explicit Drain(World& world) : world_(world) {}

  // Drains a state with each part of its messages; throws a Violation.
  void check(const State& state);
  // Drained beginnings that differ.
  [[nodiscard]] size_t count() const { return begun_.size(); }

 private:
  struct At {
    Id content;
    Queue queue;
    int64_t now;
    std::string words;
  };

  void run(Id content, const Queue& queue);
  [[nodiscard]] bool quiet(const At& at) const;
  void conclude(const At& at) const;
  void round(At& at);
  void deliver(At& at, const Stored& message, Queue& later);
  void settle(At& at, const Outcome& claimed, Queue& later);
  const Outcome& flow(At& at, Kind kind, const std::string& control, const std::vector<std::string>& frames,
                      Queue& later);

  World& world_;
  std::unordered_set<uint64_t> seen_;   // content and all messages
  std::unordered_set<uint64_t> begun_;  // content and the messages that are left
};

}  // namespace sluice::exhaustive
