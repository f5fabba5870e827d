// Redrive: dead letters are tried again, one or many, or deleted.
#pragma once

#include <string_view>

#include "core/shards.h"
#include "core/step.h"

namespace sluice {

// Each reads, then writes, guarded by what was read. A failed job becomes pending with all attempts anew, as
// by a retry. A message that was never a job is adopted where it is a valid envelope by now (a deployment may
// have brought its type).

// Control: {id}. 200 the job, 404 no such dead letter, 409 still no valid envelope, 503. When somebody else
// was faster, `more` asks for the flow to be run anew.
[[nodiscard]] Step requeue_letter(const Input& input);

// The same for another flow, whose first stage it begins.
[[nodiscard]] Step requeue_named(const Input& input, std::string_view id);
// The same for a dead letter that the other flow has found by a statement like letters_named.sql.
[[nodiscard]] Step requeue_found(const Input& input, const Look& found);

// Frame 0: {ids | type | queue | all: true, limit?, cursor?} as JSON; frame 1, when there was a step before:
// its reply's body. At most kRedriveRows dead letters a step and `limit` in all, oldest first, none that came
// after the request; `more` asks for the next step. 200 {requeued, skipped: [{id, code, detail}],
// nextCursor?}: with a nextCursor others may be left. 400, 422, 503. Shard after shard, oldest first on each.
[[nodiscard]] Step requeue_letters(const Input& input);

// Control: {id}. The dead letter goes away; its job stays in the record as failed. 200 the dead letter, 404,
// 503.
[[nodiscard]] Step discard_letter(const Input& input);

}  // namespace sluice
