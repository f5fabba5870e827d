// Flows under way. A flow is a pure function of its input and the rows so far, so all that it is, is one
// number: the real core is asked once for each.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "core/config.h"
#include "tests/exhaustive/store.h"

namespace sluice::exhaustive {

// A JSON text that is known to be one, read.
class Parsed {
 public:
  explicit Parsed(const std::string& text);
  [[nodiscard]] json::Value root() const { return document_.root(); }

 private:
  json::Document document_;
};

enum class Kind : uint8_t { claim, settle, pulse, sweep, bury, cancel, redrive, admit };

// Nonces are drawn from few seeds, the lowest that nothing in a state refers to: a nonce is compared with
// others for equality only, so which one it is makes no difference, and histories that differ in nothing
// else meet in one state. Each actor has seeds of its own, or the order of two starts would show in them.
inline constexpr unsigned kSeedsPerActor = 8;
inline constexpr unsigned kActorsMax = 8;
using Nonces = uint64_t;  // a bit per seed

struct Sent {
  bool dead_letter = false;  // to the dead-letter queue
  std::string body;
  int64_t delay_ms = 0;
};

struct Outcome {
  std::vector<Sent> sends;
  std::vector<Mark> marks;
  std::vector<std::string> runs;    // claim
  std::vector<std::string> aborts;  // pulse
  std::string leases;               // pulse: the reply's body
  int status = 0;                   // operator
  std::string reply;                // admit
  bool more = false;
};

struct Flow {
  Kind kind = Kind::claim;
  unsigned seed = 0;
  int64_t now = 0;
  std::string control;
  std::vector<std::string> frames;
  std::vector<Id> rows;
  std::vector<std::string> carry;  // in place of the frames, from the first batch on

  // What the core answers: a batch to run, or where it is kNone, what follows.
  Id batch = kNone;
  Outcome outcome;
  Nonces nonces = 0;  // that its input holds, and its own
};

class Flows {
 public:
  Flows(const Config& config, Store& store);

  Id start(Kind kind, unsigned seed, int64_t now, const std::string& control,
           const std::vector<std::string>& frames = {});
  // The flow when its batch has been answered with `rows`.
  Id answered(Id flow, Id rows);
  // The flow when its batch has failed for the `tries`-th time: the same, or one with an outcome.
  Id failed(Id flow, int64_t tries);

  [[nodiscard]] const Flow& operator[](Id id) const { return *flows_[id]; }
  [[nodiscard]] size_t size() const { return flows_.size(); }
  // Which seeds' nonces a text holds.
  [[nodiscard]] Nonces nonces(const std::string& text) const;

 private:
  Id keep(Flow flow, int64_t tries);
  Step ask(const Flow& flow, int64_t tries) const;

  const Config& config_;
  Store& store_;
  std::vector<std::string> seeds_;  // their nonces
  std::vector<std::unique_ptr<Flow>> flows_;
  Interner keys_;
  std::unordered_map<uint64_t, Id> answered_;
  std::unordered_map<uint64_t, Id> failed_;
};

}  // namespace sluice::exhaustive
