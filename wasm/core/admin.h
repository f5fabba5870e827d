// What operators do to a job.
#pragma once

#include <memory>

#include "core/message.h"
#include "core/move.h"
#include "core/policy.h"
#include "core/step.h"

namespace sluice {

// Control: {id}. Two round trips: read, then move, guarded by what was read; when somebody else was faster,
// `more` asks for the flow to be run anew. 200 the job, 404, 409 illegal in its state, 503.

// failed, cancelled → pending, attempts 0, the same id; sent at once, or when its last lease is over.
[[nodiscard]] Step retry_job(const Input& input);

// pending, delayed, blocked, processing → cancelled; a running handler is stopped at its next pulse.
[[nodiscard]] Step cancel_job(const Input& input);

// Sends wake-ups of revived jobs: at once, as many in a message as the transport packs, or when a job's last
// lease is over. Polled jobs need none.
class Wakes {
 public:
  Wakes(const Input& input, Step& step) : input_(input), step_(step) {}

  // `job` and `row` (of the record's columns) as they were before.
  void add(const Held& job, json::Value row);

 private:
  const Input& input_;
  Step& step_;
  std::unique_ptr<Packer> packers_[kTransportCount];
};

}  // namespace sluice
