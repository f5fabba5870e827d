// What a handler's error says to the core.
import { expect, test } from 'vitest';
import { FatalError, RetryableError, SnoozeError } from '../../scraper/errors.js';
import { startDeadline } from '../../scraper/lib/net/deadline.js';
import { statusError } from '../../scraper/lib/net/status.js';
import { verdictOfError } from '../../scraper/runner.js';

const { signal } = new AbortController();
/** @param {number} status @param {Record<string, string>} [headers] */
const answered = (status, headers) => statusError(status, new Headers(headers), 'https://a.example/', 0);

test.each([
  [new RetryableError('down', 'Down.', { breaker: true }), { code: 'down', retryable: true, breaker: true }],
  [
    new RetryableError({ breaker: true, retryAfterMs: 5 }),
    { retryable: true, breaker: true, retryAfterMs: 5 },
  ],
  [answered(503, { 'retry-after': '7' }), { code: 'unavailable', breaker: true, retryAfterMs: 7000 }],
  [answered(429), { code: 'rate_limited', breaker: true }],
  [
    startDeadline(1000, signal, 'It').explain(new TypeError('no')),
    { code: 'connection_failed', breaker: true },
  ],
])('%o counts for the breaker of what it called', (error, verdict) => {
  expect(verdictOfError(error)).toMatchObject({ kind: 'error', ...verdict });
});

test.each([
  [new RetryableError('later', 'Later.')],
  [new RetryableError({ retryAfterMs: 5 })],
  [new FatalError('no', 'No.')],
  [new SnoozeError('not_yet', 'Not yet.')],
  [new Error('a bug')],
  [answered(404)],
])('%o does not', (error) => {
  expect(verdictOfError(error)).not.toHaveProperty('breaker');
});
