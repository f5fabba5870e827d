#include "tests/exhaustive/steps.h"

#include <algorithm>
#include <utility>

#include "core/writer.h"
#include "tests/exhaustive/judge.h"

namespace sluice::exhaustive {
namespace {

constexpr unsigned kRacesMax = 5;      // shim/flows/admin.js
constexpr int64_t kTriesSpent = 1000;  // more than any flow makes
constexpr const char* kNames[] = {"worker 1", "worker 2",   "undertaker", "sweep 1",
                                  "sweep 2",  "operator 1", "operator 2"};
constexpr const char* kFirst[] = {"claims", "claims", "buries", "looks", "looks", "looks", "looks"};
// The time of flows that only note it for people: settles of what returned or stopped, burials of dead
// letters, cancellations. All that they write of it is left out of a content.
constexpr int64_t kNoMatter = kStart - 1;
constexpr const char* kVerdicts[] = {
    R"("kind":"ok","frame":0,"ms":1)",
    R"("kind":"error","code":"e","message":"m")",
    R"("kind":"error","code":"e","message":"m","retryable":false)",
    R"("kind":"snooze","code":"s","message":"m","delayMs":1000)",
    R"("kind":"unstarted")",
    R"("kind":"stopped")",
};
constexpr const char* kVerdictNames[] = {"returns", "throws",         "throws for good",
                                         "snoozes", "is not started", "has stopped"};

using Place = Id Local::*;
using Ends = std::vector<std::pair<size_t, Verdict>>;  // which leases' handlers end, and how

// A flow that has been started and has not reached the database yet.
struct Begun {
  State state;
  unsigned slot;
  Place place;
  const char* what;  // its first batch in words
  std::string words;
};

class Steps {
 public:
  Steps(World& world, const State& state, bool wordy, std::string before = "")
      : world_(world), state_(state), wordy_(wordy), before_(std::move(before)) {}

  std::vector<Next> all() {
    if (state_.phase + 1U < world_.setup.clock.size()) time_passes(state_, {}, 0);
    clocks_differ();
    ghosts_commit();
    for (unsigned slot = 0; slot < kSlots; ++slot) {
      go_on(slot);
      starts(slot);
    }
    for (Begun& begun : std::exchange(begun_, {})) {
      if (world_.setup.plain) {
        out_.push_back({begun.state, std::move(begun.words)});
        continue;
      }
      Steps first(world_, begun.state, wordy_, begun.words + "; ");
      first.first_batch(begun, out_);
    }
    return std::move(out_);
  }

 private:
  // Words of the step that is being taken; kept for a violation as well.
  void say(const std::string& words) { words_ = before_ + words; }
  void push(State next) { out_.push_back({next, wordy_ ? words_ : std::string()}); }
  [[nodiscard]] int64_t clock(unsigned slot) const { return world_.time(state_) + World::skew(state_, slot); }
  // The time of a flow that may only note it.
  [[nodiscard]] int64_t noted(unsigned slot, bool only) const {
    return only && !world_.setup.plain ? kNoMatter : clock(slot);
  }
  [[nodiscard]] bool may_fail() const { return state_.faults < world_.setup.faults; }
  const Local& local(unsigned slot) const { return world_.local(state_.actors[slot]); }

  // The clock moves on, and any flows have started just before it does.
  void time_passes(const State& state, const std::string& words, unsigned from) {
    State next = state;
    ++next.phase;
    const int64_t now = world_.time(next);
    Queue queue = world_.queue(state.queue);
    for (Stored& message : queue) {
      if (message.due <= now) message.due = 0;
    }
    next.queue = world_.keep(queue);
    say(words + "time passes: " + std::to_string(now - kStart) + " ms");
    push(next);
    if (world_.setup.plain) return;
    for (unsigned slot = 0; slot < kSlots; ++slot) {
      Steps early(world_, state, wordy_);
      early.starts(slot);
      for (const Begun& begun : early.begun_) {
        const unsigned order = slot * 2 + (begun.place == &Local::pulse ? 1 : 0);
        if (order < from || timeless(begun)) continue;
        time_passes(begun.state, words + begun.words + "; ", order + 1);
      }
    }
  }

  // Whether the time at which the flow started makes no difference: it only notes it for people.
  bool timeless(const Begun& begun) const {
    return world_.flows[world_.local(begun.state.actors[begun.slot]).*begun.place].now == kNoMatter;
  }

  // The first batch of a flow that starts now.
  void first_batch(const Begun& begun, std::vector<Next>& out) {
    d1(begun.slot, begun.place, begun.what);
    if (begun.slot <= kUndertaker) vanish(begun.slot);
    for (Next& next : out_) out.push_back(std::move(next));
  }

  // What an actor can do with what it has started.
  void go_on(unsigned slot) {
    const Local local = this->local(slot);
    const bool first = local.flow != kNone && world_.flows[local.flow].rows.empty();
    if (local.flow != kNone) d1(slot, &Local::flow, first ? kFirst[slot] : "moves");
    if (local.settle != kNone) d1(slot, &Local::settle, "settles");
    if (local.pulse != kNone) d1(slot, &Local::pulse, "renews");
    if (slot <= kUndertaker && !local.idle()) vanish(slot);
  }

  // What an actor can start.
  void starts(unsigned slot) {
    if (slot < world_.setup.workers || slot == kUndertaker) consume(slot);
    if (slot == kSweep1 || slot == kSweep2) sweep(slot);
    if (slot == kOperator1 || slot == kOperator2) operate(slot);
  }

  void begin(const State& next, unsigned slot, Place place, const char* what) {
    begun_.push_back({next, slot, place, what, words_});
  }

  void clocks_differ() {
    if (!world_.setup.skews || !may_fail() || !(state_ == world_.start)) return;
    for (uint8_t row = 1; row < sizeof(kSkews) / sizeof(kSkews[0]); ++row) {
      State next = state_;
      next.skew = row;
      ++next.faults;
      say("clocks differ: worker 1 " + std::to_string(kSkews[row][0]) + ", worker 2 " +
          std::to_string(kSkews[row][1]) + ", sweep " + std::to_string(kSkews[row][2]) + " ms");
      push(next);
    }
  }

  // Commits a flow's batch into `next` and judges it.
  const Commit& commit(const Flow& flow, State& next) {
    const Commit& done = world_.store.run(state_.content, flow.batch);
    if (wordy_) {
      const std::string moved = changes(world_, state_.content, done);
      if (!moved.empty()) words_ += ": " + moved;
    }
    try {
      judge(world_, state_, flow, done, world_.time(state_));
    } catch (const Violation& violation) {
      throw Violation(violation.rule, words_ + "\n    " + violation.rule + ": " + violation.what());
    }
    next.content = done.after;
    return done;
  }

  void ghosts_commit() {
    const Ghosts ghosts = world_.ghosts(state_.ghosts);
    for (size_t n = 0; n < ghosts.size(); ++n) {
      if (n > 0 && ghosts[n] == ghosts[n - 1]) continue;
      const Flow& flow = world_.flows[ghosts[n]];
      State next = state_;
      Ghosts rest = ghosts;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(n));
      next.ghosts = world_.keep(rest);
      say(std::string(kNames[flow.seed / kSeedsPerActor]) + "'s unanswered batch commits");
      commit(flow, next);
      push(next);
    }
  }

  Id haunt(const std::vector<Id>& flows) {
    Ghosts ghosts = world_.ghosts(state_.ghosts);
    for (const Id flow : flows) {
      if (!world_.store.reads_only(world_.flows[flow].batch)) ghosts.push_back(flow);
    }
    return world_.keep(ghosts);
  }

  // One batch of the flow at `place`: it commits and answers, or its answer is lost.
  void d1(unsigned slot, Place place, const char* what) {
    const Id id = local(slot).*place;
    const Flow& flow = world_.flows[id];
    {
      State next = state_;
      say(std::string(kNames[slot]) + ' ' + what);
      const Commit& done = commit(flow, next);
      Local changed = local(slot);
      changed.*place = world_.flows.answered(id, done.rows);
      answered(slot, place, next, std::move(changed));
    }
    if (!may_fail()) return;
    const Id again = world_.flows.failed(id, 1);
    const Id given_up = world_.flows.failed(id, kTriesSpent);
    unanswered(slot, place, what, again);
    if (given_up != again) unanswered(slot, place, what, given_up);
  }

  void unanswered(unsigned slot, Place place, const char* what, Id flow_after) {
    const Id id = local(slot).*place;
    State next = state_;
    ++next.faults;
    next.ghosts = haunt({id});
    say(std::string(kNames[slot]) + ' ' + what + ", unanswered" + (flow_after == id ? "" : ", and gives up"));
    Local changed = local(slot);
    changed.*place = flow_after;
    if (flow_after != id) return answered(slot, place, next, std::move(changed));
    next.actors[slot] = world_.keep(changed);
    push(next);
  }

  // What a flow's answer leads to; `next` lacks the actor's own place only.
  void answered(unsigned slot, Place place, State next, Local local) {
    const Flow& flow = world_.flows[local.*place];
    if (flow.batch != kNone) {
      next.actors[slot] = world_.keep(local);
      return push(next);
    }
    local.*place = kNone;
    send(flow.outcome.sends, next);
    if (slot == kSweep1 || slot == kSweep2 || slot == kOperator1 || slot == kOperator2) {
      return turned(slot, flow.outcome, next, std::move(local));
    }
    if (flow.kind == Kind::claim || flow.kind == Kind::bury) claimed(flow.outcome, local);
    if (flow.kind == Kind::settle) settled(flow.outcome, local);
    if (flow.kind == Kind::pulse) pulsed(flow.outcome, local);
    end(slot, next, std::move(local));
  }

  void send(const std::vector<Sent>& sends, State& next) {
    if (sends.empty()) return;
    Queue queue = world_.queue(next.queue);
    for (const Sent& sent : sends) {
      const int64_t due = sent.delay_ms > 0 ? world_.time(state_) + sent.delay_ms : 0;
      queue.push_back({sent.dead_letter, 0, world_.text(sent.body), due});
    }
    next.queue = world_.keep(queue);
  }

  static void mark(Held& held, bool retry, int64_t delay_ms) {
    --held.open;
    held.retry = held.retry || retry;
    held.delay_ms = std::max(held.delay_ms, delay_ms);
  }

  void claimed(const Outcome& outcome, Local& local) {
    for (const Mark& m : outcome.marks) mark(local.held[m.message], m.retry, m.delay_seconds * 1000);
    for (Held& held : local.held) held.open = 0;
    for (const std::string& text : outcome.runs) {
      const Parsed run(text);
      Lease lease;
      lease.run = world_.text(text);
      lease.id = std::string(run.root().find("id").text());
      lease.fence = run.root().find("fence").integer();
      lease.until = run.root().find("leaseUntil").integer();
      lease.message = static_cast<uint8_t>(run.root().find("message").integer());
      lease.state = run.root().find("alone").truth() ? Lease::waiting : Lease::running;
      ++local.held[lease.message].open;
      local.leases.push_back(std::move(lease));
    }
  }

  void settled(const Outcome& outcome, Local& local) {
    std::vector<size_t> results;
    for (size_t n = 0; n < local.leases.size(); ++n) {
      if (local.leases[n].state == Lease::settling) results.push_back(n);
    }
    for (const Mark& m : outcome.marks) {
      const Lease& lease = local.leases[results.at(static_cast<size_t>(m.message))];
      mark(local.held[lease.message], m.retry, m.delay_seconds * 1000);
    }
    const auto over = [](const Lease& lease) { return lease.state == Lease::settling; };
    local.leases.erase(std::remove_if(local.leases.begin(), local.leases.end(), over), local.leases.end());
  }

  // A job whose beginning the record was not told of is handed back.
  static void pulsed(const Outcome& outcome, Local& local) {
    for (const std::string& text : outcome.aborts) {
      const Parsed abort(text);
      for (Lease& lease : local.leases) {
        if (lease.id == abort.root().find("id").text() && lease.state != Lease::settling)
          lease.aborted = true;
      }
    }
    for (Lease& lease : local.leases) {
      if (lease.state != Lease::beginning) continue;
      lease.state = outcome.leases.empty() ? Lease::unbegun : Lease::running;
    }
    if (outcome.leases.empty()) return;
    const Parsed reply(outcome.leases);
    for (const json::Value entry : reply.root().find("leases")) {
      for (Lease& lease : local.leases) {
        if (lease.id == entry.at(0).text()) lease.until = entry.at(1).integer();
      }
    }
  }

  void put(Queue& queue, Stored message, int64_t delay_ms) {
    message.due = delay_ms > 0 ? world_.time(state_) + delay_ms : 0;
    if (message.attempts > kMaxRetries) {
      if (message.dead_letter) return;
      message = {true, 0, message.body, 0};
    }
    queue.push_back(message);
  }

  // The marks of a consumer that has nothing left to do take effect.
  void end(unsigned slot, State next, Local local) {
    if (!local.leases.empty() || local.pulse != kNone || local.settle != kNone) {
      next.actors[slot] = world_.keep(local);
      return push(next);
    }
    State marked = next;
    Queue queue = world_.queue(next.queue);
    for (const Held& held : local.held) {
      if (held.retry) put(queue, held.message, held.delay_ms);
    }
    marked.queue = world_.keep(queue);
    marked.actors[slot] = 0;
    push(marked);
    if (next.faults >= world_.setup.faults) return;
    words_ += ", and the worker vanishes before its marks";
    ++next.faults;
    vanished(slot, next, local);
  }

  void vanished(unsigned slot, State next, const Local& local) {
    Queue queue = world_.queue(next.queue);
    for (const Stored& message : returned(local)) queue.push_back(message);
    next.queue = world_.keep(queue);
    next.actors[slot] = 0;
    push(next);
  }

  void vanish(unsigned slot) {
    if (!may_fail()) return;
    State next = state_;
    ++next.faults;
    std::vector<Id> flows;
    for (const Id flow : {local(slot).flow, local(slot).settle, local(slot).pulse}) {
      if (flow != kNone) flows.push_back(flow);
    }
    next.ghosts = haunt(flows);
    say(std::string(kNames[slot]) + " vanishes");
    vanished(slot, next, local(slot));
  }

  void consume(unsigned slot) {
    const Local local = this->local(slot);
    if (local.idle()) return deliver(slot);
    if (local.leases.empty()) return;
    if (local.settle == kNone) end_handlers(slot, local);
    if (local.pulse != kNone) return;
    begin_alone(slot, local);
    if (state_.pulses < world_.setup.pulses) start_pulse(slot, local);
  }

  [[nodiscard]] bool other_has_it(unsigned slot) const {
    return slot == kWorker2 && state_.skew == 0 && local(kWorker1).idle() && !world_.setup.plain;
  }

  void deliver(unsigned slot) {
    const bool dead = slot == kUndertaker;
    if (other_has_it(slot)) return;
    if (dead ? state_.burials >= world_.setup.burials : state_.deliveries >= world_.setup.deliveries) return;
    const Queue queue = world_.queue(state_.queue);
    for (size_t n = 0; n < queue.size(); ++n) {
      const Stored& message = queue[n];
      if (message.dead_letter != dead || message.due != 0) continue;
      if (n > 0 && same(queue[n - 1], message)) continue;
      Queue rest = queue;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(n));
      hand_over(slot, message, rest, false);
      if (may_fail()) hand_over(slot, message, queue, true);
    }
  }

  static bool same(const Stored& a, const Stored& b) {
    return a.dead_letter == b.dead_letter && a.body == b.body && a.attempts == b.attempts && a.due == b.due;
  }

  void hand_over(unsigned slot, Stored message, const Queue& rest, bool twice) {
    State next = state_;
    next.queue = world_.keep(rest);
    if (twice) ++next.faults;
    ++(slot == kUndertaker ? next.burials : next.deliveries);
    ++message.attempts;
    Local local;
    local.held.push_back({message, 1, false, 0});
    const std::string control =
        messages_control(message.dead_letter, "w" + std::to_string(slot + 1), local.held);
    const Kind kind = message.dead_letter ? Kind::bury : Kind::claim;
    const int64_t now = noted(slot, message.dead_letter);
    local.flow =
        world_.flows.start(kind, world_.seed(state_, slot), now, control, {world_.text(message.body)});
    next.actors[slot] = world_.keep(local);
    if (wordy_) {
      say(std::string(kNames[slot]) + " is delivered " + world_.name(message) + ", time " +
          std::to_string(message.attempts) + (twice ? ", and the queue keeps it" : ""));
    }
    begin(next, slot, &Local::flow, kFirst[slot]);
  }

  // Any running handlers end, each in any way that it can; their results are settled together.
  void end_handlers(unsigned slot, const Local& local) {
    for (unsigned chosen = 1; chosen < 1U << local.leases.size(); ++chosen) {
      Ends ends;
      choose(slot, local, chosen, 0, ends);
    }
  }

  void choose(unsigned slot, const Local& local, unsigned chosen, size_t n, Ends& ends) {
    if (n == local.leases.size()) return start_settle(slot, local, ends);
    if ((chosen >> n & 1) == 0) return choose(slot, local, chosen, n + 1, ends);
    static const std::vector<Verdict> stopped = {Verdict::stopped};
    static const std::vector<Verdict> unstarted = {Verdict::unstarted};
    const Lease& lease = local.leases[n];
    if (lease.state == Lease::waiting || lease.state == Lease::beginning) return;
    const bool begun = lease.state == Lease::running;
    for (const Verdict verdict : !begun ? unstarted : lease.aborted ? stopped : world_.setup.verdicts) {
      ends.emplace_back(n, verdict);
      choose(slot, local, chosen, n + 1, ends);
      ends.pop_back();
    }
  }

  void start_settle(unsigned slot, Local local, const Ends& ends) {
    std::string list;
    std::string records;
    std::string words;
    bool timed = false;
    for (size_t n = 0; n < ends.size(); ++n) {
      const auto& [at, verdict] = ends[n];
      timed = timed || (verdict != Verdict::ok && verdict != Verdict::stopped);
      Lease& lease = local.leases[at];
      lease.state = Lease::settling;
      const Parsed run(world_.text(lease.run));
      list += std::string(n > 0 ? "," : "") + R"({"index":)" + std::to_string(n) + R"(,"token":)" +
              std::string(run.root().find("token").raw()) + ',' + kVerdicts[static_cast<int>(verdict)] + '}';
      records += (n > 0 ? "\n" : "") + std::string(run.root().find("record").raw());
      if (wordy_) {
        words += (n > 0 ? ", " : "") + world_.name(lease.id) + '/' + std::to_string(lease.fence) + ' ' +
                 kVerdictNames[static_cast<int>(verdict)];
      }
    }
    local.settle = world_.flows.start(Kind::settle, world_.seed(state_, slot), noted(slot, !timed),
                                      R"({"queue":"background-jobs"})", {"[" + list + "]", records, "{}"});
    State next = state_;
    next.actors[slot] = world_.keep(local);
    say(std::string("in ") + kNames[slot] + ' ' + words);
    begin(next, slot, &Local::settle, "settles");
  }

  // Jobs that run alone begin one after the other, when nothing else runs.
  void begin_alone(unsigned slot, const Local& local) {
    const auto over = [](const Lease& lease) { return lease.state == Lease::waiting; };
    if (!std::all_of(local.leases.begin(), local.leases.end(), over)) return;
    Local next = local;
    next.leases[0].state = Lease::beginning;
    pulse_with(slot, next, run_of(local.leases[0]) + R"(,"begins":true})", " begins its job", 0);
  }

  void start_pulse(unsigned slot, const Local& local) {
    std::string runs;
    for (const Lease& lease : local.leases) runs += (runs.empty() ? "" : ",") + run_of(lease) + '}';
    pulse_with(slot, local, runs, " pulses", 1);
  }

  // What a pulse tells of a lease, but for the closing brace.
  static std::string run_of(const Lease& lease) {
    return R"({"id":")" + lease.id + R"(","fence":)" + std::to_string(lease.fence) + R"(,"leaseUntil":)" +
           std::to_string(lease.until);
  }

  void pulse_with(unsigned slot, Local local, const std::string& runs, const char* words, uint8_t counted) {
    local.pulse =
        world_.flows.start(Kind::pulse, world_.seed(state_, slot), clock(slot), R"({"runs":[)" + runs + "]}");
    State next = state_;
    next.pulses = static_cast<uint8_t>(next.pulses + counted);
    next.actors[slot] = world_.keep(local);
    say(std::string(kNames[slot]) + words);
    begin(next, slot, &Local::pulse, "renews");
  }

  void start(unsigned slot, Kind kind, const std::string& control, const std::string& words) {
    Local local = this->local(slot);
    const int64_t now = noted(slot, kind == Kind::cancel);
    local.flow = world_.flows.start(kind, world_.seed(state_, slot), now, control);
    State next = state_;
    next.actors[slot] = world_.keep(local);
    say(words);
    begin(next, slot, &Local::flow, kFirst[slot]);
  }

  void sweep(unsigned slot) {
    const Local& local = this->local(slot);
    if (local.flow != kNone || local.turn >= world_.setup.ticks[slot - kSweep1]) return;
    start(slot, Kind::sweep, "{}", std::string(kNames[slot]) + " begins");
  }

  void operate(unsigned slot) {
    const Local& local = this->local(slot);
    const auto& wishes = world_.setup.wishes[slot - kOperator1];
    if (local.flow != kNone || local.turn >= wishes.size()) return;
    const Wish& wish = wishes[local.turn];
    start(slot, wish.kind, R"({"id":")" + world_.jobs[wish.job] + R"("})",
          std::string(kNames[slot]) + (wish.kind == Kind::cancel ? " cancels j" : " redrives j") +
              std::to_string(wish.job + 1));
  }

  // A tick or a wish is over, or is to be tried anew.
  void turned(unsigned slot, const Outcome& outcome, State next, Local local) {
    if (outcome.more && local.races + 1U < kRacesMax) {
      ++local.races;
    } else {
      local.races = 0;
      ++local.turn;
    }
    next.actors[slot] = world_.keep(local);
    push(next);
  }

  World& world_;
  const State state_;
  const bool wordy_;
  const std::string before_;  // words of what has happened in the same step
  std::string words_;
  std::vector<Next> out_;
  std::vector<Begun> begun_;
};

}  // namespace

Queue returned(const Local& local) {
  Queue out;
  for (const Held& held : local.held) {
    Stored message = held.message;
    message.due = 0;
    if (message.attempts > kMaxRetries) {
      if (message.dead_letter) continue;
      message = {true, 0, message.body, 0};
    }
    out.push_back(message);
  }
  return out;
}

std::vector<Next> steps(World& world, const State& state, bool wordy) {
  return Steps(world, state, wordy).all();
}

}  // namespace sluice::exhaustive
