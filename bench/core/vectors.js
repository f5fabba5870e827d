// What the contenders must decide alike before anything is timed: jobs of many kinds on their way, and
// requests and messages that are none.
import { plainJob } from './plain.js';
import { sentAlone, sentBy } from './world.js';

/** @typedef {import('./world.js').World} World */

const type = 'batch-import';
const payload = { items: [{ id: 'a', data: null }] };
const mail = { to: 'ada@example.com', subject: 'Grüße', body: 'Line one\nline "two"\t\\ – ende 🚀' };
const email = { type: 'send-email', payload: mail };

const SECOND_MS = 1000;

/** Options of every kind. */
const jobs = [
  { type, payload },
  { type, payload, priority: 'urgent', maxAttempts: 1, tags: ['a', 'b "c"'], timeoutMs: 1500 },
  { type, payload, priority: 10, correlationId: 'corr', userId: 'user', sessionId: 'session' },
  { type, payload, backoff: { type: 'linear', delay: 1500, jitter: 0.25 }, tags: [] },
  { type, payload, concurrencyKey: 'key', tenant: 'tenant' },
  { type, payload, concurrencyKey: 'key' },
  { type, payload: { ...payload, namespace: 'Ünïcödé' }, uniqueKey: 'once', uniqueForSeconds: 60 },
  { type, payload, uniqueKey: 'once' },
  email,
  { type: 'send-email', payload: { ...mail, from: 'Ada <ada@example.com>', replyTo: 'b@example.com' } },
  { type: 'batch-import', payload: { items: [{ id: 'long', data: 'x'.repeat(5000) }] } },
  { type: 'batch-import', payload: { items: [{ id: 'longer', data: 'y'.repeat(120000) }] } },
];

const delayed = [
  { type, payload, delaySeconds: 0 },
  { type, payload, delaySeconds: 1.5 },
  { type, payload, delaySeconds: 100000 },
  { type, payload, runAt: '2026-01-01T01:00:00+01:00' },
  { type, payload, runAt: '2026-01-01T00:10:00.250Z', concurrencyKey: 'later' },
  { type, payload, runAt: '1999-12-31T23:59:59Z' },
];

const invalid = [
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

/** @param {string} id @param {any} [more] @param {any} [metadata] */
const envelope = (id, more, metadata = {}) => ({ id, type, payload, metadata, ...more });

const foreign = [
  envelope('order-1'),
  envelope('order-2', { extra: 1 }, { priority: 'high', scheduledAt: 1, maxRetries: 0, timeoutMs: 100 }),
  envelope('order-3', email, { priority: 1, correlationId: 'c', userId: 'u', sessionId: '', more: [] }),
  { jobs: [envelope('order-4'), envelope('order-5'), envelope('order-1')] },
];

const poison = [
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

/** @type {import('./flows.js').Verdict[]} */
const verdicts = [
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

/** @type {(run: any, index: number) => import('./flows.js').Verdict} */
const each = (_, index) => /** @type {any} */ (verdicts[index % verdicts.length]);

/** @type {(run: any, index: number) => import('./flows.js').Verdict} */
const failing = (_, index) => ({ kind: 'error', message: `Again: ${index}`, retryable: true });

/** @param {World} world */
async function requests(world) {
  for (const job of [...jobs, ...delayed, ...invalid]) await world.admitOne('one request', job);
  for (const body of ['', '{', '[]', 'true']) await world.admitOne('a body that is no job', body);
  await world.admitBatch('many requests', [...jobs, ...invalid, ...delayed]);
  await world.admitBatch('requests that are all invalid', invalid);
  await world.admitBatch('no requests', []);
  await world.admitBatch('a batch that is no list', 'jobs');
}

/** @param {World} world */
async function dependencies(world) {
  const parents = await world.admitBatch('parents', [
    { type, payload },
    { type, payload },
  ]);
  const [first, second] = JSON.parse(parents.trace.outcome.body).jobs.map(
    (/** @type {any} */ job) => job.jobId,
  );
  await world.admitBatch('children', [
    { type, payload, dependsOn: [first] },
    { type, payload, dependsOn: [first, second], onDependencyFailure: 'proceed', delaySeconds: 30 },
    { type, payload, dependsOn: [second, 'nobody'] },
    { type, payload, dependsOn: [] },
  ]);
  const claimed = await world.claim('parents', sentBy(parents));
  const settled = await world.settle('parents end', claimed, () => ({ kind: 'ok', result: '1', ms: 1 }));
  await world.claim('children that were let out', sentBy(settled));
}

/** Jobs fail and come back until nothing is left of them, alone and packed. @param {World} world */
async function failures(world) {
  const wishes = [
    plainJob(1),
    plainJob(2),
    { ...plainJob(3), backoff: { type: 'fixed', delay: 0 } },
    jobs[3],
    email,
  ];
  for (const unpack of [false, true]) {
    const admitted = await world.admitBatch('jobs that will fail', wishes);
    let bodies = unpack ? sentAlone(admitted) : sentBy(admitted);
    for (let attempt = 1; attempt <= 4; attempt++) {
      const claimed = await world.claim('failing jobs', bodies, { attempts: attempt });
      const settled = await world.settle('failing jobs', claimed, failing);
      // What is retried by the platform comes again as it came.
      const retried = claimed.input.messages.filter((/** @type {any} */ _, /** @type {number} */ n) =>
        settled.trace.outcome.marks.some(
          (/** @type {any} */ [index, retry]) => retry && claimed.trace.outcome.runs[index].message === n,
        ),
      );
      const own = settled.trace.sends.filter(({ binding }) => binding === 'JOB_QUEUE');
      bodies = [...own.map(({ body }) => body), ...retried.map((/** @type {any} */ { body }) => body)];
      await world.claim('failed jobs before their time', bodies);
      world.wait(3600 * SECOND_MS);
    }
  }
}

/** @param {World} world */
async function messages(world) {
  const admitted = await world.admitBatch('jobs for messages', [...jobs, ...delayed, ...jobs]);
  const claimed = await world.claim('messages, some of them twice', [
    ...sentBy(admitted),
    ...sentBy(admitted).slice(0, 2),
  ]);
  await world.claim('the same again', sentBy(admitted), { attempts: 2 });
  await world.settle('verdicts of all kinds', claimed, each);
  await world.settle('the same again', claimed, each);
  world.wait(3600 * SECOND_MS);
  const late = await world.claim('the same an hour later', sentAlone(admitted), { attempts: 4 });
  await world.settle('verdicts of all kinds', late, (run, index) => each(run, index + 3));
  const adopted = await world.claim('other producers', foreign);
  await world.settle('what was adopted', adopted, each);
  await world.claim('other producers again', foreign, { attempts: 2 });
  await world.claim('messages that are none', poison);
  await world.claim('messages that are all none', poison.slice(0, 4));
  await world.claim('another queue', [envelope('order-9')], { queue: 'scraping-tasks' });
}

/** Records them all. @param {World} world */
export async function recordVectors(world) {
  await requests(world);
  await dependencies(world);
  await failures(world);
  await messages(world);
}
