// What the contenders must decide alike on: requests, messages and verdicts of all kinds, and what is none.

/** A plain job's type and payload. */
export const type = 'batch-import';
export const payload = { items: [{ id: 'a', data: null }] };
const mail = { to: 'ada@example.com', subject: 'Grüße', body: 'Line one\nline "two"\t\\ – ende 🚀' };
/** A job with a gate. */
export const email = { type: 'send-email', payload: mail };

/** @param {string} url @param {any} [more] @returns {any} a job with gates for its page and its host */
export const scrape = (url, more) => ({
  type: 'scrape_request',
  payload: { url, scrapeType: 'general' },
  ...more,
});

/** A job with a backoff of its own, with jitter. */
export const patient = { type, payload, backoff: { type: 'linear', delay: 1500, jitter: 0.25 }, tags: [] };

/** Options of every kind. */
export const jobs = [
  { type, payload },
  { type, payload, priority: 'urgent', maxAttempts: 1, tags: ['a', 'b "c"'], timeoutMs: 1500 },
  { type, payload, priority: 10, correlationId: 'corr', userId: 'user', sessionId: 'session' },
  patient,
  { type, payload, concurrencyKey: 'key', tenant: 'tenant' },
  { type, payload, concurrencyKey: 'key' },
  { type, payload: { ...payload, namespace: 'Ünïcödé' }, uniqueKey: 'once', uniqueForSeconds: 60 },
  { type, payload, uniqueKey: 'once' },
  ...Array.from({ length: 10 }, (_, n) => ({ type, payload, priority: n + 1 })),
  ...['urgent', 'high', 'normal', 'low'].map((priority) => ({ type, payload, priority })),
  { type: 'cleanup', payload: { olderThanDays: 3 } },
  scrape('https://Example.com:443'),
  scrape('http://example.com:8080/a/?utm_source=x&b=1&&c=2#top', { priority: 'urgent' }),
  scrape('https://example.com./?UTM_medium=y', { tenant: 'tenant' }),
  {
    type: 'scrape_request',
    payload: {
      url: 'https://hotel.example/rooms',
      scrapeType: 'hotel',
      options: { selectors: { name: 'h1' }, maxPages: 2, respectRobots: true, headers: { accept: '*/*' } },
      context: { query: 'rooms', more: 1 },
    },
  },
  { type: 'webhook-delivery', payload: { url: 'https://hooks.example/in', body: { a: 1 }, method: 'PUT' } },
  email,
  { type: 'send-email', payload: { ...mail, from: 'Ada <ada@example.com>', replyTo: 'b@example.com' } },
  { type: 'batch-import', payload: { items: [{ id: 'long', data: 'x'.repeat(5000) }] } },
  { type: 'batch-import', payload: { items: [{ id: 'longer', data: 'y'.repeat(120000) }] } },
];

/** Jobs with a time of their own. */
export const delayed = [
  { type, payload, delaySeconds: 0 },
  { type, payload, delaySeconds: 1.5 },
  { type, payload, delaySeconds: 100000 },
  { type, payload, runAt: '2026-01-01T01:00:00+01:00' },
  { type, payload, runAt: '2026-01-01T00:10:00.250Z', concurrencyKey: 'later' },
  { type, payload, runAt: '1999-12-31T23:59:59Z' },
  { type: 'cleanup', payload: {}, delaySeconds: 7 },
];

/** Requests that are refused. */
export const invalid = [
  null,
  'text',
  [],
  {},
  { type },
  { payload },
  { type: 'no-such-type', payload },
  { type: 7, payload },
  { type, payload: {} },
  { type, payload: { items: [] } },
  {
    type,
    payload: {
      items: [
        { id: '', data: 1 },
        { data: 1, more: 2 },
      ],
    },
  },
  { type: 'send-email', payload: { to: 'nobody', subject: '', body: 1, cc: [] } },
  scrape('ftp://example.com/'),
  scrape('example.com'),
  {
    type: 'scrape_request',
    payload: { url: 'https://a.example/', scrapeType: 'none', options: { maxPages: 0 } },
  },
  { type: 'webhook-delivery', payload: { url: 'https://a.example/', headers: { '': 1 } } },
  { type, payload, priority: 11 },
  { type, payload, priority: 'soon' },
  { type, payload, priority: 2.5, maxAttempts: 0, timeoutMs: 99 },
  { type, payload, backoff: { type: 'random', delay: -1, jitter: 2, more: 1 } },
  { type, payload, delaySeconds: -1 },
  { type, payload, delaySeconds: 1, runAt: '2027-01-01T00:00:00Z' },
  { type, payload, runAt: 'tomorrow' },
  { type, payload, uniqueKey: '', tags: ['a', 'a'], unknown: true },
  { type, payload, uniqueForSeconds: 5 },
  { type, payload, onDependencyFailure: 'cancel' },
  { type, payload, tenant: 'nul\0', tags: ['\0'] },
  { type, payload, userId: 'u'.repeat(201), tags: Array.from({ length: 21 }, (_, n) => String(n)) },
];

/** Another producer's message. @param {string} id @param {any} [more] @param {any} [metadata] */
export const envelope = (id, more, metadata = {}) => ({ id, type, payload, metadata, ...more });

/** What other producers send. */
export const foreign = [
  envelope('order-1'),
  envelope('order-2', { extra: 1 }, { priority: 'high', scheduledAt: 1, maxRetries: 0, timeoutMs: 100 }),
  envelope('page-1', scrape('https://foreign.example/'), { priority: 'urgent' }),
  envelope('order-3', email, { priority: 1, correlationId: 'c', userId: 'u', sessionId: '', more: [] }),
  { jobs: [envelope('order-4'), envelope('order-5'), envelope('order-1')] },
];

/** What is no message of anybody, most of it. */
export const poison = [
  'hello',
  null,
  [1],
  {},
  { jobs: [] },
  envelope('', {}),
  envelope('x', { type: 'no-such-type' }),
  envelope('x', { payload: { items: 1 } }),
  envelope('x', {}, { priority: 0 }),
  envelope('x', {}, { userId: 'nul\0' }),
  { jobs: [envelope('order-6'), { id: 5 }, envelope('order-7', { payload: null })] },
  envelope('no-id', {}, { sluice: { v: 1 } }),
  new TextEncoder().encode('{"id":'),
  new TextEncoder().encode(JSON.stringify(envelope('order-8'))),
];

/** @type {import('./flows.js').Verdict[]} what handlers come to */
export const verdicts = [
  { kind: 'ok', result: '{"imported":1}', ms: 12 },
  { kind: 'ok', result: 'null', ms: 0 },
  { kind: 'ok', result: JSON.stringify('z'.repeat(5000)), ms: 3 },
  { kind: 'error', code: 'http_500', message: 'The server is "down" – ✗', retryable: true, breaker: true },
  { kind: 'error', message: 'x'.repeat(1999) + '–'.repeat(5), retryable: true, retryAfterMs: 2500 },
  { kind: 'error', code: 'bad_input', message: 'No.', retryable: false },
  { kind: 'error', code: 'later', message: 'Tomorrow.', retryable: true, retryAfterMs: 200000000 },
  { kind: 'timeout' },
  { kind: 'snooze', code: 'handler_error', message: 'Not yet.', delayMs: 1234 },
  { kind: 'unstarted' },
  { kind: 'stopped' },
];
