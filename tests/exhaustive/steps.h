// What can happen next in a state.
//
// One step is whatever happens at once as far as anybody else can tell. What is left out leads nowhere that
// an explored history does not lead to; reduction_test.cc explores with and without the last four and
// compares.
//   - A send is one step with the commit before it. A message that is sent later, or is lost, or whose worker
//     vanishes before it sends, is one that is delivered later or never: queues deliver in any order,
//     explored histories include those in which they do not, and each state is drained with any messages lost
//     (drain.h).
//   - A send that is carried out and reports failure: nobody looks at what a send reports.
//   - A handler's end is one step with the start of its settle. Between the two only its own worker knows,
//     and a pulse that comes between changes nothing for a handler that has ended.
//   - What a caller is told of a batch and what becomes of it are two things. "unanswered" leaves behind a
//     ghost that commits at once, later (between any two steps of others, after the repetition too) or never:
//     so it is failure before the commit, failure after it, and a late commit in one.
//   - A sweep or an operator that vanishes is one that never takes its next step.
//   - A flow starts in one step with its first batch, or just before time passes. A start reads the clock and
//     nothing else that others change; one before that, with no time in between, is the same flow, and only
//     keeps from others the message that it holds.
//   - The time is left out of flows that only note it for people: of settles of what returned or stopped, of
//     burials and cancellations. So these start with their first batch always.
//   - While both workers are idle and their clocks agree, a message goes to the first: the other case differs
//     in names only.
//   - Columns that no condition reads are left out of contents (store.h).
#pragma once

#include "tests/exhaustive/model.h"

namespace sluice::exhaustive {

struct Next {
  State state;
  std::string words;  // what happens; empty unless asked for
};

// All states that follow; none where a history ends. Throws a Violation whose text tells the step, too.
std::vector<Next> steps(World& world, const State& state, bool wordy);

// The messages that come back when their consumers vanish.
Queue returned(const Local& local);

}  // namespace sluice::exhaustive
