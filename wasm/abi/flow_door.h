// What the modules of flows share behind the door: their configuration, their statements, and a flow's call.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/step.h"

namespace sluice::abi {

using Flow = Step (*)(const Input&);
// Reads the configuration; returns an empty string, or what is wrong with it.
using LoadConfig = std::string (*)(Config& config, std::string_view json);

// The flow with this number, or nullptr where the module has none.
[[nodiscard]] Flow core_flow(int32_t op);
[[nodiscard]] Flow views_flow(int32_t op);

// Whether a configuration was taken.
[[nodiscard]] bool is_configured();

// answer() (door.h) of a module that has these flows: SLUICE_OP_CONFIGURE, SLUICE_OP_SQL and theirs.
[[nodiscard]] int32_t answer_flow(LoadConfig load, Flow (*flow_of)(int32_t op), int32_t op,
                                  const std::vector<std::string_view>& frames, std::string& output);

}  // namespace sluice::abi
