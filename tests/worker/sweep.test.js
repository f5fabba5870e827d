// The minute sweep: it finds what no message carries, and leaves alone what is on its way.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { sleep, startSluice, until } from './harness.js';
import { allIn, enqueueAll, eventsOf, expectCountersTrue, makeWitness, ONCE, rowOf, wake } from './record.js';

/** @type {import('./harness.js').Sluice} */
let sluice;

beforeAll(async () => {
  sluice = await startSluice({ faults: true });
  await makeWitness(sluice);
});
afterEach(() => sluice.setFaults('sluice', []));
afterAll(() => sluice?.stop());

const RESEND_AFTER_MS = 1000;
const lost = { door: 'JOB_QUEUE', times: 1000 };
const witness = (/** @type {number} */ count, payload = {}) =>
  Array.from({ length: count }, () => ({ type: 'test-witness', payload }));

/** @returns {Promise<number>} messages that main has sent to background-jobs since it was asked last */
async function sent() {
  const calls = await sluice.takeCalls('sluice');
  return calls.filter(({ door }) => door === 'JOB_QUEUE').reduce((sum, { size }) => sum + size, 0);
}

/** Jobs whose messages were never sent. @param {number} count @param {object} [payload] */
async function enqueueLost(count, payload) {
  await sluice.setFaults('sluice', [lost]);
  const ids = await enqueueAll(sluice, witness(count, payload));
  await sluice.setFaults('sluice', []);
  await sent();
  return ids;
}

/** @param {string[]} ids */
async function expectEachOnce(ids) {
  const events = await sluice.rows(
    `SELECT job_id, group_concat(event) AS events FROM
     (SELECT job_id, event FROM test_runs WHERE job_id IN (SELECT value FROM json_each(?)) ORDER BY rowid)
     GROUP BY job_id`,
    JSON.stringify(ids),
  );
  expect(events).toHaveLength(ids.length);
  expect(events.filter((row) => row.events !== ONCE.join())).toEqual([]);
}

test('a job that was never sent is sent, but not before its message may be thought lost', async () => {
  const [id = ''] = await enqueueLost(1);
  await sluice.tick();
  expect(await sent()).toBe(0);
  await sleep(RESEND_AFTER_MS + 100);
  await sluice.tick();
  expect(await sent()).toBe(1);
  await until(() => allIn(sluice, [id], 'completed'));
  await expectEachOnce([id]);
  const row = await rowOf(sluice, id);
  expect(row).toMatchObject({ wake_at: null, losses: 0, fence: 1 });
  expect(sluice.logs('job.rescued').filter(({ jobId }) => jobId === id)).toHaveLength(1);
});

test('what was sent again is on its way: the next tick leaves it alone', async () => {
  // The queue is busy with a slow job, as with a backlog.
  const [slow = ''] = await enqueueAll(sluice, witness(1, { ms: 2500 }));
  await until(async () => (await eventsOf(sluice, slow)).length === 1);
  const ids = await enqueueLost(3);
  await sleep(RESEND_AFTER_MS + 100);
  await Promise.all([sluice.tick(), sluice.tick(), sluice.tick()]);
  await sluice.tick();
  expect(await sent()).toBe(3);
  await until(() => allIn(sluice, [slow, ...ids], 'completed'));
  await expectEachOnce([slow, ...ids]);
});

test('jobs by the thousand are sent in one tick', async () => {
  const ids = await enqueueLost(1000);
  const more = await enqueueLost(100);
  await sleep(RESEND_AFTER_MS + 100);
  await sluice.tick();
  expect(await sent()).toBe(1100);
  await until(() => allIn(sluice, [...ids, ...more], 'completed'), { ms: 45_000 });
  await expectEachOnce([...ids, ...more]);
});

test('a job further away than a queue can delay is sent when its time is near', async () => {
  const runAt = new Date(Date.now() + 48 * 3_600_000).toISOString();
  await sent();
  const id = await sluice.enqueue('test-witness', {}, { runAt });
  expect(await sent()).toBe(0);
  const row = await rowOf(sluice, id);
  expect(row).toMatchObject({ status: 'delayed', run_at: Date.parse(runAt) });
  expect(row.wake_at).toBeLessThan(row.run_at);
  expect(row.wake_at).toBeGreaterThan(row.run_at - 600_000);
  await sluice.tick();
  expect(await sent()).toBe(0);
  // Two days later.
  const soon = Date.now() + 2000;
  await sluice.rows('UPDATE jobs SET wake_at = wake_at - run_at + ?2, run_at = ?2 WHERE id = ?1', id, soon);
  await sluice.tick();
  expect(await sent()).toBe(1);
  await until(() => allIn(sluice, [id], 'completed'));
  expect((await rowOf(sluice, id)).started_at).toBeGreaterThanOrEqual(soon);
  await expectEachOnce([id]);
});

test('a job whose message the platform gave up on lives, and is sent anew', async () => {
  const ids = await enqueueLost(2);
  await sluice.env.JOB_DLQ.sendBatch(ids.map((id) => ({ body: wake(id), contentType: 'json' })));
  await until(async () => (await rowOf(sluice, ids[1] ?? '')).wake_at !== null);
  expect(await allIn(sluice, ids, 'pending')).toBe(true);
  await sluice.tick();
  await until(() => allIn(sluice, ids, 'completed'));
  await expectEachOnce(ids);
  const letters = await sluice.rows('SELECT id FROM dead_letters');
  expect(letters.filter(({ id }) => ids.includes(id))).toEqual([]);
});

test('a running job is left alone, also when the platform gives up on its message', async () => {
  await sent();
  const [id = ''] = await enqueueAll(sluice, witness(1, { ms: 2500 }));
  await until(async () => (await eventsOf(sluice, id)).length === 1);
  await sluice.send('JOB_DLQ', wake(id), { contentType: 'json' });
  await sleep(RESEND_AFTER_MS + 200);
  await sluice.tick();
  await sluice.tick();
  expect(await sent()).toBe(1);
  await until(() => allIn(sluice, [id], 'completed'));
  await expectEachOnce([id]);
  expect(await rowOf(sluice, id)).toMatchObject({ fence: 1, losses: 0 });
});

test('a retry whose message is lost is sent when its time has come', async () => {
  const backoff = { type: 'fixed', delay: 1500, jitter: 0 };
  await sluice.setFaults('sluice-scraper', [lost]);
  const ids = await enqueueAll(
    sluice,
    [1, 2].map(() => ({ type: 'test-fail', payload: { failures: 1 }, backoff })),
  );
  await until(() => allIn(sluice, ids, 'delayed'));
  await sluice.setFaults('sluice-scraper', []);
  const { run_at: runAt } = await rowOf(sluice, ids[0] ?? '');
  await until(async () => {
    await sluice.tick();
    return allIn(sluice, ids, 'completed');
  });
  for (const id of ids) {
    const row = await rowOf(sluice, id);
    expect(row).toMatchObject({ attempts: 2, fence: 2, losses: 0 });
    expect(row.started_at).toBeGreaterThanOrEqual(runAt);
  }
});

test('the counters are what a full scan gives', () => expectCountersTrue(sluice));
