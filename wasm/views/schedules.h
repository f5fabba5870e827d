// Schedules as callers read them.
#pragma once

#include "core/step.h"

namespace sluice {

// Control: {id}. 200 the schedule, 404.
[[nodiscard]] Step one_schedule(const Input& input);
// 200 {schedules}, by name. Long payloads are left out (null).
[[nodiscard]] Step list_schedules(const Input& input);

}  // namespace sluice
