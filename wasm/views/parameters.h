// Parameters of a URL's query: texts, each optional, an empty one as good as none.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/schema.h"

namespace sluice {

// Reads the decimal `key` of `control` into `out` where it is in [low, high]; a fault where the text is
// anything else.
void read_number(json::Value control, std::string_view key, int64_t low, int64_t high, int64_t& out,
                 std::vector<Fault>& faults);

}  // namespace sluice
