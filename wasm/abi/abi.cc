// The core behind the ABI: its configuration, its statements, its flows by number.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "abi/codec.h"
#include "abi/door.h"
#include "abi/probe.h"
#include "abi/sluice_abi.h"
#include "core/admin.h"
#include "core/admit.h"
#include "core/bury.h"
#include "core/claim.h"
#include "core/cleanup.h"
#include "core/compat.h"
#include "core/gate.h"
#include "core/lock.h"
#include "core/poll.h"
#include "core/pulse.h"
#include "core/query.h"
#include "core/record.h"
#include "core/redrive.h"
#include "core/schedule.h"
#include "core/settle.h"
#include "core/sweep.h"

namespace {

using sluice::Input;
using sluice::Step;
using sluice::abi::refuse;

std::unique_ptr<sluice::Config> g_config;

using Flow = Step (*)(const Input&);

Flow flow_of(int32_t op) {
  switch (op) {
    case SLUICE_OP_ADMIT:
      return sluice::admit_one;
    case SLUICE_OP_ADMIT_BATCH:
      return sluice::admit_batch;
    case SLUICE_OP_ADMIT_CHAT:
      return sluice::admit_chat;
    case SLUICE_OP_CLAIM:
      return sluice::claim;
    case SLUICE_OP_SETTLE:
      return sluice::settle;
    case SLUICE_OP_PULSE:
      return sluice::pulse;
    case SLUICE_OP_LOCK:
      return sluice::take_lock;
    case SLUICE_OP_UNLOCK:
      return sluice::release_lock;
    case SLUICE_OP_POLL:
      return sluice::poll;
    case SLUICE_OP_POLL_LINES:
      return sluice::poll_lines;
    case SLUICE_OP_BURY:
      return sluice::bury;
    case SLUICE_OP_SWEEP:
      return sluice::sweep;
    case SLUICE_OP_SCHEDULES_DUE:
      return sluice::due_schedules;
    case SLUICE_OP_SCHEDULES_RUN:
      return sluice::run_schedules;
    case SLUICE_OP_SCHEDULE_PUT:
      return sluice::put_schedule;
    case SLUICE_OP_SCHEDULE_DELETE:
      return sluice::delete_schedule;
    case SLUICE_OP_CLEANUP:
      return sluice::cleanup;
    case SLUICE_OP_QUERY:
      return sluice::query;
    case SLUICE_OP_RETRY:
      return sluice::retry_job;
    case SLUICE_OP_CANCEL:
      return sluice::cancel_job;
    case SLUICE_OP_PAUSE:
      return sluice::pause_queue;
    case SLUICE_OP_RESUME:
      return sluice::resume_queue;
    case SLUICE_OP_REQUEUE:
      return sluice::requeue_letter;
    case SLUICE_OP_REQUEUE_MANY:
      return sluice::requeue_letters;
    case SLUICE_OP_DISCARD:
      return sluice::discard_letter;
    case SLUICE_OP_COMPAT_ADMIT:
      return sluice::compat_admit;
    case SLUICE_OP_COMPAT_STATS:
      return sluice::compat_stats;
    case SLUICE_OP_COMPAT_LETTERS:
      return sluice::compat_letters;
    case SLUICE_OP_COMPAT_REQUEUE:
      return sluice::compat_requeue;
    default:
      return nullptr;
  }
}

int32_t configure(const std::vector<std::string_view>& frames, std::string& output) {
  auto config = std::make_unique<sluice::Config>();
  const std::string why = frames.empty() ? "no configuration was given" : config->load(frames[0]);
  if (!why.empty()) return refuse(SLUICE_ERROR_CONFIG, why, output);
  g_config = std::move(config);
  sluice::abi::write_frames({}, output);
  return SLUICE_OK;
}

// Frame 2n is statement n's name, frame 2n + 1 its text.
int32_t list_sql(std::string& output) {
  std::vector<std::string_view> frames;
  for (uint8_t i = 0; i < static_cast<uint8_t>(sluice::Sql::kCount); ++i) {
    frames.push_back(sluice::sql_name(static_cast<sluice::Sql>(i)));
    frames.push_back(sluice::sql_text(static_cast<sluice::Sql>(i)));
  }
  sluice::abi::write_frames(frames, output);
  return SLUICE_OK;
}

int32_t run_flow(Flow flow, const std::vector<std::string_view>& frames, std::string& output) {
  sluice::json::Document control;
  if (frames.empty() || control.parse(frames[0]))
    return refuse(SLUICE_ERROR_FRAMES, "the control is not JSON", output);
  const sluice::json::Value root = control.root();
  Input input{*g_config, root, sluice::time_of(root.find("now")), sluice::Entropy(0, 0), {}, {}, false, {},
              0,         0};
  if (!sluice::entropy_from_hex(root.find("seed").text(), input.entropy)) {
    return refuse(SLUICE_ERROR_FRAMES, "the seed is not 32 hexadecimal digits", output);
  }
  const int64_t count = root.find("bodies").integer();
  // Compared as it is: a size has 32 bits in WASM.
  if (count < 0 || count >= static_cast<int64_t>(frames.size()))
    return refuse(SLUICE_ERROR_FRAMES, "frames are missing", output);
  const auto bodies = static_cast<size_t>(count);
  input.frames.assign(frames.begin() + 1, frames.begin() + 1 + static_cast<std::ptrdiff_t>(bodies));
  std::vector<sluice::json::Document> rows(frames.size() - 1 - bodies);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].parse(frames[1 + bodies + i]))
      return refuse(SLUICE_ERROR_FRAMES, "rows are not JSON", output);
    input.rows.push_back(rows[i].root());
  }
  input.failed = root.find("failed").truth();
  input.failure = root.find("failure").text();
  input.tries = std::max<int64_t>(root.find("tries").integer(1), 1);
  input.elapsed_ms = root.find("elapsedMs").integer();
  sluice::abi::write_step(flow(input), output);
  return SLUICE_OK;
}

}  // namespace

int32_t sluice::abi::answer(int32_t op, const std::vector<std::string_view>& frames, std::string& output) {
  if (op == SLUICE_OP_CONFIGURE) return configure(frames, output);
  if (op == SLUICE_OP_SQL) return list_sql(output);
  if (!g_config) return refuse(SLUICE_ERROR_NOT_CONFIGURED, "the core is not configured", output);
  if (op == SLUICE_OP_PROBE) {
    return probe(frames, output) ? SLUICE_OK : refuse(SLUICE_ERROR_FRAMES, "no such probe", output);
  }
  const Flow flow = flow_of(op);
  return flow == nullptr ? refuse(SLUICE_ERROR_OP, "no such operation", output)
                         : run_flow(flow, frames, output);
}
