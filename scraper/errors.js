// What a handler throws to say how its job goes on. Any other error counts as retryable with the code
// `handler_error`. Each takes (code, message, options), (message), or one object with all of them:
//   throw new RetryableError('rate_limited', 'Too many requests.', { retryAfterMs: 5000 });
//   throw new RetryableError({ retryAfterMs: 5000 });

/**
 * @typedef {{ code?: string, message?: string, retryAfterMs?: number, breaker?: boolean,
 *   delayMs?: number }} Options
 */

/**
 * @param {string | Options} first
 * @param {string | undefined} second
 * @param {Options} options
 * @param {string} code the class's default
 * @returns {Options & { code: string, message: string }}
 */
function read(first, second, options, code) {
  if (typeof first === 'object') return { code, message: code, ...first };
  return second === undefined ? { code, message: first } : { ...options, code: first, message: second };
}

/** Again later, one attempt spent. */
export class RetryableError extends Error {
  /**
   * @param {string | Options} first stable snake_case code, or the message, or everything
   * @param {string} [message] one sentence for a person
   * @param {{ retryAfterMs?: number, breaker?: boolean }} [options] retryAfterMs: the delay before the next
   *   attempt, in place of the job's backoff; breaker: what the job calls is down or overloaded, so that its
   *   circuit breaker counts this failure
   */
  constructor(first, message, options = {}) {
    const all = read(first, message, options, 'handler_error');
    super(all.message);
    this.name = 'RetryableError';
    this.code = all.code;
    this.retryAfterMs = all.retryAfterMs;
    this.breaker = all.breaker === true;
  }
}

/** No more attempts. */
export class FatalError extends Error {
  /**
   * @param {string | Options} first stable snake_case code, or the message, or everything
   * @param {string} [message] one sentence for a person
   */
  constructor(first, message) {
    const all = read(first, message, {}, 'fatal');
    super(all.message);
    this.name = 'FatalError';
    this.code = all.code;
  }
}

/** Again later, no attempt spent. */
export class SnoozeError extends Error {
  /**
   * @param {string | Options} first stable snake_case code, or the message, or everything
   * @param {string} [message] one sentence for a person
   * @param {{ delayMs?: number }} [options] delayMs: milliseconds until the job is due again; 0 where missing
   */
  constructor(first, message, options = {}) {
    const all = read(first, message, options, 'snoozed');
    super(all.message);
    this.name = 'SnoozeError';
    this.code = all.code;
    this.delayMs = all.delayMs ?? 0;
  }
}
