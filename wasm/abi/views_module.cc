// The views module: what callers read of the record. It validates nothing by a schema, and compiles none.
#include "abi/door.h"
#include "abi/flow_door.h"

namespace sluice::abi {

int32_t answer(int32_t op, const std::vector<std::string_view>& frames, std::string& output) {
  const LoadConfig load = [](Config& config, std::string_view json) { return config.load_figures(json); };
  return answer_flow(load, views_flow, op, frames, output);
}

}  // namespace sluice::abi
