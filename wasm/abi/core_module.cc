// The core module: every flow that changes the record, and what workers read of it.
#include "abi/door.h"
#include "abi/flow_door.h"
#include "abi/probe.h"
#include "abi/sluice_abi.h"

namespace sluice::abi {

int32_t answer(int32_t op, const std::vector<std::string_view>& frames, std::string& output) {
  if (op == SLUICE_OP_PROBE && is_configured()) {
    return probe(frames, output) ? SLUICE_OK : refuse(SLUICE_ERROR_FRAMES, "no such probe", output);
  }
  const LoadConfig load = [](Config& config, std::string_view json) { return config.load(json); };
  return answer_flow(load, core_flow, op, frames, output);
}

}  // namespace sluice::abi
