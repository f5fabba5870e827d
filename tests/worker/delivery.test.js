// Jobs on their way through the real queues: batches, packing, delays, retries, timeouts, cancellation.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sleep, startSluice, until } from './harness.js';
import { allIn, enqueueAll, eventsOf, expectCountersTrue, makeWitness, ONCE, rowOf, wake } from './record.js';

/** @type {import('./harness.js').Sluice} */
let sluice;

// A running job hears of its cancellation within a third of its lease.
beforeAll(async () => {
  sluice = await startSluice({ vars: { LEASE_MS: '3000' } });
  await makeWitness(sluice);
});
afterAll(() => sluice?.stop());

/** @param {string} text RFC 3339 */
const ms = (text) => Date.parse(text);

/** @param {string} id */
const logged = (id) => sluice.logs().filter((line) => JSON.stringify(line).includes(id));

describe('a job that goes well', () => {
  test('goes through background-jobs to completed', async () => {
    const id = await sluice.enqueue('test-echo', { hello: 'wörld' });
    const job = await sluice.jobIn(id);
    expect(job).toMatchObject({
      jobId: id,
      status: 'completed',
      queue: 'background-jobs',
      attempts: 1,
      progress: 100,
      payload: { hello: 'wörld' },
      result: { hello: 'wörld' },
      lastError: null,
      leaseUntil: null,
    });
    expect(ms(job.completedAt)).toBeGreaterThanOrEqual(ms(job.startedAt));
    expect(ms(job.startedAt)).toBeGreaterThanOrEqual(ms(job.createdAt));
  });

  test.each([
    ['scraping-tasks', 5, 'normal'],
    ['scraping-priority', 1, 'urgent'],
  ])('of a scraping type goes through %s with priority %i', async (queue, priority, name) => {
    const id = await sluice.enqueue('test-scrapelike', { n: 1 }, { priority: name });
    const job = await sluice.jobIn(id);
    expect(job).toMatchObject({ status: 'completed', queue, priority, result: { n: 1 } });
    expect(await rowOf(sluice, id)).toMatchObject({ transport: queue });
  });

  test('is one of a hundred in one request, five to a message', async () => {
    const jobs = Array.from({ length: 100 }, (_, n) => ({ type: 'test-witness', payload: { n } }));
    const ids = await enqueueAll(sluice, jobs);
    expect(new Set(ids).size).toBe(100);
    await until(() => allIn(sluice, ids, 'completed'));
    const runs = await sluice.rows(
      'SELECT job_id, count(*) AS n FROM test_runs WHERE job_id IN (SELECT value FROM json_each(?)) GROUP BY 1',
      JSON.stringify(ids),
    );
    expect(runs).toHaveLength(100);
    expect(runs.every(({ n }) => n === 2)).toBe(true);
    const rows = await sluice.rows(
      'SELECT payload, result FROM jobs WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id',
      JSON.stringify(ids),
    );
    expect(rows.map(({ payload }) => JSON.parse(payload).n).sort((a, b) => a - b)).toEqual(
      jobs.map((_, n) => n),
    );
    expect(rows.every(({ result }) => result === '{"run":1}')).toBe(true);
  });

  test('is not started before its delay is over', async () => {
    const before = Date.now();
    const id = await sluice.enqueue('test-noop', {}, { delaySeconds: 2 });
    const waiting = await sluice.job(id);
    expect(waiting.status).toBe('delayed');
    expect(ms(waiting.runAt)).toBeGreaterThanOrEqual(before + 2000);
    const job = await sluice.jobIn(id);
    expect(job.status).toBe('completed');
    expect(ms(job.startedAt)).toBeGreaterThanOrEqual(ms(waiting.runAt));
    expect(job.runAt).toBe(waiting.runAt);
    expect(job.attempts).toBe(1);
  });

  test('keeps a payload and a result of more than a message and a row hold', async () => {
    const payload = { text: 'ü'.repeat(60_000), end: true };
    const id = await sluice.enqueue('test-echo', payload);
    const job = await sluice.jobIn(id);
    expect(job.status).toBe('completed');
    expect(job.payload).toEqual(payload);
    expect(job.result).toEqual(payload);
    const kinds = await sluice.rows('SELECT kind FROM bodies WHERE job_id = ? ORDER BY kind', id);
    expect(kinds).toEqual([{ kind: 'payload' }, { kind: 'result' }]);
  });

  test.each([4096, 4097])('keeps a result of %i bytes', async (size) => {
    const payload = 'x'.repeat(size - 2);
    const id = await sluice.enqueue('test-echo', payload);
    expect(await sluice.jobIn(id)).toMatchObject({ status: 'completed', result: payload });
    const [{ n }] = await sluice.rows('SELECT count(*) AS n FROM bodies WHERE job_id = ?', id);
    expect(n).toBe(size > 4096 ? 2 : 0);
  });

  test('enqueues others, whose unique keys make that repeatable', async () => {
    const jobs = [1, 2, 3].map((n) => ({ type: 'test-witness', payload: { n }, uniqueKey: `child ${n}` }));
    const first = await sluice.jobIn(await sluice.enqueue('test-fanout', { jobs }));
    expect(first.status).toBe('completed');
    const { jobIds } = first.result;
    await until(() => allIn(sluice, jobIds, 'completed'));
    const again = await sluice.jobIn(await sluice.enqueue('test-fanout', { jobs }));
    expect(again.result).toEqual({ jobIds });
    for (const id of jobIds) expect(await eventsOf(sluice, id)).toEqual(ONCE);
  });

  test('fails to enqueue others that are not valid, and says why', async () => {
    const id = await sluice.enqueue(
      'test-fanout',
      { jobs: [{ type: 'nothing', payload: {} }] },
      { maxAttempts: 1 },
    );
    const job = await sluice.jobIn(id);
    expect(job).toMatchObject({ status: 'failed', lastError: { code: 'handler_error', retryable: true } });
  });
});

describe('a job that fails', () => {
  test('is tried again no earlier than its backoff says, and keeps its history', async () => {
    const backoff = { type: 'exponential', delay: 1000, maxDelay: 60000, jitter: 0 };
    const id = await sluice.enqueue('test-fail', { failures: 2 }, { maxAttempts: 3, backoff });
    await until(async () => (await sluice.job(id)).status === 'delayed');
    const job = await sluice.jobIn(id);
    expect(job).toMatchObject({ status: 'completed', attempts: 3, result: { ok: true, attempt: 3 } });
    const attempts = await sluice.attempts(id);
    expect(attempts).toHaveLength(3);
    expect(attempts.slice(0, 2)).toMatchObject([
      { attempt: 1, outcome: 'failed', delayMs: 1000, error: { code: 'told_to_fail', retryable: true } },
      { attempt: 2, outcome: 'failed', delayMs: 2000 },
    ]);
    expect(ms(attempts[1].startedAt) - ms(attempts[0].finishedAt)).toBeGreaterThanOrEqual(1000);
    expect(ms(attempts[2].startedAt) - ms(attempts[1].finishedAt)).toBeGreaterThanOrEqual(2000);
  });

  test('gets all of its attempts, however few retries the platform has', async () => {
    const backoff = { type: 'fixed', delay: 0, jitter: 0 };
    const [alone] = await enqueueAll(sluice, [
      { type: 'test-fail', payload: { failures: 5 }, maxAttempts: 6, backoff },
    ]);
    const packed = await enqueueAll(
      sluice,
      [5, 6].map((failures) => ({ type: 'test-fail', payload: { failures }, maxAttempts: 6, backoff })),
    );
    expect(await sluice.jobIn(alone)).toMatchObject({ status: 'completed', attempts: 6 });
    expect(await sluice.jobIn(packed[0])).toMatchObject({ status: 'completed', attempts: 6 });
    expect(await sluice.jobIn(packed[1])).toMatchObject({ status: 'failed', attempts: 6 });
  });

  test('is tried again when its Retry-After says, not its backoff', async () => {
    const backoff = { type: 'fixed', delay: 3600000, jitter: 0 };
    const id = await sluice.enqueue('test-fail', { retryAfterMs: 1200 }, { backoff });
    expect(await sluice.jobIn(id)).toMatchObject({ status: 'completed', attempts: 2 });
    const attempts = await sluice.attempts(id);
    expect(attempts[0]).toMatchObject({ delayMs: 1200 });
    expect(ms(attempts[1].startedAt) - ms(attempts[0].finishedAt)).toBeGreaterThanOrEqual(1200);
  });

  test('spends no attempt by snoozing', async () => {
    const id = await sluice.enqueue('test-snooze', { times: 3, delayMs: 100 }, { maxAttempts: 1 });
    expect(await sluice.jobIn(id)).toMatchObject({
      status: 'completed',
      attempts: 1,
      result: { snoozed: 3, attempt: 1 },
      lastError: null,
    });
    const attempts = await sluice.attempts(id);
    expect(attempts.filter((/** @type {any} */ { outcome }) => outcome === 'snoozed')).toHaveLength(3);
    expect(attempts[0]).toMatchObject({ delayMs: 100 });
  });

  test('finds its checkpoint on the next attempt; its progress is seen before', async () => {
    const data = { page: 7, seen: ['a', 'ü', null], long: 'x'.repeat(5000) };
    const id = await sluice.enqueue('test-steps', { data });
    expect(await sluice.jobIn(id, 'delayed')).toMatchObject({ progress: 40 });
    expect(await sluice.jobIn(id)).toMatchObject({
      status: 'completed',
      progress: 100,
      result: { checkpointed: data, attempt: 2 },
    });
  });

  test.each([
    ['throwsUndefined', 'failed', 'handler_error'],
    ['throwsText', 'failed', 'handler_error'],
    ['rejectsNull', 'failed', 'handler_error'],
    ['returnsCycle', 'failed', 'handler_error'],
    ['returnsBigInt', 'failed', 'handler_error'],
    ['returnsTooMuch', 'failed', 'result_too_large'],
    ['returnsFunction', 'completed', undefined],
    ['returnsHalfCharacter', 'completed', undefined],
  ])('in an odd way is %s: %s', async (way, status, code) => {
    const job = await sluice.jobIn(await sluice.enqueue('test-odd', { way }, { maxAttempts: 1 }));
    expect(job.status).toBe(status);
    expect(job.lastError?.code).toBe(code);
  });
});

describe('in one batch', () => {
  test('a failing, a hanging and a throwing job never touch the others', async () => {
    const once = { maxAttempts: 1 };
    const echo = (/** @type {number} */ n) => ({ type: 'test-echo', payload: { n } });
    const [a, fatal, b, hanging, c, odd, d] = await enqueueAll(sluice, [
      echo(1),
      { type: 'test-fail', payload: { fatal: true }, ...once },
      echo(2),
      { type: 'test-hang', payload: {}, timeoutMs: 400, ...once },
      echo(3),
      { type: 'test-odd', payload: { way: 'throwsUndefined' }, ...once },
      echo(4),
    ]);
    for (const [n, id] of [a, b, c, d].entries()) {
      expect(await sluice.jobIn(id)).toMatchObject({
        status: 'completed',
        attempts: 1,
        result: { n: n + 1 },
      });
    }
    expect(await sluice.jobIn(fatal)).toMatchObject({
      status: 'failed',
      lastError: { code: 'told_to_fail' },
    });
    expect(await sluice.jobIn(odd)).toMatchObject({ status: 'failed' });
    expect(await sluice.jobIn(hanging)).toMatchObject({
      status: 'failed',
      attempts: 1,
      lastError: { code: 'timeout', message: 'Not done within 400 ms.', retryable: true },
    });
  });

  test('a slow job does not hold the results of the others', async () => {
    const [slow, ...fast] = await enqueueAll(sluice, [
      { type: 'test-witness', payload: { ms: 4000 } },
      ...[1, 2, 3].map((n) => ({ type: 'test-echo', payload: { n } })),
    ]);
    await until(() => allIn(sluice, fast, 'completed'));
    expect((await sluice.job(slow)).status).toBe('processing');
    expect(await sluice.jobIn(slow)).toMatchObject({ status: 'completed', attempts: 1 });
    expect(await eventsOf(sluice, slow)).toEqual(ONCE);
  });
});

describe('a running job', () => {
  test('is told by its signal that its time is over; that is an attempt', async () => {
    const id = await sluice.enqueue('test-witness', { ms: [20000, 0] }, { timeoutMs: 300, maxAttempts: 2 });
    expect(await sluice.jobIn(id)).toMatchObject({ status: 'completed', attempts: 2 });
    expect(await eventsOf(sluice, id)).toEqual(['begin', 'Not done within 300 ms.', ...ONCE]);
    expect((await sluice.attempts(id))[0]).toMatchObject({
      attempt: 1,
      outcome: 'failed',
      error: { code: 'timeout' },
    });
  });

  test('is told by its signal that it was cancelled, and stays cancelled', async () => {
    const id = await sluice.enqueue('test-witness', { ms: 20000 });
    await until(async () => (await eventsOf(sluice, id)).length === 1);
    const { status, body } = await sluice.call(`/jobs/${id}`, { method: 'DELETE' });
    expect([status, body.status]).toEqual([200, 'cancelled']);
    await until(async () => (await eventsOf(sluice, id)).length === 2);
    expect(await eventsOf(sluice, id)).toEqual(['begin', 'The job was cancelled.']);
    // The worker has said that it is over: nothing waits for its lease any more.
    await until(async () => (await rowOf(sluice, id)).lease_until === null);
    await sluice.send('JOB_QUEUE', wake(id));
    await sluice.tick();
    await sleep(300);
    expect(await sluice.job(id)).toMatchObject({ status: 'cancelled', attempts: 1, result: null });
    expect(await eventsOf(sluice, id)).toHaveLength(2);
  });

  test('that finishes although it was cancelled stays cancelled', async () => {
    const id = await sluice.enqueue('test-witness', { ms: 600, ignoreAbort: true });
    await until(async () => (await eventsOf(sluice, id)).length === 1);
    await sluice.call(`/jobs/${id}`, { method: 'DELETE' });
    await until(async () => (await eventsOf(sluice, id)).length === 2);
    await sleep(300);
    expect(await sluice.job(id)).toMatchObject({ status: 'cancelled', result: null });
  });

  test('that was cancelled and is retried runs again when its handler has stopped, and only then', async () => {
    const id = await sluice.enqueue('test-witness', { ms: [20000, 0] });
    await until(async () => (await eventsOf(sluice, id)).length === 1);
    await sluice.call(`/jobs/${id}`, { method: 'DELETE' });
    const retried = await sluice.call(`/jobs/${id}/retry`, { method: 'POST' });
    expect(retried).toMatchObject({ status: 200, body: { status: 'pending', attempts: 0 } });
    // Its own message comes when the lease is over at the latest; others may come before.
    await until(async () => {
      await sluice.send('SCRAPING_QUEUE', wake(id), { contentType: 'json' });
      await sleep(200);
      return allIn(sluice, [id], 'completed');
    });
    const stopped = expect.stringMatching(/^The (job was cancelled|lease was lost)\.$/);
    expect(await eventsOf(sluice, id)).toEqual(['begin', stopped, ...ONCE]);
    expect(await rowOf(sluice, id)).toMatchObject({ attempts: 1, fence: 2, losses: 0 });
  });
});

describe('a message that comes more than once', () => {
  test('runs its job once, in one batch or in several', async () => {
    const ids = await enqueueAll(sluice, [
      { type: 'test-witness', payload: { ms: 300 }, delaySeconds: 3600 },
    ]);
    const [id] = ids;
    await sluice.rows(`UPDATE jobs SET run_at = 1 WHERE id = ?`, id);
    await sluice.env.JOB_QUEUE.sendBatch([1, 2, 3].map(() => ({ body: wake(id), contentType: 'json' })));
    await until(() => allIn(sluice, ids, 'completed'));
    await sluice.send('JOB_QUEUE', wake(id), { contentType: 'json' });
    await sleep(300);
    expect(await eventsOf(sluice, id)).toEqual(ONCE);
    expect(await rowOf(sluice, id)).toMatchObject({ status: 'completed', attempts: 1, fence: 1 });
  });

  test('runs its job once when three queues deliver it at the same time', async () => {
    const ids = await enqueueAll(
      sluice,
      Array.from({ length: 20 }, () => ({ type: 'test-witness', payload: { ms: 200 }, delaySeconds: 3600 })),
    );
    await sluice.rows(
      `UPDATE jobs SET run_at = 1 WHERE id IN (SELECT value FROM json_each(?))`,
      JSON.stringify(ids),
    );
    const body = { jobs: ids.map((id) => wake(id)) };
    const queues = ['JOB_QUEUE', 'SCRAPING_QUEUE', 'PRIORITY_SCRAPING_QUEUE'];
    await Promise.all(queues.map((queue) => sluice.send(queue, body, { contentType: 'json' })));
    await until(() => allIn(sluice, ids, 'completed'));
    await sleep(300);
    for (const id of ids) {
      expect(await eventsOf(sluice, id)).toEqual(ONCE);
      expect(await rowOf(sluice, id)).toMatchObject({ attempts: 1, fence: 1 });
    }
  });

  test('before its time is waited for, without an attempt', async () => {
    const id = await sluice.enqueue('test-witness', {}, { delaySeconds: 2 });
    await sluice.send('JOB_QUEUE', wake(id), { contentType: 'json' });
    await sleep(500);
    expect(await rowOf(sluice, id)).toMatchObject({ status: 'delayed', attempts: 0, fence: 0 });
    expect(await sluice.jobIn(id)).toMatchObject({ status: 'completed', attempts: 1 });
    expect(await eventsOf(sluice, id)).toEqual(ONCE);
  });

  test('for a job that is not kept is acknowledged', async () => {
    const nobody = '01900000-0000-7000-8000-000000000000';
    const id = await sluice.enqueue('test-echo', {}, { delaySeconds: 3600 });
    await sluice.env.JOB_QUEUE.sendBatch(
      [wake(nobody), wake(id)].map((body) => ({ body, contentType: 'json' })),
    );
    await sleep(300);
    expect(await rowOf(sluice, nobody)).toBeUndefined();
    const [{ n }] = await sluice.rows('SELECT count(*) AS n FROM dead_letters WHERE job_id = ?', nobody);
    expect(n).toBe(0);
    expect(logged(nobody)).toEqual([]);
  });
});

test('the counters are what a full scan gives', () => expectCountersTrue(sluice));
