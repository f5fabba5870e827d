// The plan protocol. A flow is a pure function of its input: handed the input alone it answers with
// statements; handed the input and the rows that these gave, it answers with what follows (or with the
// next statements). It is called again with everything it was given before, so the core keeps no state
// between calls.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config.h"
#include "core/entropy.h"
#include "core/json.h"
#include "core/limits.h"
#include "sql_ids.h"

namespace sluice {

// What the caller hands in. All views live as long as the call.
struct Input {
  const Config& config;
  json::Value control;  // the flow's own small object
  int64_t now = 0;      // ms since the epoch
  Entropy entropy;      // the same seed on every call of one step
  // Bodies: a request, messages, results; or what the step carries.
  std::vector<std::string_view> frames = {};
  std::vector<json::Value> rows = {};  // one per stage already run: per statement, an array of its rows
  bool failed = false;                 // the last stage's batch failed …
  std::string_view failure = {};       // … with this error text
  int64_t tries = 0;                   // … after so many tries
  int64_t elapsed_ms = 0;              // … which took so long; `now` is when the step began
  bool carried = false;                // whether `frames` are what the step carries (Step::carry)

  // The shard that the caller was told to run this part of a flow for (Step::split); -1: none.
  [[nodiscard]] int64_t shard() const { return control.find("shard").integer(-1); }

  // Row `n` of statement `statement` in stage `stage`, or absent. Each row is what the statement selected
  // as its one column `r`, already JSON.
  [[nodiscard]] json::Value row(size_t stage, size_t statement, uint32_t n = 0) const {
    return stage < rows.size() ? rows[stage].at(static_cast<uint32_t>(statement)).at(n) : json::Value();
  }
};

// One statement of a plan: its text and the texts bound to ?1, ?2 … (indices into Step::texts).
struct Statement {
  Sql sql;
  std::vector<uint32_t> params;
  bool for_host = false;  // its rows are for the caller (payloads for handlers); the core does not see them
};

// A message to be sent. `binding` names the queue's producer binding.
struct Send {
  std::string_view binding;
  std::string body;  // JSON
  int64_t delay_seconds = 0;
};

// What becomes of a delivered message.
struct Mark {
  int64_t message = 0;  // index in the batch
  bool retry = false;   // else acknowledged
  int64_t delay_seconds = 0;
};

// An answer to a caller.
struct Reply {
  int status = 0;  // HTTP status; 0: none
  int64_t retry_after_seconds = 0;
  std::string body;  // JSON
};

// What of a flow's input concerns one shard. `items` are places in the caller's list, ascending; none where
// the flow has no list.
struct Part {
  unsigned shard = 0;
  std::vector<uint32_t> items;
};

struct Step {
  std::vector<std::string> texts;
  std::vector<Statement> plan;     // not empty: run it as one batch and call again with its rows …
  std::vector<std::string> carry;  // … and, where this is not empty, with it in place of the bodies: what the
                                   // flow needs of them then. A failed batch is told with the bodies.
  // Where the rows of the plan read exactly so, as they are handed in, what follows is `expected` (one step,
  // without a plan), and the flow need not be called again: it would answer with the same.
  std::string expect;
  std::unique_ptr<Step> expected;
  unsigned shard = 0;  // the plan's database
  // Not empty: the plan is for each of these databases; a statement's rows are those of all, in this order.
  std::vector<unsigned> shards;
  // Not empty: nothing is decided yet, since several shards are concerned. Run the flow anew for each part,
  // by itself, with control {shard, items} of it: what fails on one shard is nothing to another.
  std::vector<Part> split;

  std::vector<Send> sends;
  std::vector<Mark> marks;
  std::vector<std::string> runs;    // JSON objects: jobs to run (claim) …
  std::vector<std::string> tokens;  // … and of each what settle is to be handed back, JSON: of a job that is
  std::vector<std::string> records;  // completed it reads the token alone
  std::vector<std::string> aborts;   // JSON objects {id, reason}: running jobs to stop (pulse)
  std::vector<std::string> alerts;   // JSON objects: dead jobs to tell people about
  int64_t alerts_cut = 0;            // others of which the alert only tells that they are
  std::vector<std::string> logs;     // JSON objects: lines for the log
  Reply reply;
  int64_t again_ms = -1;  // ≥ 0: run the same statements again after this time
  bool bisect = false;    // run each half of the input by itself: one bad value spoils it
  bool more = false;      // there is more of the same to do: start the flow anew

  // Keeps `text` for binding and returns its index.
  uint32_t text(std::string text);
  void add(Sql sql, std::initializer_list<uint32_t> params, bool for_host = false);
};

// Keeps [[id]], as statements are told of one job or dead letter, for binding and returns its index.
uint32_t bind_id(std::string_view id, Step& step);

// Whether `failure` is one of D1's passing errors (its documentation, "Debug D1", lists them), so that the
// same statements may be run again.
[[nodiscard]] bool is_transient(std::string_view failure);

// For a failed batch: sets again_ms and returns true while the step should be tried again: tries_max times in
// all, after pauses that double up to kStoreRetryMsMax.
[[nodiscard]] bool try_again(const Input& input, Step& step, int64_t tries_max = limits::kStoreTriesMax);

// The same, however many tries it takes, as long as the next one begins before `deadline` (ms since the
// epoch).
[[nodiscard]] bool try_until(const Input& input, Step& step, int64_t deadline);

}  // namespace sluice
