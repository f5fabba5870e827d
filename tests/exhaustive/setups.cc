#include "tests/exhaustive/setups.h"

namespace sluice::exhaustive {
namespace {

// Phases, ms after the first. Leases and resends are 60 s: at kNear a clock that is 5 s fast sees a lease
// that is over and not yet lapsed, and at each of the others all leases and delays of the phases before it
// have run out.
constexpr int64_t kDelayOver = 2000;
constexpr int64_t kNear = 58000;
constexpr int64_t kOver = 80000;

Setup one_job() {
  Setup out;
  out.job_count = 1;
  return out;
}

Setup twice() {
  Setup out = one_job();
  out.copies = 2;
  out.deliveries = 3;
  out.pulses = 1;
  out.clock = {0, kDelayOver, kNear, kOver};
  out.verdicts = {Verdict::ok, Verdict::error, Verdict::fatal};
  out.skews = true;
  return out;
}

Setup two_sweeps() {
  Setup out = one_job();
  out.deliveries = 3;
  out.ticks[0] = out.ticks[1] = 1;
  out.wishes[0] = {{Kind::cancel, 0}};
  out.clock = {0, kNear, kOver};
  out.skews = true;
  return out;
}

Setup sweep_and_pulse() {
  Setup out = one_job();
  out.deliveries = 2;
  out.pulses = 2;
  out.ticks[0] = 1;
  out.wishes[0] = {{Kind::cancel, 0}};
  out.clock = {0, kNear, kOver};
  out.skews = true;
  return out;
}

Setup cancel_and_redrive() {
  Setup out = one_job();
  out.deliveries = 3;
  out.pulses = 1;
  out.wishes[0] = {{Kind::cancel, 0}};
  out.wishes[1] = {{Kind::redrive, 0}};
  out.clock = {0, kNear, kOver};
  out.skews = true;
  return out;
}

Setup burial() {
  Setup out = one_job();
  out.deliveries = 3;
  out.burials = 3;
  out.ticks[0] = 1;
  out.wishes[0] = {{Kind::redrive, 0}};
  out.clock = {0, kOver};
  out.verdicts = {Verdict::fatal};
  return out;
}

Setup packed() {
  Setup out;
  out.packed = true;
  out.deliveries = 2;
  out.ticks[0] = out.ticks[1] = 1;
  out.clock = {0, kOver};
  out.verdicts = {Verdict::ok, Verdict::error};
  return out;
}

Setup poison() {
  Setup out = one_job();
  out.deliveries = 3;
  out.burials = 1;
  out.ticks[0] = 3;
  out.clock = {0, kOver, 2 * kOver, 3 * kOver};
  return out;
}

Setup snooze() {
  Setup out = one_job();
  out.deliveries = 3;
  out.ticks[0] = 1;
  out.pulses = 1;
  out.clock = {0, kDelayOver, kOver};
  out.verdicts = {Verdict::ok, Verdict::snooze, Verdict::unstarted};
  return out;
}

Setup both_jobs() {
  Setup out;
  out.packed = true;
  out.deliveries = 2;
  out.ticks[0] = 1;
  out.wishes[0] = {{Kind::cancel, 0}};
  out.wishes[1] = {{Kind::redrive, 0}};
  out.clock = {0, kOver};
  return out;
}

Setup parent_and_child() {
  Setup out;
  out.jobs[1] = R"({"type":"plain","payload":{},"dependsOn":["$1"]})";
  out.deliveries = 3;
  out.ticks[0] = 1;
  out.wishes[0] = {{Kind::cancel, 1}};
  out.wishes[1] = {{Kind::redrive, 0}};
  out.clock = {0, kOver};
  out.verdicts = {Verdict::ok, Verdict::fatal};
  return out;
}

Setup child_that_proceeds() {
  Setup out = parent_and_child();
  out.jobs[1] = R"({"type":"plain","payload":{},"dependsOn":["$1"],"onDependencyFailure":"proceed"})";
  out.ticks[0] = 0;
  out.wishes[0] = {{Kind::cancel, 0}};
  out.wishes[1] = {{Kind::redrive, 0}};
  return out;
}

Setup everything() {
  Setup out = both_jobs();
  out.burials = 1;
  out.verdicts = {Verdict::ok, Verdict::fatal};
  return out;
}

}  // namespace

const std::vector<Named>& setups() {
  static const std::vector<Named> all = {
      {"one message twice", twice(), 1, 2},
      {"two sweeps and cancel", two_sweeps(), 1, 2},
      {"sweep, pulse and cancel", sweep_and_pulse(), 1, 2},
      {"cancel and redrive", cancel_and_redrive(), 1, 2},
      {"burial and redrive", burial(), 1, 2},
      {"packed, swept twice", packed(), 0, 2},
      {"three lost leases", poison(), 1, 2},
      {"snoozed and unstarted", snooze(), 1, 2},
      {"both jobs, sweep, cancel and redrive", both_jobs(), 1, 2},
      {"parent and child", parent_and_child(), 0, 1},
      {"a child that proceeds", child_that_proceeds(), 0, 1},
      {"everything", everything(), 0, 1},
  };
  return all;
}

const Named& setup(const std::string& name) {
  for (const Named& entry : setups()) {
    if (name == entry.name) return entry;
  }
  throw std::logic_error("no setup " + name);
}

}  // namespace sluice::exhaustive
