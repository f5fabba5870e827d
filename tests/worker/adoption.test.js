// Envelopes that another producer puts straight into a queue become jobs like any other.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sleep, startSluice, until } from './harness.js';
import { envelope, eventsOf, expectCountersTrue, makeWitness, ONCE, rowOf, wake } from './record.js';

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** @type {import('./harness.js').Sluice} */
let sluice;

beforeAll(async () => {
  sluice = await startSluice();
  await makeWitness(sluice);
});
afterAll(() => sluice?.stop());

/** @param {string} id the envelope's @param {string} [status] @returns {Promise<any>} */
const adopted = (id, status = 'completed') =>
  until(
    async () => {
      const answer = await sluice.call(`/jobs/${encodeURIComponent(id)}`);
      return answer.status === 200 && answer.body.status === status && answer.body;
    },
    { what: `the adoption of ${id}` },
  );

describe.each([
  ['JOB_QUEUE', 'test-witness'],
  ['SCRAPING_QUEUE', 'test-scrapelike'],
  ['PRIORITY_SCRAPING_QUEUE', 'test-scrapelike'],
  ['SCRAPING_QUEUE', 'test-witness'],
  ['PRIORITY_SCRAPING_QUEUE', 'test-witness'],
])('an envelope in %s of the type %s', (binding, type) => {
  test('is found under its own id, and runs once though it is sent four times', async () => {
    const id = `order ${binding} ${type}/4711?ü`;
    const body = envelope(id, type, { order: 4711 });
    await sluice.env[binding].sendBatch([1, 2].map(() => ({ body, contentType: 'json' })));
    const job = await adopted(id);
    await sluice.send(binding, body, { contentType: 'json' });
    await sluice.send('JOB_QUEUE', body, { contentType: 'json' });
    await sleep(400);
    expect(job.jobId).toMatch(ID);
    expect(job).toMatchObject({
      type,
      payload: { order: 4711 },
      attempts: 1,
      maxAttempts: 3,
      correlationId: id,
    });
    expect(await sluice.job(job.jobId)).toEqual(job);
    expect(await rowOf(sluice, job.jobId)).toMatchObject({ fence: 1, attempts: 1, unique_key: `ext:${id}` });
    const [{ n }] = await sluice.rows('SELECT count(*) AS n FROM jobs WHERE correlation_id = ?', id);
    expect(n).toBe(1);
    if (type === 'test-witness') expect(await eventsOf(sluice, job.jobId)).toEqual(ONCE);
  });
});

test('an envelope delivered by three queues at the same time becomes one job', async () => {
  const body = envelope('everywhere', 'test-witness', { ms: 300 });
  const queues = ['JOB_QUEUE', 'SCRAPING_QUEUE', 'PRIORITY_SCRAPING_QUEUE'];
  await Promise.all(queues.map((queue) => sluice.send(queue, body, { contentType: 'json' })));
  const job = await adopted('everywhere');
  await sleep(300);
  expect(await eventsOf(sluice, job.jobId)).toEqual(ONCE);
  const [{ n }] = await sluice.rows(`SELECT count(*) AS n FROM jobs WHERE correlation_id = 'everywhere'`);
  expect(n).toBe(1);
});

test('a job named by its own id and by its envelope’s in one batch runs once', async () => {
  const body = envelope('two names', 'test-witness', { ms: 200 });
  await sluice.send('JOB_DLQ', body, { contentType: 'json' });
  const { jobId } = await adopted('two names', 'pending');
  const bodies = [body, wake(jobId), { jobs: [wake(jobId), body] }, body];
  await sluice.env.JOB_QUEUE.sendBatch(bodies.map((one) => ({ body: one, contentType: 'json' })));
  await adopted('two names');
  await sleep(300);
  expect(await eventsOf(sluice, jobId)).toEqual(ONCE);
  expect(await rowOf(sluice, jobId)).toMatchObject({ attempts: 1, fence: 1, losses: 0 });
});

test('what the envelope says holds: attempts, timeout, priority, who asked', async () => {
  const metadata = {
    priority: 'high',
    maxRetries: 4,
    timeoutMs: 700,
    correlationId: 'a correlation',
    userId: 'ann',
    sessionId: 'evening',
  };
  await sluice.send('JOB_QUEUE', envelope('with-all', 'test-echo', [1, 'two'], metadata), {
    contentType: 'json',
  });
  const job = await adopted('with-all');
  expect(job).toMatchObject({
    priority: 3,
    maxAttempts: 5,
    payload: [1, 'two'],
    correlationId: 'a correlation',
    userId: 'ann',
    sessionId: 'evening',
    uniqueKey: 'ext:with-all',
  });
  expect((await rowOf(sluice, job.jobId)).timeout_ms).toBe(700);
});

test('an envelope in bytes or in the platform’s own form is read as well', async () => {
  const bytes = Buffer.from(JSON.stringify(envelope('as-bytes', 'test-echo', { n: 1 })));
  await sluice.send('JOB_QUEUE', bytes, { contentType: 'bytes' });
  await sluice.send('JOB_QUEUE', envelope('as-v8', 'test-echo', { n: 2 }), { contentType: 'v8' });
  expect(await adopted('as-bytes')).toMatchObject({ result: { n: 1 } });
  expect(await adopted('as-v8')).toMatchObject({ result: { n: 2 } });
});

test('an adopted job is retried with all its attempts, and dies like any other', async () => {
  const [good, bad] = ['adopted-good', 'adopted-bad'];
  const metadata = { maxRetries: 5 };
  const retryAfterMs = 0;
  await sluice.env.JOB_QUEUE.sendBatch([
    { body: envelope(good, 'test-fail', { failures: 5, retryAfterMs }, metadata), contentType: 'json' },
    { body: envelope(bad, 'test-fail', { failures: 6, retryAfterMs }, metadata), contentType: 'json' },
  ]);
  expect(await adopted(good)).toMatchObject({ attempts: 6 });
  const dead = await adopted(bad, 'failed');
  expect(dead).toMatchObject({ attempts: 6, lastError: { code: 'told_to_fail' } });
  await until(async () => {
    const [row] = await sluice.rows('SELECT buried_at FROM dead_letters WHERE id = ?', dead.jobId);
    return row?.buried_at > 0;
  });
  const retried = await sluice.call(`/jobs/${bad}/retry`, { method: 'POST' });
  expect(retried).toMatchObject({ status: 200, body: { jobId: dead.jobId, attempts: 0 } });
  await adopted(bad, 'failed');
});

test('an adopted job can be cancelled under its own id', async () => {
  await sluice.send('JOB_QUEUE', envelope('adopted-slow', 'test-witness', { ms: 1500 }), {
    contentType: 'json',
  });
  await adopted('adopted-slow', 'processing');
  const { status, body } = await sluice.call('/jobs/adopted-slow', { method: 'DELETE' });
  expect([status, body.status]).toEqual([200, 'cancelled']);
  await sleep(1600);
  expect((await adopted('adopted-slow', 'cancelled')).result).toBeNull();
});

test('an envelope that the platform gave up on before anybody read it is adopted from the dead letters', async () => {
  await sluice.send('JOB_DLQ', envelope('from-the-dead', 'test-witness', {}), { contentType: 'json' });
  const waiting = await adopted('from-the-dead', 'pending');
  await sleep(1200);
  await sluice.tick();
  const job = await adopted('from-the-dead');
  expect(job.jobId).toBe(waiting.jobId);
  expect(await eventsOf(sluice, job.jobId)).toEqual(ONCE);
});

test('an envelope whose payload is too long for a row is kept and run', async () => {
  const payload = { text: 'x'.repeat(90_000) };
  await sluice.send('JOB_QUEUE', envelope('long', 'test-echo', payload), { contentType: 'json' });
  expect((await adopted('long')).result).toEqual(payload);
});

test('the counters are what a full scan gives', () => expectCountersTrue(sluice));
