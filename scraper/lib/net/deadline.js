// A time limit for one request, joined with the job's own signal.

import { FatalError, RetryableError, SnoozeError } from '../../errors.js';

/**
 * @typedef {object} Deadline
 * @property {AbortSignal} signal aborts at the limit or with the job
 * @property {() => void} clear ends the timer
 * @property {(error: unknown) => unknown} explain the error to throw for one that a request or body gave
 */

/**
 * @param {number} ms
 * @param {AbortSignal} jobSignal
 * @param {string} url for messages
 * @returns {Deadline}
 */
export function startDeadline(ms, jobSignal, url) {
  const controller = new AbortController();
  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    controller.abort(new DOMException('time limit', 'TimeoutError'));
  }, ms);
  const onJobAbort = () => controller.abort(jobSignal.reason);
  if (jobSignal.aborted) onJobAbort();
  else jobSignal.addEventListener('abort', onJobAbort, { once: true });

  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer);
      jobSignal.removeEventListener('abort', onJobAbort);
    },
    explain(error) {
      if (error instanceof FatalError || error instanceof RetryableError || error instanceof SnoozeError)
        return error;
      if (jobSignal.aborted) return jobSignal.reason;
      const breaker = true;
      if (expired) return new RetryableError('timeout', `${url} took longer than ${ms} ms`, { breaker });
      const cause = error instanceof Error ? error.message : String(error);
      return new RetryableError('connection_failed', `${url}: ${cause}`, { breaker });
    },
  };
}
