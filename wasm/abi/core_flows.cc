// The core's flows by number.
#include "abi/flow_door.h"
#include "abi/sluice_abi.h"
#include "core/admin.h"
#include "core/admit.h"
#include "core/bury.h"
#include "core/claim.h"
#include "core/cleanup.h"
#include "core/compat.h"
#include "core/depend.h"
#include "core/gate.h"
#include "core/lock.h"
#include "core/poll.h"
#include "core/pulse.h"
#include "core/redrive.h"
#include "core/run.h"
#include "core/schedule.h"
#include "core/settle.h"
#include "core/sweep.h"

namespace sluice::abi {

Flow core_flow(int32_t op) {
  switch (op) {
    case SLUICE_OP_ADMIT:
      return admit_one;
    case SLUICE_OP_ADMIT_BATCH:
      return admit_batch;
    case SLUICE_OP_ADMIT_CHAT:
      return admit_chat;
    case SLUICE_OP_CLAIM:
      return claim;
    case SLUICE_OP_SETTLE:
      return settle;
    case SLUICE_OP_PULSE:
      return pulse;
    case SLUICE_OP_LOCK:
      return take_lock;
    case SLUICE_OP_UNLOCK:
      return release_lock;
    case SLUICE_OP_PARENTS:
      return parents;
    case SLUICE_OP_DESCRIBE:
      return describe;
    case SLUICE_OP_POLL:
      return poll;
    case SLUICE_OP_POLL_LINES:
      return poll_lines;
    case SLUICE_OP_BURY:
      return bury;
    case SLUICE_OP_SWEEP:
      return sweep;
    case SLUICE_OP_SCHEDULES_DUE:
      return due_schedules;
    case SLUICE_OP_SCHEDULES_RUN:
      return run_schedules;
    case SLUICE_OP_SCHEDULE_PUT:
      return put_schedule;
    case SLUICE_OP_SCHEDULE_DELETE:
      return delete_schedule;
    case SLUICE_OP_CLEANUP:
      return cleanup;
    case SLUICE_OP_RETRY:
      return retry_job;
    case SLUICE_OP_CANCEL:
      return cancel_job;
    case SLUICE_OP_PAUSE:
      return pause_queue;
    case SLUICE_OP_RESUME:
      return resume_queue;
    case SLUICE_OP_REQUEUE:
      return requeue_letter;
    case SLUICE_OP_REQUEUE_MANY:
      return requeue_letters;
    case SLUICE_OP_DISCARD:
      return discard_letter;
    case SLUICE_OP_COMPAT_ADMIT:
      return compat_admit;
    case SLUICE_OP_COMPAT_REQUEUE:
      return compat_requeue;
    default:
      return nullptr;
  }
}

}  // namespace sluice::abi
