// The program of one isolate: the real shims of both workers. It is bundled as text and started once per isolate, so
// that all state of its modules is that isolate's own.

export { FatalError, RetryableError, SnoozeError } from '#errors';
export { consumeBatch, pollLines } from '../../scraper/work.js';
export {
  cancelJob,
  discardLetter,
  pauseQueue,
  requeueLetter,
  requeueLetters,
  resumeQueue,
  retryJob,
} from '../../shim/flows/admin.js';
export { bury } from '../../shim/flows/bury.js';
export { chat } from '../../shim/flows/chat.js';
export { enqueueBatch, enqueueOne } from '../../shim/flows/enqueue.js';
export { query } from '../../shim/flows/query.js';
export { deleteSchedule, putSchedule, runSchedules } from '../../shim/flows/schedules.js';
export { stopWork } from '../../shim/flows/stopping.js';
export { sweep } from '../../shim/flows/sweep.js';
