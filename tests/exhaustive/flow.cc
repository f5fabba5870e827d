#include "tests/exhaustive/flow.h"

#include <memory>
#include <stdexcept>

#include "core/admin.h"
#include "core/admit.h"
#include "core/bury.h"
#include "core/claim.h"
#include "core/id.h"
#include "core/pulse.h"
#include "core/settle.h"
#include "core/sweep.h"
#include "tests/core/runs.h"

namespace sluice::exhaustive {
namespace {

constexpr uint64_t kSeedHigh = 7;
constexpr std::string_view kLost = "D1_ERROR: Network connection lost.";

Step call(Kind kind, const Input& input) {
  switch (kind) {
    case Kind::claim:
      return claim(input);
    case Kind::settle:
      return settle(input);
    case Kind::pulse:
      return pulse(input);
    case Kind::sweep:
      return sweep(input);
    case Kind::bury:
      return bury(input);
    case Kind::cancel:
      return cancel_job(input);
    case Kind::redrive:
      return retry_job(input);
    case Kind::admit:
      return admit_batch(input);
  }
  throw std::logic_error("no such flow");
}

Outcome read_outcome(Step step) {
  if (step.bisect) throw std::runtime_error("A flow asks for its halves; this model has no such failure.");
  Outcome out;
  for (Send& send : step.sends) {
    out.sends.push_back({send.binding.find("DLQ") != std::string_view::npos, std::move(send.body),
                         send.delay_seconds * 1000});
  }
  out.marks = std::move(step.marks);
  out.runs = test::whole_runs(step);
  out.aborts = std::move(step.aborts);
  out.leases = out.reply = std::move(step.reply.body);
  out.status = step.reply.status;
  out.more = step.more;
  return out;
}

}  // namespace

Parsed::Parsed(const std::string& text) {
  if (document_.parse(text)) throw std::runtime_error("no JSON: " + text);
}

Flows::Flows(const Config& config, Store& store) : config_(config), store_(store) {
  for (unsigned n = 0; n < kSeedsPerActor * kActorsMax; ++n) {
    Entropy entropy(kSeedHigh, n);
    seeds_.push_back(make_nonce(entropy));
  }
}

Nonces Flows::nonces(const std::string& text) const {
  Nonces out = 0;
  for (size_t n = 0; n < seeds_.size(); ++n) {
    if (text.find(seeds_[n]) != std::string::npos) out |= Nonces{1} << n;
  }
  return out;
}

Step Flows::ask(const Flow& flow, int64_t tries) const {
  const Parsed control(flow.control);
  std::vector<std::unique_ptr<Parsed>> rows;
  Input input{config_, control.root(), flow.now, Entropy(kSeedHigh, flow.seed)};
  input.failed = tries > 0;
  input.failure = kLost;
  input.tries = tries;
  input.carried = tries == 0 && !flow.carry.empty();
  for (const std::string& frame : input.carried ? flow.carry : flow.frames) input.frames.emplace_back(frame);
  for (const Id stage : flow.rows) {
    rows.push_back(std::make_unique<Parsed>(store_.rows_text(stage)));
    input.rows.push_back(rows.back()->root());
  }
  return call(flow.kind, input);
}

Id Flows::keep(Flow flow, int64_t tries) {
  std::string key = std::to_string(static_cast<int>(flow.kind)) + ' ' + std::to_string(flow.seed) + ' ' +
                    std::to_string(flow.now) + ' ' + std::to_string(tries) + ' ' + flow.control;
  for (const std::string& frame : flow.frames) key += '\x1f' + frame;
  for (const Id rows : flow.rows) key += '\x1e' + std::to_string(rows);
  for (const std::string& text : flow.carry) key += '\x1d' + text;
  const auto [id, fresh] = keys_.add(key);
  if (!fresh) return id;
  Step step = ask(flow, tries);
  flow.nonces = Nonces{1} << flow.seed | nonces(flow.control);
  for (const Id rows : flow.rows) flow.nonces |= nonces(store_.rows_text(rows));
  if (step.plan.empty()) {
    flow.outcome = read_outcome(std::move(step));
  } else {
    flow.batch = store_.batch(step);
    flow.carry = std::move(step.carry);
  }
  flows_.push_back(std::make_unique<Flow>(std::move(flow)));
  return id;
}

Id Flows::start(Kind kind, unsigned seed, int64_t now, const std::string& control,
                const std::vector<std::string>& frames) {
  Flow flow;
  flow.kind = kind;
  flow.seed = seed;
  flow.now = now;
  flow.control = control;
  flow.frames = frames;
  return keep(std::move(flow), 0);
}

Id Flows::answered(Id flow, Id rows) {
  const auto [it, fresh] = answered_.try_emplace(uint64_t{flow} << 32 | rows, kNone);
  if (!fresh) return it->second;
  Flow next = *flows_[flow];
  next.rows.push_back(rows);
  next.batch = kNone;
  const Id out = keep(std::move(next), 0);
  answered_[uint64_t{flow} << 32 | rows] = out;
  return out;
}

Id Flows::failed(Id flow, int64_t tries) {
  const uint64_t key = uint64_t{flow} << 32 | static_cast<uint32_t>(tries);
  const auto [it, fresh] = failed_.try_emplace(key, kNone);
  if (!fresh) return it->second;
  Id out = flow;
  if (ask(*flows_[flow], tries).again_ms < 0) {
    Flow next = *flows_[flow];
    next.batch = kNone;
    out = keep(std::move(next), tries);
  }
  failed_[key] = out;
  return out;
}

}  // namespace sluice::exhaustive
