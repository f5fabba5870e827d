// The rules that every commit must keep, named as tests/sim/checker.js names them.
#pragma once

#include "tests/exhaustive/model.h"

namespace sluice::exhaustive {

// Judges one commit of `flow` in `state`; `now` is true time. Throws the first Violation.
void judge(const World& world, const State& state, const Flow& flow, const Commit& commit, int64_t now);

// "j1 pending/0 → processing/1, …"; empty where nothing moved.
std::string changes(const World& world, Id before, const Commit& commit);

}  // namespace sluice::exhaustive
