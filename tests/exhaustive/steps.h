// What can happen next in a state.
//
// One step is whatever happens at once as far as anybody else can tell. Left out, because some explored
// history already has everything that they could lead to:
//   - A send is one step with the commit before it. A message that is sent later, or is lost, or whose
//     worker vanishes before it sends, is one that is delivered later or never: queues deliver in any order
//     and explored histories include those in which they do not.
//   - A send that is carried out and reports failure: nobody looks at what a send reports.
//   - A handler's end is one step with the start of its settle. Between the two only its own worker knows.
//   - A batch that fails before it commits and is repeated is a batch that runs later. What the caller is
//     told and what becomes of the batch are two things here: "unanswered" leaves a ghost behind that
//     commits at once, later (between any two steps of others, after the repetition too) or never.
//   - A sweep or an operator that vanishes is one that never takes its next step; drains start from every
//     state (drain.h).
//   - While both workers are idle and their clocks agree, a message goes to the first: the other case
//     differs in names only.
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
