// Runs one handler: its timeout, its abort, and what it came to in the words of settle (wasm/core/settle.h).
import { FatalError, RetryableError, SnoozeError } from './errors.js';

/** @type {Record<string, string>} */
const REASONS = {
  cancelled: 'The job was cancelled.',
  lost: 'The lease was lost.',
  stopping: 'The worker is stopping.',
};

/** Cancellation, lost leases and the end of the worker reach a handler as the reason of its signal. */
export class StoppedError extends Error {
  /** @param {string} reason `cancelled`, `lost` or `stopping` */
  constructor(reason) {
    super(REASONS[reason]);
    this.name = 'StoppedError';
    this.reason = reason;
  }
}

class TimeoutError extends Error {
  /** @param {number} ms */
  constructor(ms) {
    super(`Not done within ${ms} ms.`);
    this.name = 'TimeoutError';
  }
}

/**
 * @typedef {{ kind: string, frame?: number, result?: string, ms?: number, code?: string, message?: string,
 *   retryable?: boolean, retryAfterMs?: number, breaker?: true, delayMs?: number }} Verdict
 */

/**
 * What was thrown, as settle wants it.
 * @param {unknown} error
 * @returns {Verdict}
 */
export function verdictOfError(error) {
  if (error instanceof TimeoutError) return { kind: 'timeout' };
  if (error instanceof StoppedError) return { kind: error.reason === 'stopping' ? 'unstarted' : 'stopped' };
  const { code, message } = /** @type {{ code?: unknown, message?: unknown }} */ (Object(error));
  const words = {
    code: typeof code === 'string' && code !== '' ? code.toWellFormed() : 'handler_error',
    message: String(message ?? error).toWellFormed(),
  };
  if (error instanceof SnoozeError) {
    return { kind: 'snooze', ...words, delayMs: Math.max(0, Math.ceil(Number(error.delayMs) || 0)) };
  }
  /** @type {Verdict} */
  const verdict = { kind: 'error', ...words, retryable: !(error instanceof FatalError) };
  if (!(error instanceof RetryableError)) return verdict;
  if (Number.isFinite(error.retryAfterMs)) {
    verdict.retryAfterMs = Math.max(0, Math.ceil(Number(error.retryAfterMs)));
  }
  if (error.breaker) verdict.breaker = true;
  return verdict;
}

/**
 * A handler's value as JSON text; undefined becomes null, lone surrogates the replacement character.
 * @param {unknown} result
 */
export function jsonText(result) {
  const text = JSON.stringify(result, (_, value) =>
    typeof value === 'string' ? value.toWellFormed() : value,
  );
  return text ?? 'null';
}

/**
 * Runs `work` until it ends, its time is over, or the controller aborts. Never throws. A handler that ignores
 * its signal is left behind: its job goes on without it.
 *
 * @param {(signal: AbortSignal) => unknown} work
 * @param {AbortController} controller aborted from outside with a StoppedError
 * @param {number} timeoutMs
 * @returns {Promise<Verdict>}
 */
export async function runHandler(work, controller, timeoutMs) {
  const { signal } = controller;
  if (signal.aborted) return verdictOfError(signal.reason);
  const started = Date.now();
  const timer = setTimeout(() => controller.abort(new TimeoutError(timeoutMs)), timeoutMs);
  try {
    const aborted = new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    const result = await Promise.race([(async () => work(signal))(), aborted]);
    return { kind: 'ok', result: jsonText(result), ms: Date.now() - started };
  } catch (error) {
    // A handler that fails because it was told to stop has been stopped; its own error says less.
    return verdictOfError(signal.aborted ? signal.reason : error);
  } finally {
    clearTimeout(timer);
  }
}
