#include "tests/exhaustive/explorer.h"

#include <algorithm>
#include <cstdio>
#include <unordered_set>

#include "tests/exhaustive/drain.h"
#include "tests/exhaustive/steps.h"

namespace sluice::exhaustive {
namespace {

// States and a value for each: open addressing, as there are millions.
template <typename Value>
class Table {
 public:
  Table() : entries_(size_t{1} << 16) {}

  // The value of a state, and whether it was added now.
  std::pair<Value*, bool> add(const State& state) {
    if ((count_ + 1) * 3 > entries_.size() * 2) grow();
    Entry& entry = find(entries_, state);
    const bool fresh = entry.state.content == kNone;
    if (fresh) {
      entry.state = state;
      ++count_;
    }
    return {&entry.value, fresh};
  }
  [[nodiscard]] size_t size() const { return count_; }

 private:
  struct Entry {
    State state;
    Value value{};
  };

  static size_t hash(const State& state) {
    uint64_t words[sizeof(State) / 8];
    std::memcpy(words, &state, sizeof(State));
    uint64_t out = 0x9e3779b97f4a7c15ULL;
    for (const uint64_t word : words) {
      out = (out ^ word) * 0xff51afd7ed558ccdULL;
      out ^= out >> 32;
    }
    return out;
  }
  static Entry& find(std::vector<Entry>& entries, const State& state) {
    size_t n = hash(state) & (entries.size() - 1);
    while (entries[n].state.content != kNone && !(entries[n].state == state))
      n = (n + 1) & (entries.size() - 1);
    return entries[n];
  }
  void grow() {
    std::vector<Entry> next(entries_.size() * 2);
    for (const Entry& entry : entries_) {
      if (entry.state.content != kNone) find(next, entry.state) = entry;
    }
    entries_.swap(next);
  }

  std::vector<Entry> entries_;
  size_t count_ = 0;
};

// A state on the way down.
struct Frame {
  State state;
  std::vector<State> rest;  // successors that are still to be visited
  double histories = 0;
  bool ends = false;
};

// Ways to the end are counted on the way back up: the graph has no cycles, since every step spends
// something that does not come back (a step of a flow, a delivery, a tick, a phase, a fault).
class DepthFirst {
 public:
  DepthFirst(World& world, Report& report) : world_(world), drain_(world), report_(report) {}

  void run() {
    enter(world_.start);
    while (!path_.empty()) {
      Frame& top = path_.back();
      if (top.rest.empty()) {
        leave();
        continue;
      }
      const State next = top.rest.back();
      top.rest.pop_back();
      const auto [value, fresh] = seen_.add(next);
      if (fresh) {
        enter(next);
      } else {
        if (*value < 0) throw std::logic_error("A history comes back to a state.");
        top.histories += *value;
      }
    }
    report_.states = seen_.size();
    report_.drains = drain_.count();
  }

 private:
  void enter(const State& state) {
    *seen_.add(state).first = -1;
    if (contents_.insert(state.content).second) report_.gists.insert(world_.gist(state.content));
    drain_.check(state);
    Frame frame{state, {}, 0, false};
    for (Next& next : steps(world_, state, false)) frame.rest.push_back(next.state);
    report_.transitions += frame.rest.size();
    frame.ends = frame.rest.empty();
    path_.push_back(std::move(frame));
  }

  void leave() {
    const Frame done = std::move(path_.back());
    path_.pop_back();
    const double histories = done.ends ? 1 : done.histories;
    *seen_.add(done.state).first = histories;
    if (path_.empty()) {
      report_.histories = histories;
    } else {
      path_.back().histories += histories;
    }
  }

  World& world_;
  Drain drain_;
  Report& report_;
  Table<double> seen_;
  std::unordered_set<Id> contents_;
  std::vector<Frame> path_;
};

class BreadthFirst {
 public:
  BreadthFirst(World& world, Report& report) : world_(world), drain_(world), report_(report) {}

  void run(size_t states_max) {
    reach(world_.start, 0);
    for (size_t n = 0; n < order_.size() && (states_max == 0 || n < states_max); ++n) {
      const State state = order_[n].first;
      try {
        drain_.check(state);
        for (const Next& next : steps(world_, state, false)) {
          ++report_.transitions;
          reach(next.state, n);
        }
      } catch (const Violation& violation) {
        report_.rule = violation.rule;
        tell(n);
        break;
      }
    }
    report_.states = seen_.size();
    report_.drains = drain_.count();
  }

 private:
  void reach(const State& state, size_t from) {
    if (seen_.add(state).second) order_.emplace_back(state, from);
  }

  // The steps that lead to the n-th state, and what happens there.
  void tell(size_t n) {
    std::vector<size_t> path;
    for (size_t at = n; at != 0; at = order_[at].second) path.push_back(at);
    std::reverse(path.begin(), path.end());
    State state = world_.start;
    report_.history = "    " + world_.describe(state.content) + '\n';
    for (const size_t at : path) {
      for (const Next& next : steps(world_, state, true)) {
        if (!(next.state == order_[at].first)) continue;
        report_.history += "    " + next.words + '\n';
        break;
      }
      state = order_[at].first;
    }
    try {
      Drain(world_).check(state);
      steps(world_, state, true);
    } catch (const Violation& violation) {
      report_.history += "    " + std::string(violation.what()) + '\n';
    }
  }

  World& world_;
  Drain drain_;
  Report& report_;
  Table<char> seen_;
  std::vector<std::pair<State, size_t>> order_;
};

void count(const World& world, Report& report) {
  report.contents = world.store.contents();
  report.batches = world.store.commits();
}

}  // namespace

std::string Report::line() const {
  char out[200];
  std::snprintf(out, sizeof(out),
                "%zu states, %zu transitions, %.3g complete histories, %zu drains, %zu contents, %zu batches",
                states, transitions, histories, drains, contents, batches);
  return out;
}

Report explore(const Setup& setup, const Store::Cut& cut) {
  Report report;
  World world(setup, cut);
  try {
    DepthFirst(world, report).run();
  } catch (const Violation&) {
    return find_violation(setup, cut);
  }
  count(world, report);
  return report;
}

Report find_violation(const Setup& setup, const Store::Cut& cut, size_t states_max) {
  Report report;
  World world(setup, cut);
  BreadthFirst(world, report).run(states_max);
  count(world, report);
  return report;
}

}  // namespace sluice::exhaustive
