// What the compatibility layer (core/compat.h) only reads.
#pragma once

#include "core/step.h"

namespace sluice {

// GET /api/queue/stats. 200, or 503 when D1 cannot be reached: the answer tells so in `data` as well.
[[nodiscard]] Step compat_stats(const Input& input);

// GET /api/queue/dead-letter. Control: {limit}. 200 {success, data: […], count}, newest first; 422.
[[nodiscard]] Step compat_letters(const Input& input);

}  // namespace sluice
