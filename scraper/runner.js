// Runs one handler: its timeout, its abort, and what it came to in the words of settle (wasm/core/settle.h).
import { FatalError, RetryableError, SnoozeError } from './errors.js';

/**
 * @typedef {import('./deadlines.js').Deadlines} Deadlines
 * @typedef {import('../shim/flows/halt.js').Halt} Halt
 */

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

/** @param {string} _ @param {unknown} value */
const wellFormed = (_, value) => (typeof value === 'string' ? value.toWellFormed() : value);

/**
 * A handler's value as JSON text; undefined becomes null, lone surrogates the replacement character.
 * @param {unknown} result
 */
export function jsonText(result) {
  const text = JSON.stringify(result) ?? 'null';
  // A lone surrogate is written as an escape.
  return text.includes('\\ud') ? JSON.stringify(result, wellFormed) : text;
}

/**
 * @param {() => unknown} work
 * @param {Halt} halt
 * @returns {Promise<Verdict>}
 */
async function attempt(work, halt) {
  const started = Date.now();
  try {
    const result = await work();
    return { kind: 'ok', result: jsonText(result), ms: Date.now() - started };
  } catch (error) {
    // A handler that fails because it was told to stop has been stopped; its own error says less.
    return verdictOfError(halt.reason ?? error);
  }
}

/**
 * Runs `work` until it ends, its time is over, or it is halted. Never throws. A handler that ignores its
 * signal is left behind: its job goes on without it.
 *
 * @param {() => unknown} work
 * @param {{ halt: Halt, timeoutMs: number, deadlines: Deadlines }} options halt: from outside with a
 *   StoppedError
 * @returns {Promise<Verdict>}
 */
export async function runHandler(work, { halt, timeoutMs, deadlines }) {
  if (halt.reason) return verdictOfError(halt.reason);
  const deadline = deadlines.add(timeoutMs, () => halt.halt(new TimeoutError(timeoutMs)));
  const verdict = await new Promise((/** @type {(verdict: Verdict) => void} */ resolve) => {
    halt.listener = (reason) => resolve(verdictOfError(reason));
    attempt(work, halt).then(resolve);
  });
  deadlines.remove(deadline);
  return verdict;
}
