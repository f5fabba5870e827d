// What is explored: two workers, two jobs, the sweep, operators, the dead-letter consumer, two queues and a
// clock. A state is a row of numbers; everything they stand for is kept once, in a World.
#pragma once

#include <array>
#include <cstring>
#include <deque>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/exhaustive/flow.h"

namespace sluice::exhaustive {

// Who acts.
enum Slot : unsigned { kWorker1, kWorker2, kUndertaker, kSweep1, kSweep2, kOperator1, kOperator2, kSlots };
inline constexpr unsigned kOutside = 7;  // seeds of what is admitted, and of drains
static_assert(kOutside >= kSlots && kOutside < kActorsMax);

// What a handler comes to.
enum class Verdict : uint8_t { ok, error, fatal, snooze, unstarted, stopped };

struct Wish {
  Kind kind = Kind::cancel;
  unsigned job = 0;
};

// One configuration to explore.
struct Setup {
  // "$1" in the second stands for the first one's id.
  std::string jobs[2] = {R"({"type":"plain","payload":{}})", R"({"type":"plain","payload":{}})"};
  unsigned job_count = 2;
  bool packed = false;               // both jobs in one message
  unsigned copies = 1;               // of each message
  std::vector<int64_t> clock = {0};  // true time of each phase, ms
  unsigned workers = 2;
  unsigned deliveries = 2;      // to workers, in all
  unsigned burials = 0;         // deliveries of dead letters, in all
  unsigned pulses = 0;          // in all
  unsigned ticks[2] = {0, 0};   // of each of the two crons
  std::vector<Wish> wishes[2];  // of each of the two operators, one after the other
  std::vector<Verdict> verdicts = {Verdict::ok};
  unsigned faults = 0;  // in one history
  bool skews = false;   // that clocks differ is one of the faults
  bool plain = false;   // with nothing left out, of contents (store.h) or of steps (steps.h)
};

// A message in a queue.
struct Stored {
  bool dead_letter = false;
  uint8_t attempts = 0;
  Id body = kNone;
  int64_t due = 0;  // true time; 0: at once
};

// A message that a consumer was handed.
struct Held {
  Stored message;
  uint8_t open = 0;  // jobs whose mark is missing
  bool retry = false;
  int64_t delay_ms = 0;
};

struct Lease {
  // A job that runs alone waits for its turn, and begins when the record has been told.
  enum State : uint8_t { waiting, beginning, unbegun, running, settling };
  Id run = kNone;  // text of the run as claim gave it
  std::string id;
  int64_t fence = 0;
  int64_t until = 0;
  uint8_t message = 0;
  State state = running;
  bool aborted = false;
};

// Where an actor is. Idle, or before its first turn, all is as here.
struct Local {
  uint8_t turn = 0;   // ticks or wishes done
  uint8_t races = 0;  // that this wish has lost
  Id flow = kNone;    // claim, bury, sweep, cancel, redrive
  Id settle = kNone;
  Id pulse = kNone;
  std::vector<Held> held;
  std::vector<Lease> leases;

  [[nodiscard]] bool idle() const { return flow == kNone && held.empty(); }
};

struct State {
  Id content = kNone;
  Id queue = 0;
  Id ghosts = 0;  // batches that may still commit though their callers were told that they had failed
  std::array<Id, kSlots> actors{};
  uint8_t phase = 0;
  uint8_t faults = 0;  // spent
  uint8_t skew = 0;    // row of kSkews
  uint8_t deliveries = 0;
  uint8_t burials = 0;
  uint8_t pulses = 0;
  uint8_t reserved[2] = {0, 0};

  bool operator==(const State& other) const { return std::memcmp(this, &other, sizeof(State)) == 0; }
};
static_assert(sizeof(State) == 48, "states are compared and hashed as bytes");

// Distances of clocks from true time, ms: worker 1, worker 2, the sweep. Two differ by limits::kClockSkewMs
// at most. The first row is of clocks that are right.
inline constexpr int64_t kSkews[][3] = {
    {0, 0, 0}, {5000, -5000, 5000}, {-5000, 5000, 5000}, {5000, -5000, -5000}, {-5000, 5000, -5000}};

// What must not happen, and did.
struct Violation : std::runtime_error {
  Violation(std::string rule_, const std::string& words)
      : std::runtime_error(words), rule(std::move(rule_)) {}
  std::string rule;
};

using Queue = std::vector<Stored>;
using Ghosts = std::vector<Id>;  // flows

class World {
 public:
  World(const Setup& setup, Store::Cut cut = {});

  const Setup& setup;
  Store store;
  Flows flows;
  std::vector<std::string> jobs;  // ids
  State start;

  // Kept things and their numbers; 0 is always the empty one.
  Id keep(const Queue& queue);
  Id keep(const Ghosts& ghosts);
  Id keep(const Local& local);
  [[nodiscard]] const Queue& queue(Id id) const { return queues_[id]; }
  [[nodiscard]] const Ghosts& ghosts(Id id) const { return ghosts_[id]; }
  [[nodiscard]] const Local& local(Id id) const { return locals_[id]; }
  Id text(const std::string& text) { return texts_.add(text).first; }
  [[nodiscard]] const std::string& text(Id id) const { return texts_.text(id); }

  [[nodiscard]] int64_t time(const State& state) const;  // true time
  [[nodiscard]] static int64_t skew(const State& state, unsigned slot);
  [[nodiscard]] static int64_t skew_of_holder(const State& state, const std::string& holder);
  // The lowest seed of an actor that nothing refers to.
  unsigned seed(const State& state, unsigned slot);

  // "j1" for the first job's id.
  [[nodiscard]] std::string name(const std::string& id) const;
  // What a message is about.
  [[nodiscard]] std::string name(const Stored& message) const;
  // The jobs of a content: "j1 pending/0, j2 completed/1".
  [[nodiscard]] std::string describe(Id content) const;
  // What a content says of jobs and dead letters, whoever brought it about and whenever.
  [[nodiscard]] std::string gist(Id content) const;

 private:
  Nonces nonces(Id content);
  void admit(unsigned first, unsigned count);

  Interner texts_, queue_keys_, ghost_keys_, local_keys_;
  std::deque<Queue> queues_;
  std::deque<Ghosts> ghosts_;
  std::deque<Local> locals_;
  std::vector<Nonces> local_nonces_;
  std::vector<Nonces> ghost_nonces_;
  std::vector<Nonces> content_nonces_;
  std::vector<bool> content_known_;
};

// Text of the control that a consumer hands the core.
std::string messages_control(bool dead_letters, const std::string& worker, const std::vector<Held>& held);

inline constexpr int64_t kStart = 1'800'000'000'000;  // true time of the first phase
inline constexpr unsigned kMaxRetries = 3;            // of background-jobs and its dead-letter queue

}  // namespace sluice::exhaustive
