// What an HTTP status means for a job: go on, try again later, or give up.

import { FatalError, RetryableError } from '../../errors.js';
import { RETRY_AFTER_MAX_MS } from '../limits.js';

/** @type {Record<number, string>} */
const PERMANENT = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  410: 'gone',
  451: 'unavailable_legal',
};

/** @type {Record<number, string>} */
const TRANSIENT = { 408: 'request_timeout', 425: 'too_early', 429: 'rate_limited', 503: 'unavailable' };

/**
 * The error for a response that is no page, or null for 2xx. Redirects are the caller's; one without a
 * usable Location, and every other 3xx and 4xx, is permanent. 408, 425, 429 and all 5xx are transient, and
 * count for the host's circuit breaker.
 * @param {number} status
 * @param {Headers} headers
 * @param {string} url for the message
 * @param {number} now milliseconds since the epoch
 * @returns {FatalError | RetryableError | null}
 */
export function statusError(status, headers, url, now) {
  if (status >= 200 && status < 300) return null;
  const message = `${url} answered ${status}`;
  const transient = TRANSIENT[status] ?? (status >= 500 ? 'server_error' : undefined);
  if (!transient) return new FatalError(PERMANENT[status] ?? `http_${status}`, message);
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), now);
  // A wait of nothing would replace the job's own backoff by none.
  return new RetryableError(transient, message, { breaker: true, ...(retryAfterMs ? { retryAfterMs } : {}) });
}

/**
 * Milliseconds that a Retry-After header asks for (RFC 9110 section 10.2.3: seconds or an HTTP date), at
 * least 0 and at most RETRY_AFTER_MAX_MS; null when it is absent or neither.
 * @param {string | null} value
 * @param {number} now milliseconds since the epoch
 * @returns {number | null}
 */
export function parseRetryAfter(value, now) {
  const text = (value ?? '').trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, RETRY_AFTER_MAX_MS);
  if (!/^[A-Za-z]{3,9},? /.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.min(Math.max(at - now, 0), RETRY_AFTER_MAX_MS);
}
