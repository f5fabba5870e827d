// Why a job is where it is, in words.
#pragma once

#include "core/step.h"

namespace sluice {

// Control: {id}. 200 {jobId, type, status, reasons: [{at, rule, text}]}, 404. One reason for each decision
// about the job, oldest first; the last ones tell what it waits for now. `rule` is a stable snake_case name,
// `at` null for what holds without a time of its own.
[[nodiscard]] Step explain(const Input& input);

}  // namespace sluice
