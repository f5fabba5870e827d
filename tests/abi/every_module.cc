// The door of native programs: the flows of the core and of the views behind one ABI, with all statements.
#include "abi/door.h"
#include "abi/flow_door.h"
#include "abi/probe.h"
#include "abi/sluice_abi.h"

namespace sluice::abi {
namespace {

Flow every_flow(int32_t op) {
  const Flow flow = core_flow(op);
  return flow != nullptr ? flow : views_flow(op);
}

}  // namespace

int32_t answer(int32_t op, const std::vector<std::string_view>& frames, std::string& output) {
  if (op == SLUICE_OP_PROBE && is_configured()) {
    return probe(frames, output) ? SLUICE_OK : refuse(SLUICE_ERROR_FRAMES, "no such probe", output);
  }
  const LoadConfig load = [](Config& config, std::string_view json) { return config.load(json); };
  return answer_flow(load, every_flow, op, frames, output);
}

}  // namespace sluice::abi
