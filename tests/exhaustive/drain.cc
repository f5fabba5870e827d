#include "tests/exhaustive/drain.h"

#include "tests/exhaustive/judge.h"
#include "tests/exhaustive/steps.h"

namespace sluice::exhaustive {
namespace {

constexpr int64_t kLongAfterMs = 1000000;  // later than any lease, delay or resend of an explored history
constexpr int64_t kRoundMs = 80000;        // longer than a lease and the skew, and than a resend

uint64_t pair(Id a, Id b) { return uint64_t{a} << 32 | b; }

}  // namespace

void Drain::check(const State& state) {
  Queue all = world_.queue(state.queue);
  for (const unsigned slot : {kWorker1, kWorker2, kUndertaker}) {
    for (const Stored& message : returned(world_.local(state.actors[slot]))) all.push_back(message);
  }
  for (Stored& message : all) message.due = 0;
  if (!seen_.insert(pair(state.content, world_.keep(all))).second) return;
  for (unsigned kept = 0; kept < 1U << all.size(); ++kept) {
    Queue part;
    for (size_t n = 0; n < all.size(); ++n) {
      if ((kept >> n & 1) != 0) part.push_back(all[n]);
    }
    if (begun_.insert(pair(state.content, world_.keep(part))).second) run(state.content, part);
  }
}

void Drain::run(Id content, const Queue& queue) {
  At at{content, queue, kStart + world_.setup.clock.back() + kLongAfterMs,
        "drained from " + world_.describe(content)};
  try {
    for (unsigned n = 0; n < kDrainRounds && !quiet(at); ++n) {
      round(at);
      at.now += kRoundMs;
    }
    conclude(at);
  } catch (const Violation& violation) {
    throw Violation(violation.rule, at.words + "\n    " + violation.rule + ": " + violation.what());
  }
}

bool Drain::quiet(const At& at) const {
  bool out = at.queue.empty();
  const Content& content = world_.store.content(at.content);
  for (const JobRow& job : content.jobs) {
    const bool over = job.status == "completed" || job.status == "cancelled" || job.status == "failed";
    out = out && over && (job.status != "failed" || job.wake_at == 0);
  }
  for (const Letter& letter : content.letters) out = out && letter.buried;
  return out;
}

void Drain::conclude(const At& at) const {
  if (quiet(at)) return;
  for (const JobRow& job : world_.store.content(at.content).jobs) {
    if (job.status != "completed" && job.status != "cancelled" && job.status != "failed") {
      throw Violation("not final", world_.name(job.id) + ' ' + job.status);
    }
  }
  for (const Letter& letter : world_.store.content(at.content).letters) {
    if (!letter.buried) throw Violation("not buried", world_.name(letter.id));
  }
  throw Violation("queue", "it holds " + std::to_string(at.queue.size()));
}

// Everything that is in a queue is delivered; what is sent meanwhile is for the next round.
void Drain::round(At& at) {
  Queue later;
  for (const Stored& message : at.queue) deliver(at, message, later);
  flow(at, Kind::sweep, "{}", {}, later);
  at.queue = later;
}

void Drain::deliver(At& at, const Stored& message, Queue& later) {
  std::vector<Held> held(1);
  held[0].message = message;
  ++held[0].message.attempts;
  const std::string control = messages_control(message.dead_letter, "drain", held);
  const Kind kind = message.dead_letter ? Kind::bury : Kind::claim;
  const Outcome& outcome = flow(at, kind, control, {world_.text(message.body)}, later);
  if (!outcome.runs.empty()) settle(at, outcome, later);
}

void Drain::settle(At& at, const Outcome& claimed, Queue& later) {
  std::string list;
  std::string records;
  for (size_t n = 0; n < claimed.runs.size(); ++n) {
    const Parsed run(claimed.runs[n]);
    list += std::string(n > 0 ? "," : "") + R"({"index":)" + std::to_string(n) + R"(,"token":)" +
            std::string(run.root().find("token").raw()) + R"(,"kind":"ok","frame":0,"ms":1})";
    records += (n > 0 ? "\n" : "") + std::string(run.root().find("record").raw());
  }
  flow(at, Kind::settle, R"({"queue":"background-jobs"})", {"[" + list + "]", records, "{}"}, later);
}

// Runs a flow to its end.
const Outcome& Drain::flow(At& at, Kind kind, const std::string& control,
                           const std::vector<std::string>& frames, Queue& later) {
  State state;
  state.content = at.content;
  Id id = world_.flows.start(kind, world_.seed(state, kOutside), at.now, control, frames);
  while (world_.flows[id].batch != kNone) {
    const Commit& commit = world_.store.run(at.content, world_.flows[id].batch);
    state.content = at.content;
    const std::string moved = changes(world_, at.content, commit);
    if (!moved.empty()) at.words += "; " + moved;
    judge(world_, state, world_.flows[id], commit, at.now);
    at.content = commit.after;
    id = world_.flows.answered(id, commit.rows);
  }
  const Outcome& outcome = world_.flows[id].outcome;
  for (const Sent& sent : outcome.sends) later.push_back({sent.dead_letter, 0, world_.text(sent.body), 0});
  return outcome;
}

}  // namespace sluice::exhaustive
