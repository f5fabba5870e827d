// The program of one isolate: the real shims of both workers. It is bundled as text and started once per isolate, so
// that all state of its modules is that isolate's own.

export { FatalError, RetryableError, SnoozeError } from '#errors';
export { default as scraper } from '../../scraper/index.js';
export {
  cancelJob,
  discardLetter,
  query,
  requeueLetter,
  requeueLetters,
  retryJob,
} from '../../shim/flows/admin.js';
export { bury } from '../../shim/flows/bury.js';
export { chat, enqueueBatch, enqueueOne } from '../../shim/flows/enqueue.js';
export { sweep } from '../../shim/flows/sweep.js';
