#include "abi/flow_door.h"

#include <algorithm>
#include <memory>

#include "abi/codec.h"
#include "abi/door.h"
#include "abi/sluice_abi.h"
#include "core/record.h"

namespace sluice::abi {
namespace {

std::unique_ptr<Config> g_config;

int32_t configure(LoadConfig load, const std::vector<std::string_view>& frames, std::string& output) {
  auto config = std::make_unique<Config>();
  const std::string why = frames.empty() ? "no configuration was given" : load(*config, frames[0]);
  if (!why.empty()) return refuse(SLUICE_ERROR_CONFIG, why, output);
  g_config = std::move(config);
  write_frames({}, output);
  return SLUICE_OK;
}

// Frame 2n is statement n's name, frame 2n + 1 its text; both are empty where another module has it.
int32_t list_sql(std::string& output) {
  std::vector<std::string_view> frames;
  for (uint8_t i = 0; i < static_cast<uint8_t>(Sql::kCount); ++i) {
    frames.push_back(sql_name(static_cast<Sql>(i)));
    frames.push_back(sql_text(static_cast<Sql>(i)));
  }
  write_frames(frames, output);
  return SLUICE_OK;
}

int32_t run_flow(Flow flow, const std::vector<std::string_view>& frames, std::string& output) {
  json::Document control;
  if (frames.empty() || control.parse(frames[0]))
    return refuse(SLUICE_ERROR_FRAMES, "the control is not JSON", output);
  const json::Value root = control.root();
  Input input{*g_config, root, time_of(root.find("now")), Entropy(0, 0)};
  if (!entropy_from_hex(root.find("seed").text(), input.entropy)) {
    return refuse(SLUICE_ERROR_FRAMES, "the seed is not 32 hexadecimal digits", output);
  }
  const int64_t count = root.find("bodies").integer();
  // Compared as it is: a size has 32 bits in WASM.
  if (count < 0 || count >= static_cast<int64_t>(frames.size()))
    return refuse(SLUICE_ERROR_FRAMES, "frames are missing", output);
  const auto bodies = static_cast<size_t>(count);
  input.frames.assign(frames.begin() + 1, frames.begin() + 1 + static_cast<std::ptrdiff_t>(bodies));
  std::vector<json::Document> rows(frames.size() - 1 - bodies);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].parse(frames[1 + bodies + i]))
      return refuse(SLUICE_ERROR_FRAMES, "rows are not JSON", output);
    input.rows.push_back(rows[i].root());
  }
  input.failed = root.find("failed").truth();
  input.carried = root.find("carried").truth();
  if (input.carried && (input.failed || input.rows.empty()))
    return refuse(SLUICE_ERROR_FRAMES, "what a step carries goes with its rows", output);
  input.failure = root.find("failure").text();
  input.tries = std::max<int64_t>(root.find("tries").integer(1), 1);
  input.elapsed_ms = root.find("elapsedMs").integer();
  write_step(flow(input), output);
  return SLUICE_OK;
}

}  // namespace

bool is_configured() { return g_config != nullptr; }

int32_t answer_flow(LoadConfig load, Flow (*flow_of)(int32_t op), int32_t op,
                    const std::vector<std::string_view>& frames, std::string& output) {
  if (op == SLUICE_OP_CONFIGURE) return configure(load, frames, output);
  if (op == SLUICE_OP_SQL) return list_sql(output);
  if (!is_configured()) return refuse(SLUICE_ERROR_NOT_CONFIGURED, "the core is not configured", output);
  const Flow flow = flow_of(op);
  return flow == nullptr ? refuse(SLUICE_ERROR_OP, "no such operation", output)
                         : run_flow(flow, frames, output);
}

}  // namespace sluice::abi
