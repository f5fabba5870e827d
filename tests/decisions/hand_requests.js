// Requests to enqueue: each kind of fault in them, each option, each way in which the database may refuse.
import { SLUICE_OP_ADMIT, SLUICE_OP_ADMIT_BATCH, SLUICE_OP_ADMIT_CHAT } from '../../shim/abi.generated.js';
import { START } from './hand.js';

/** @typedef {import('./hand.js').Hand} Hand */

export const LOST = 'D1_ERROR: Network connection lost.';
export const REFUSED = 'D1_ERROR: too many SQL variables';
const MIB = 1 << 20;

const FAULTY_BODIES = [
  '',
  '{',
  '[]',
  '"text"',
  '{"type":"plain"}',
  '{"payload":1}',
  '{"type":"unknown","payload":1}',
  '{"type":5,"payload":1}',
  '{"type":"plain","payload":1,"payload":2}',
  '{"type":"checked","payload":{}}',
  '{"type":"checked","payload":{"url":"no address","pages":0,"more":1}}',
  `{"type":"plain","payload":"${'x'.repeat(MIB)}"}`,
  '{"type":"plain","payload":"\ud800"}'.replace('\ud800', '\\ud800'),
  ' '.repeat(2 * MIB + 1),
];

const FAULTY_OPTIONS = [
  { extra: 1 },
  { priority: 0 },
  { priority: 11 },
  { priority: 'soon' },
  { maxAttempts: 0 },
  { maxAttempts: 101 },
  { backoff: { type: 'random' } },
  { backoff: { delay: -1, jitter: 2 } },
  { delaySeconds: -1 },
  { delaySeconds: 5, runAt: '2027-01-15T08:00:00Z' },
  { runAt: 'tomorrow' },
  { runAt: '1969-12-31T23:59:59Z' },
  { timeoutMs: 1 },
  { uniqueKey: '' },
  { uniqueKey: 'a\0b' },
  { uniqueForSeconds: 60 },
  { tags: Array.from({ length: 21 }, (_, i) => `t${i}`) },
  { tags: ['a', 'a'] },
  { tags: ['a\0'] },
  { correlationId: 'x'.repeat(201) },
  { userId: '' },
];

const OPTIONS = [
  {},
  { priority: 'urgent' },
  { priority: 1 },
  { priority: 'high' },
  { priority: 'low' },
  { priority: 5.0 },
  { maxAttempts: 1 },
  { maxAttempts: 100 },
  { backoff: { type: 'linear', delay: 5, maxDelay: 10, jitter: 0.25 } },
  { backoff: { type: 'exponential' } },
  { backoff: {} },
  { delaySeconds: 0 },
  { delaySeconds: 1.5 },
  { delaySeconds: 60 },
  { delaySeconds: 86401 },
  { runAt: new Date(START + 60000).toISOString() },
  { runAt: new Date(START - 60000).toISOString() },
  { timeoutMs: 600000 },
  { tags: ['b', 'a'], correlationId: 'c', userId: 'u', sessionId: 's' },
  { uniqueKey: 'key' },
  { uniqueKey: 'key' },
  { uniqueKey: 'a\r\n\t\b\u0001\u007f"\\ü' },
  { uniqueKey: 'window', uniqueForSeconds: 60 },
  { uniqueKey: 'window', uniqueForSeconds: 60 },
];

/** @param {Hand} hand @param {string[]} times */
function single(hand, times) {
  const admit = (/** @type {string} */ body, control = {}) => hand.flow(SLUICE_OP_ADMIT, control, [body]);
  for (const body of FAULTY_BODIES) admit(body);
  for (const options of FAULTY_OPTIONS) admit(JSON.stringify({ type: 'plain', payload: {}, ...options }));
  for (const type of ['plain', 'single', 'scrape_request']) {
    for (const options of OPTIONS) admit(JSON.stringify({ type, payload: { n: 1 }, ...options }));
  }
  for (const runAt of times) admit(JSON.stringify({ type: 'plain', payload: {}, runAt }));
  admit('{"type":"checked","payload":{"url":"https://a.example/","pages":1.0}}');
  admit(`{"type":"plain","payload":"${'x'.repeat(5000)}"}`);
  admit(`{"type":"plain","payload":"${'x'.repeat(99_900)}"}`);
  admit('{"type":"plain","priority":5e0,"delaySeconds":1e-3,"payload":[1.0,-0,1e400,"ü\\u0000"]}');
  admit('{"type":"plain","priority":5e0,"delaySeconds":1e-3,"payload":[1.0,-0,1e300,"ü\\u0000"]}');
  const job = '{"type":"plain","payload":1}';
  for (let i = 0; i < 2; i++) admit(job, { idempotencyKey: 'again' });
  admit(job, { idempotencyKey: 'x'.repeat(201) });
  admit('{"type":"plain","payload":1,"uniqueKey":"mine"}', { idempotencyKey: 'other' });
}

/** @param {Hand} hand */
function batches(hand) {
  const admit = (/** @type {unknown} */ body, control = {}) =>
    hand.flow(SLUICE_OP_ADMIT_BATCH, control, [typeof body === 'string' ? body : JSON.stringify(body)]);
  const job = { type: 'plain', payload: 1 };
  for (const body of ['{', '[]', {}, { jobs: {} }, { jobs: [] }, { jobs: Array(1001).fill(job) }])
    admit(body);
  admit({ jobs: [job, {}, { ...job, priority: 99 }, { type: 'single', payload: null }, 5] });
  admit({ jobs: [{}, {}] });
  for (let i = 0; i < 2; i++)
    admit({ jobs: [job, job, { ...job, uniqueKey: 'k' }] }, { idempotencyKey: 'batch' });
  admit({
    jobs: [
      { ...job, uniqueKey: 'same' },
      { ...job, uniqueKey: 'same' },
    ],
  });
  admit({ jobs: Array(12).fill({ type: 'plain', payload: 'x'.repeat(30_000) }) });
  admit({
    jobs: Array(7)
      .fill(job)
      .concat(Array(3).fill({ type: 'scrape_request', payload: {} })),
  });
  admit({ jobs: Array(3).fill({ type: 'plain', payload: 'x'.repeat(1_000_000) }) });
  admit({
    jobs: [
      { ...job, delaySeconds: 60 },
      { ...job, delaySeconds: 90_000 },
      { ...job, priority: 'urgent' },
    ],
  });
}

/** @param {Hand} hand */
function databaseFails(hand) {
  const job = '{"type":"plain","payload":{}}';
  const after = { text: LOST, committed: true };
  for (const failures of [
    [LOST],
    [after],
    [LOST, after],
    Array(6).fill(LOST),
    [REFUSED],
    [REFUSED, REFUSED],
  ]) {
    hand.flow(SLUICE_OP_ADMIT, {}, [job], failures);
    hand.flow(SLUICE_OP_ADMIT_BATCH, {}, [`{"jobs":[${job},${job}]}`], failures);
    hand.flow(SLUICE_OP_ADMIT_BATCH, {}, [`{"jobs":[${job}]}`], failures);
    hand.chat('{"message":"https://a.example/"}', failures);
  }
}

/** @param {Hand} hand @param {string[]} times that a job may be told to run at, and what is none */
export function requests(hand, times) {
  single(hand, times);
  batches(hand);
  databaseFails(hand);
}

const REQUEST = { scrapeType: 'general', url: 'https://a.example/' };

const STRANGE_READINGS = [
  '',
  '[]',
  '{}',
  ...[
    {},
    { missing: 'hope' },
    { requests: Array(11).fill(REQUEST) },
    { requests: [{ ...REQUEST, scrapeType: 'zoo' }] },
    { requests: [{ ...REQUEST, url: 'ftp://a.example/' }] },
    { requests: [{ ...REQUEST, place: 5 }] },
    { requests: [REQUEST, REQUEST], wants: false },
  ].map((members) => JSON.stringify({ wants: true, urgent: false, missing: '', requests: [], ...members })),
];

/** What the chat module does not say. @param {Hand} hand */
function strangeReadings(hand) {
  const body = '{"message":"https://a.example/"}';
  for (const reading of STRANGE_READINGS) hand.flow(SLUICE_OP_ADMIT_CHAT, {}, [body, reading]);
  hand.flow(SLUICE_OP_ADMIT_CHAT, {}, [body]);
}

/**
 * @param {Hand} hand
 * @param {{ message: string }[]} labelled
 */
export function chatMessages(hand, labelled) {
  const chat = (/** @type {unknown} */ body) =>
    hand.chat(typeof body === 'string' ? body : JSON.stringify(body));
  for (const body of ['', '[]', {}, { message: '' }, { message: 5 }, { message: 'x'.repeat(8001) }])
    chat(body);
  chat({ message: 'hello', userId: 7, sessionId: 'x'.repeat(201) });
  chat({ message: 'https://a.example/', userId: 'u', sessionId: null });
  for (const { message } of labelled.filter((_, i) => i % 6 === 0)) chat({ message, sessionId: 's' });
  strangeReadings(hand);
}
