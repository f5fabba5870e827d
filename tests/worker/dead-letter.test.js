// What cannot be done: dead letters, the alert about them, messages that are no jobs, and trying again.
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sleep, startSluice, until } from './harness.js';
import { enqueueAll, envelope, expectCountersTrue, makeWitness, rowOf } from './record.js';

const secret = `whsec_${Buffer.from('a secret for signing alerts').toString('base64')}`;

/** The receiver answers 500 to the first alert about a job that failed with this message. */
const REFUSED_ONCE = 'the receiver refuses to hear of this at first';

/** @typedef {{ status: number, headers: Record<string, string>, body: string, event: any, at: number }} Received */
/** @type {Received[]} */
const received = [];

const receiver = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const seen = received.some((one) => one.body.includes(REFUSED_ONCE));
    const status = body.includes(REFUSED_ONCE) && !seen ? 500 : 204;
    const headers = /** @type {Record<string, string>} */ (request.headers);
    received.push({ status, headers, body, event: JSON.parse(body), at: Date.now() });
    response.writeHead(status).end();
  });
});

/** @type {import('./harness.js').Sluice} */
let sluice;

beforeAll(async () => {
  await new Promise((resolve) => receiver.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (receiver.address());
  sluice = await startSluice({
    vars: { ALERT_WEBHOOK_URL: `http://127.0.0.1:${port}/alerts` },
    secrets: { ALERT_WEBHOOK_SECRET: secret },
  });
  await makeWitness(sluice);
});
afterAll(async () => {
  await sluice?.stop();
  receiver.closeAllConnections();
  receiver.close();
});

/** @param {string} id @returns {Promise<any>} */
async function deadLetter(id) {
  const [row] = await sluice.rows('SELECT * FROM dead_letters WHERE id = ?', id);
  return row;
}

/** @param {string} id @returns {Promise<any>} once main has archived it */
const buried = (id) =>
  until(async () => {
    const row = await deadLetter(id);
    return row?.buried_at !== null && row;
  });

/** @param {string} id @returns {Received[]} alerts about this job */
const alertsOf = (id) =>
  received.filter(({ event }) => event.jobs.some((/** @type {any} */ job) => job.jobId === id));

/** @param {string} id @returns {any[]} log lines jobs.dead about it */
const loggedDead = (id) =>
  sluice.logs('jobs.dead').filter(({ jobs }) => jobs.some((/** @type {any} */ job) => job.jobId === id));

const once = { maxAttempts: 1 };
/** @type {string} */
let refused;

test('an alert that the receiver refuses is delivered again (begins)', async () => {
  refused = await sluice.enqueue('test-fail', { message: REFUSED_ONCE }, once);
  await until(() => alertsOf(refused).length === 1);
  expect(alertsOf(refused)[0]?.status).toBe(500);
});

describe('a job that is dead', () => {
  test('has spent its attempts, is archived, logged and told by a signed webhook', async () => {
    const backoff = { type: 'fixed', delay: 0, jitter: 0 };
    const id = await sluice.enqueue(
      'test-fail',
      { failures: 9, message: 'no luck' },
      { maxAttempts: 2, backoff },
    );
    const job = await sluice.jobIn(id);
    const lastError = { code: 'told_to_fail', message: 'no luck', retryable: true };
    expect(job).toMatchObject({ status: 'failed', attempts: 2, lastError });
    const row = await buried(id);
    expect(row).toMatchObject({
      job_id: id,
      type: 'test-fail',
      queue: 'background-jobs',
      attempts: 2,
      max_attempts: 2,
      body: null,
    });
    expect(JSON.parse(row.last_error)).toEqual(lastError);
    expect(row.buried_at).toBeGreaterThanOrEqual(row.failed_at);
    await until(() => alertsOf(id).length > 0);
    const [alert] = alertsOf(id);
    const told = { jobId: id, type: 'test-fail', queue: 'background-jobs', attempts: 2, lastError };
    expect(alert?.event).toMatchObject({ event: 'jobs.dead', count: alert?.event.jobs.length });
    expect(alert?.event.jobs).toContainEqual(expect.objectContaining(told));
    expect(new Webhook(secret).verify(alert?.body ?? '', alert?.headers ?? {})).toEqual(alert?.event);
    const wrong = new Webhook(`whsec_${Buffer.from('another secret').toString('base64')}`);
    expect(() => wrong.verify(alert?.body ?? '', alert?.headers ?? {})).toThrow();
    expect(loggedDead(id)).toMatchObject([{ level: 'error', count: 1, jobs: [told] }]);
    // Nothing watches it any more.
    expect((await rowOf(sluice, id)).wake_at).toBeNull();
  });

  test('by a FatalError has had one attempt', async () => {
    const id = await sluice.enqueue('test-fail', { fatal: true }, { maxAttempts: 5 });
    expect(await sluice.jobIn(id)).toMatchObject({
      status: 'failed',
      attempts: 1,
      lastError: { code: 'told_to_fail', retryable: false },
    });
    expect(await buried(id)).toMatchObject({ attempts: 1, max_attempts: 5 });
  });

  test('with others of its batch is in one alert', async () => {
    const jobs = [1, 2, 3].map(() => ({ type: 'test-fail', payload: { fatal: true } }));
    const ids = await enqueueAll(sluice, jobs);
    for (const id of ids) await buried(id);
    await until(() => alertsOf(ids[2] ?? '').length > 0);
    expect(alertsOf(ids[0] ?? '')).toHaveLength(1);
    const event = alertsOf(ids[0] ?? '')[0]?.event;
    expect(event.count).toBe(3);
    expect(event.jobs.map((/** @type {any} */ job) => job.jobId).sort()).toEqual([...ids].sort());
  });

  test('of a scraping type is buried through scraping-dlq', async () => {
    const payload = { url: 'http://127.0.0.1:9/', scrapeType: 'general' };
    const id = await sluice.enqueue('scrape_request', payload, once);
    expect((await sluice.jobIn(id)).status).toBe('failed');
    expect(await buried(id)).toMatchObject({ queue: 'scraping-tasks' });
  });

  test('runs again when it is retried, from attempt 0, and is no dead letter any more', async () => {
    const id = await sluice.enqueue('test-steps', { data: { kept: true } }, once);
    await buried(id);
    const { status, body } = await sluice.call(`/jobs/${id}/retry`, { method: 'POST' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ jobId: id, status: 'pending', attempts: 0, completedAt: null });
    expect(await sluice.jobIn(id, 'completed')).toMatchObject({
      attempts: 1,
      result: { checkpointed: { kept: true }, attempt: 1 },
    });
    expect(await deadLetter(id)).toBeUndefined();
    const outcomes = (await sluice.attempts(id)).map((/** @type {any} */ { outcome }) => outcome);
    expect(outcomes).toEqual(['failed', 'retried', 'completed']);
  });

  test('and is retried and fails anew is a dead letter anew, with an alert of its own', async () => {
    const id = await sluice.enqueue('test-fail', { fatal: true });
    const first = await buried(id);
    await until(() => alertsOf(id).length === 1);
    await sluice.call(`/jobs/${id}/retry`, { method: 'POST' });
    await until(() => alertsOf(id).length === 2);
    expect((await buried(id)).fence).toBe(first.fence + 1);
    // The dead letter of the first failure comes again: it says nothing about the second.
    const metadata = { sluice: { v: 1, fence: first.fence } };
    await sluice.send('JOB_DLQ', envelope(id, 'test-fail', null, metadata), { contentType: 'json' });
    await sleep(300);
    expect(alertsOf(id)).toHaveLength(2);
  });

  test('is not buried by a dead letter of an attempt before the one that goes well', async () => {
    const id = await sluice.enqueue('test-echo', {});
    await sluice.jobIn(id, 'completed');
    const metadata = { sluice: { v: 1, fence: 1 } };
    await sluice.send('JOB_DLQ', envelope(id, 'test-echo', null, metadata), { contentType: 'json' });
    await sleep(300);
    expect((await sluice.job(id)).status).toBe('completed');
    expect(await deadLetter(id)).toBeUndefined();
    expect(alertsOf(id)).toEqual([]);
  });
});

test('a flood of failures is told in few alerts, each of a bounded number of jobs', async () => {
  const jobs = Array.from({ length: 1000 }, () => ({ type: 'test-fail', payload: { fatal: true } }));
  const ids = new Set(await enqueueAll(sluice, jobs));
  const all = JSON.stringify([...ids]);
  await until(
    async () => {
      const [{ n }] = await sluice.rows(
        'SELECT count(*) AS n FROM dead_letters WHERE buried_at IS NOT NULL AND id IN (SELECT value FROM json_each(?))',
        all,
      );
      return n === 1000;
    },
    { ms: 30_000, what: 'every burial' },
  );
  const told = () =>
    received.filter(({ event }) => event.jobs.some((/** @type {any} */ { jobId }) => ids.has(jobId)));
  const names = () => told().flatMap(({ event }) => event.jobs.map((/** @type {any} */ { jobId }) => jobId));
  await until(() => new Set(names()).size === 1000, { what: 'every alert' });
  expect(told().length).toBeLessThan(60);
  for (const { event } of told()) {
    expect(event.jobs.length).toBeLessThanOrEqual(100);
    expect(event.count).toBe(event.jobs.length);
  }
  expect(names()).toHaveLength(1000);
});

const named = (/** @type {string} */ id, /** @type {string} */ type, /** @type {unknown} */ payload) =>
  envelope(id, type, payload);
const ownMark = { ...envelope('no job id', 'test-echo', {}, { sluice: { v: 1 } }) };

describe('a message that is no job', () => {
  /** @type {[name: string, body: unknown, contentType: string, code: RegExp, raw?: string][]} */
  const poison = [
    ['a text', 'just text', 'text', /./, '"just text"'],
    ['an empty text', '', 'text', /./, '""'],
    ['bytes that are no text', Buffer.from([0xff, 0x00, 0x80]), 'bytes', /./, 'hex:ff0080'],
    ['bytes that are no JSON', Buffer.from('{"id": '), 'bytes', /unexpected_end/, '{"id": '],
    ['null', null, 'json', /./, 'null'],
    ['a number', 42, 'json', /./, '42'],
    ['an array', [envelope('x', 'test-echo')], 'json', /./],
    ['an empty object', {}, 'json', /./, '{}'],
    ['an empty pack', { jobs: [] }, 'json', /./, '{"jobs":[]}'],
    ['of an unknown type', named('poison-type', 'nothing', {}), 'json', /unknown_type/],
    ['without a payload', { ...envelope('poison-payload', 'test-echo'), payload: undefined }, 'json', /./],
    ['with a payload that is not valid', named('poison-url', 'scrape_request', { url: 7 }), 'json', /./],
    ['marked as ours without an id of ours', ownMark, 'json', /bad_id/],
    ['a structure of the platform', new Map([['a', 1]]), 'v8', /./],
  ];

  test.each(poison)('is archived and acknowledged: %s', async (_, body, contentType, code, raw) => {
    const before = new Set((await sluice.rows('SELECT id FROM dead_letters')).map(({ id }) => id));
    const added = async () =>
      (await sluice.rows('SELECT * FROM dead_letters')).filter(({ id }) => !before.has(id));
    await sluice.send('JOB_QUEUE', body, { contentType });
    const [row] = await until(async () => {
      const rows = await added();
      return rows.length > 0 ? rows : undefined;
    });
    expect(row).toMatchObject({
      job_id: null,
      fence: null,
      type: null,
      queue: 'background-jobs',
      attempts: 1,
    });
    expect(row.id).toMatch(/^message:background-jobs:/);
    expect(row.buried_at).toBe(row.failed_at);
    expect(JSON.parse(row.last_error).code).toMatch(code);
    expect(row.body).toBe(raw ?? JSON.stringify(body));
    expect(sluice.logs('message.invalid').some(({ id }) => id === row.id)).toBe(true);
    await sleep(100);
    expect(await added()).toHaveLength(1);
  });

  test('never stops the valid ones of its batch, nor those of its own message', async () => {
    const good = (/** @type {string} */ id) => envelope(id, 'test-witness', {});
    const bodies = [
      good('beside-1'),
      'not an object',
      good('beside-2'),
      named('beside-bad', 'nothing', {}),
      { jobs: [good('packed-1'), { bad: true }, good('packed-2'), 17] },
      good('beside-3'),
    ];
    const [{ n: before }] = await sluice.rows('SELECT count(*) AS n FROM dead_letters');
    await sluice.env.JOB_QUEUE.sendBatch(bodies.map((body) => ({ body, contentType: 'json' })));
    for (const id of ['beside-1', 'beside-2', 'beside-3', 'packed-1', 'packed-2']) {
      await until(async () => (await sluice.call(`/jobs/${id}`)).body.status === 'completed', { what: id });
    }
    const [{ n: after }] = await sluice.rows('SELECT count(*) AS n FROM dead_letters');
    expect(after).toBe(before + 4);
    const ends = await sluice.rows(
      `SELECT count(*) AS n, count(DISTINCT job_id) AS d FROM test_runs WHERE event = 'end'`,
    );
    expect(ends).toEqual([{ n: 5, d: 5 }]);
  });

  test('in a dead-letter queue is archived there', async () => {
    await sluice.send('SCRAPING_DLQ', 'garbage', { contentType: 'text' });
    const [row] = await until(async () => {
      const rows = await sluice.rows(`SELECT * FROM dead_letters WHERE queue = 'scraping-dlq'`);
      return rows.length > 0 ? rows : undefined;
    });
    expect(row).toMatchObject({ body: '"garbage"', job_id: null });
  });
});

test('an alert that the receiver refused has come again, once', { timeout: 90_000 }, async () => {
  await until(() => alertsOf(refused).length > 1, { ms: 80_000 });
  expect(alertsOf(refused).map(({ status }) => status)).toEqual([500, 204]);
  expect(await deadLetter(refused)).toMatchObject({ job_id: refused });
  expect(sluice.logs('alert.failed')).toMatchObject([{ level: 'warn', count: 1 }]);
});

test('the counters are what a full scan gives', () => expectCountersTrue(sluice));
