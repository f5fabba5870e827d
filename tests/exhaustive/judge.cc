#include "tests/exhaustive/judge.h"

#include "core/limits.h"
#include "core/record.h"

namespace sluice::exhaustive {
namespace {

bool is_final(const std::string& status) {
  return status == "completed" || status == "failed" || status == "cancelled";
}

std::string place(const JobRow& row) { return row.status + '/' + std::to_string(row.fence); }

struct Case {
  const World& world;
  const State& state;
  const Flow& flow;
  int64_t now;
  const JobRow& before;
  const JobRow& after;

  [[noreturn]] void blame(const char* rule, const std::string& why) const {
    throw Violation(rule,
                    world.name(before.id) + " from " + place(before) + " to " + place(after) + ": " + why);
  }
};

// What a settle or a pulse claims to hold of the job: its fencing token, and the kind of its result.
struct Claimed {
  int64_t fence = -1;
  std::string kind;
};

Claimed claimed(const Case& c) {
  const Parsed control(c.flow.control);
  Claimed out;
  for (const json::Value run : control.root().find("runs")) {
    if (run.find("id").text() == c.before.id) out.fence = run.find("fence").integer();
  }
  if (c.flow.kind != Kind::settle) return out;
  const Parsed verdicts(c.flow.frames[0]);
  for (const json::Value result : verdicts.root()) {
    const json::Value token = result.find("token");
    if (token.at(0).text() != c.before.id) continue;
    out.fence = token.at(1).integer();
    out.kind = std::string(result.find("kind").text());
  }
  return out;
}

// How long, in true time, the lease that the row holds is not over.
int64_t lease_left(const Case& c) {
  if (c.before.lease_until == 0) return 0;
  return c.before.lease_until - World::skew_of_holder(c.state, c.before.holder) - c.now;
}

void judge_lease(const Case& c) {
  if (c.flow.kind != Kind::claim) c.blame("leased by no claim", "");
  if (c.before.status != "pending" && c.before.status != "delayed") {
    c.blame("lease of what was not waiting", "it was " + c.before.status);
  }
  if (c.after.fence != c.before.fence + 1) c.blame("fencing token", "it grows by one with each lease");
  if (const int64_t left = lease_left(c); left > 0) {
    c.blame("two leases at once", "the first is over in " + std::to_string(left) + " ms");
  }
  if (c.before.status == "delayed" && c.flow.now < c.before.run_at) {
    c.blame("before its time", std::to_string(c.before.run_at - c.flow.now) + " ms early");
  }
}

void judge_final(const Case& c) {
  const bool redriven =
      c.flow.kind == Kind::redrive && c.before.status != "completed" && c.after.status == "pending";
  if (redriven || (c.before.status == c.after.status && c.before.content == c.after.content)) return;
  c.blame("final state", "only an operator's retry changes it");
}

// A third loss counts if the handler had begun under that lease, and only then.
void judge_loss(const Case& c) {
  if (c.after.status == "failed" && !c.before.begun) c.blame("poison without having begun", "");
  const bool innocent = c.before.losses >= limits::kLossesAlone && !c.before.begun;
  if (c.after.losses != c.before.losses + (innocent ? 0 : 1)) {
    c.blame("loss not counted", std::to_string(c.before.losses) + " to " + std::to_string(c.after.losses));
  }
}

void judge_end(const Case& c) {
  if (c.flow.kind == Kind::settle || c.flow.kind == Kind::pulse) {
    if (const int64_t fence = claimed(c).fence; fence != c.before.fence) {
      c.blame("settled after a later lease", "by one that holds " + std::to_string(fence));
    }
  }
  if (c.flow.kind == Kind::sweep && c.after.status != "processing") {
    if (const int64_t left = lease_left(c); left > 0) {
      c.blame("lease taken early", "it is over in " + std::to_string(left) + " ms");
    }
    judge_loss(c);
  }
}

// The sweep and operators read in one batch and write in a later one, if nothing has changed.
void judge_decision(const Case& c, const Store& store) {
  if (c.flow.rows.empty()) return;
  const Parsed stage(store.rows_text(c.flow.rows[0]));
  for (const json::Value list : stage.root()) {
    for (const json::Value row : list) {
      if (row.at(record::id).text() != c.before.id || row.at(record::op).text() == c.before.op) continue;
      c.blame("stale decision", "it had changed since it was read");
    }
  }
}

// A job that waits for the first one no longer does: that one has come to the end that this one's policy asks
// for.
bool judge_waiting(const Case& c, const Content& after) {
  if (c.before.status != "blocked" || c.after.status == "blocked" || c.flow.kind == Kind::cancel)
    return false;
  const std::string& parent = after.jobs[0].status;
  const bool proceeds = c.world.setup.jobs[1].find("proceed") != std::string::npos;
  const bool good = c.after.status == "cancelled" ? parent == "failed" || parent == "cancelled"
                                                  : parent == "completed" || (proceeds && is_final(parent));
  if (!good || (proceeds && c.after.status == "cancelled")) c.blame("before its parents", "j1 is " + parent);
  return true;
}

void judge_move(const Case& c, const Store& store, const Content& after) {
  if (c.after.fence < c.before.fence) c.blame("fencing token fell", "");
  const bool leased =
      c.after.status == "processing" && (c.before.status != "processing" || c.before.fence != c.after.fence);
  if (leased) return judge_lease(c);
  if (c.after.fence != c.before.fence) c.blame("fencing token", "it changes with a lease only");
  if (is_final(c.before.status)) judge_final(c);
  if (c.before.status == "processing") judge_end(c);
  if (c.after.status == "completed" && c.before.status != "completed" && claimed(c).kind != "ok") {
    c.blame("completed without a return", "");
  }
  if (judge_waiting(c, after)) return;
  if (c.after.status == "cancelled" && c.before.status != "cancelled" && c.flow.kind != Kind::cancel) {
    c.blame("cancelled by no operator", "");
  }
  const bool decides =
      c.flow.kind == Kind::sweep || c.flow.kind == Kind::cancel || c.flow.kind == Kind::redrive;
  if (decides) judge_decision(c, store);
}

// A dead letter may be archived by a message of the same failure only.
void judge_burial(const World& world, const Flow& flow, const Letter& letter) {
  for (const std::string& frame : flow.frames) {
    const Parsed document(frame);
    const json::Value mark = document.root().find("metadata").find("sluice");
    if (document.root().find("id").text() == letter.id && mark.find("fence").integer(-1) == letter.fence)
      return;
  }
  throw Violation("buried by an old letter",
                  world.name(letter.id) + " under " + std::to_string(letter.fence));
}

bool moved(const JobRow& before, const JobRow& after) {
  return before.op != after.op || before.status != after.status || before.fence != after.fence ||
         before.content != after.content;
}

}  // namespace

void judge(const World& world, const State& state, const Flow& flow, const Commit& commit, int64_t now) {
  if (!commit.failure.empty()) throw Violation("refused by the database", commit.failure);
  const Content& before = world.store.content(state.content);
  if (commit.exact.jobs.size() != before.jobs.size()) throw Violation("acknowledged and gone", "");
  for (size_t n = 0; n < before.jobs.size(); ++n) {
    const Case c{world, state, flow, now, before.jobs[n], commit.exact.jobs[n]};
    if (moved(c.before, c.after)) judge_move(c, world.store, commit.exact);
  }
  for (const Letter& letter : commit.exact.letters) {
    if (!letter.buried) continue;
    bool was = false;
    for (const Letter& other : before.letters) was = was || (other.id == letter.id && other.buried);
    if (!was) judge_burial(world, flow, letter);
  }
  const Fault& fault = world.store.fault(commit.after);
  if (!fault.rule.empty()) throw Violation(fault.rule, fault.words);
}

std::string changes(const World& world, Id before, const Commit& commit) {
  std::string out;
  for (size_t n = 0; n < commit.exact.jobs.size(); ++n) {
    const JobRow& was = world.store.content(before).jobs[n];
    const JobRow& is = commit.exact.jobs[n];
    if (place(was) == place(is)) continue;
    out += (out.empty() ? "" : ", ") + world.name(was.id) + ' ' + place(was) + " -> " + place(is);
  }
  return out;
}

}  // namespace sluice::exhaustive
