// Leases: renewed while a job runs, lost when its worker is cut off, and what comes too late changes nothing.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sleep, startSluice, until } from './harness.js';
import {
  ageLease,
  allIn,
  enqueueAll,
  eventsOf,
  expectCountersTrue,
  makeWitness,
  ONCE,
  rowOf,
  wake,
} from './record.js';

/** @typedef {import('./harness.js').Fault} Fault */

const LEASE_MS = 1500;
/** Nobody takes over a lease before two clocks that differ by 10 s agree that it is over. */
const SKEW_MS = 10_000;

/** @type {import('./harness.js').Sluice} */
let sluice;

beforeAll(async () => {
  sluice = await startSluice({ faults: true, vars: { LEASE_MS: String(LEASE_MS) } });
  await makeWitness(sluice);
});
afterEach(() => sluice.setFaults('sluice-scraper', []));
afterAll(() => sluice?.stop());

/** @param {Partial<Fault>} fault @returns {Fault} */
const d1 = (fault) => ({ door: 'DB', method: 'batch', ...fault });
const LASTING = 1000;

/** @param {string} id @param {number} count */
const whenEvents = (id, count) => until(async () => (await eventsOf(sluice, id)).length >= count);

/** Makes the job's lease run out, however often it is renewed meanwhile. @param {string} id @param {number} losses */
const loseLease = (id, losses) =>
  until(async () => {
    await ageLease(sluice, id, LEASE_MS + SKEW_MS + 1000);
    await sluice.tick();
    return (await rowOf(sluice, id)).losses === losses;
  });

test('a lease is renewed while its job runs, for longer than lease and skew', async () => {
  const id = await sluice.enqueue('test-witness', { ms: LEASE_MS + SKEW_MS + 4000 });
  await whenEvents(id, 1);
  const first = await rowOf(sluice, id);
  const over = Date.now() + LEASE_MS + SKEW_MS + 200;
  while (Date.now() < over) {
    await sleep(800);
    await sluice.tick();
  }
  const later = await rowOf(sluice, id);
  expect(later).toMatchObject({ status: 'processing', fence: 1, losses: 0 });
  expect(later.lease_until - first.lease_until).toBeGreaterThan(10_000);
  await until(() => allIn(sluice, [id], 'completed'));
  expect(await rowOf(sluice, id)).toMatchObject({ attempts: 1, fence: 1, losses: 0, lease_until: null });
  expect(await eventsOf(sluice, id)).toEqual(ONCE);
});

test('a worker that cannot renew stops its handler as lost; the sweep has the job run again', async () => {
  await sluice.setFaults('sluice-scraper', [d1({ skip: 1, times: LASTING })]);
  const id = await sluice.enqueue('test-witness', { ms: [60_000, 0] });
  await whenEvents(id, 2);
  const stopped = await rowOf(sluice, id);
  expect(await eventsOf(sluice, id)).toEqual(['begin', 'The lease was lost.']);
  expect(Date.now()).toBeGreaterThanOrEqual(stopped.lease_until);
  await sluice.setFaults('sluice-scraper', []);
  // Not before the skew has passed: the worker might only be slow.
  await sluice.tick();
  expect(await rowOf(sluice, id)).toMatchObject({ status: 'processing', fence: 1 });
  await until(
    async () => {
      await sluice.tick();
      await sleep(400);
      return allIn(sluice, [id], 'completed');
    },
    { ms: 25_000 },
  );
  const row = await rowOf(sluice, id);
  expect(row).toMatchObject({ attempts: 1, fence: 2, losses: 1 });
  expect(row.started_at).toBeGreaterThanOrEqual(stopped.lease_until + SKEW_MS);
  expect(await eventsOf(sluice, id)).toEqual(['begin', 'The lease was lost.', ...ONCE]);
  expect(await sluice.attempts(id)).toMatchObject([
    { attempt: 1, outcome: 'lost', error: { code: 'lease_lost' } },
    { attempt: 1, outcome: 'completed' },
  ]);
});

describe.each([
  ['has finished', [0, 0]],
  ['is running', [0, 5000]],
])('a result that comes when a later lease %s', (_, ms) => {
  test('changes nothing', async () => {
    // The claim goes through, the settle takes 4 s to arrive, and no pulse renews the lease in between.
    const settle = d1({ skip: 1, delayMs: 4000, passes: true });
    await sluice.setFaults('sluice-scraper', [settle, d1({ skip: 2, times: LASTING })]);
    const id = await sluice.enqueue('test-witness', { ms });
    await whenEvents(id, 2);
    const late = sleep(4200);
    await loseLease(id, 1);
    await sluice.setFaults('sluice-scraper', []);
    // Locally a queue delivers one batch after the other, and the first is not over: another queue.
    await sluice.send('SCRAPING_QUEUE', wake(id), { contentType: 'json' });
    await whenEvents(id, 3);
    await late;
    if (ms[1])
      expect(await rowOf(sluice, id)).toMatchObject({ status: 'processing', fence: 2, result: null });
    await until(() => allIn(sluice, [id], 'completed'));
    expect(await rowOf(sluice, id)).toMatchObject({
      result: '{"run":2}',
      attempts: 1,
      fence: 2,
      losses: 1,
    });
    expect(await eventsOf(sluice, id)).toEqual([...ONCE, ...ONCE]);
  });
});

test('a handler that hears that its lease is lost stops, and the job that lost three is poison', async () => {
  const id = await sluice.enqueue('test-witness', { ms: 60_000 }, { maxAttempts: 5 });
  for (let losses = 1; losses <= 3; losses++) {
    await whenEvents(id, losses * 2 - 1);
    await loseLease(id, losses);
    await whenEvents(id, losses * 2);
  }
  const row = await rowOf(sluice, id);
  expect(row).toMatchObject({ status: 'failed', losses: 3, fence: 3, attempts: 0 });
  expect(JSON.parse(row.last_error)).toMatchObject({ code: 'poison', retryable: false });
  expect(await eventsOf(sluice, id)).toEqual(Array(3).fill(['begin', 'The lease was lost.']).flat());
  await until(async () => {
    const [letter] = await sluice.rows('SELECT buried_at FROM dead_letters WHERE id = ?', id);
    return letter?.buried_at > 0;
  });
  await until(() => sluice.logs('jobs.dead').some((line) => JSON.stringify(line).includes(id)));
});

test('a job that lost two leases runs when the others of its batch are done', async () => {
  const ids = await enqueueAll(
    sluice,
    [0, 700, 700].map((ms) => ({ type: 'test-witness', payload: { ms }, delaySeconds: 3600 })),
  );
  await sluice.rows(
    'UPDATE jobs SET run_at = 1 WHERE id IN (SELECT value FROM json_each(?))',
    JSON.stringify(ids),
  );
  const [suspect = '', ...others] = ids;
  await sluice.rows('UPDATE jobs SET losses = 2 WHERE id = ?', suspect);
  const bodies = ids.map((id) => wake(id));
  await sluice.env.JOB_QUEUE.sendBatch(bodies.map((body) => ({ body, contentType: 'json' })));
  await until(() => allIn(sluice, ids, 'completed'));
  const at = async (/** @type {string} */ id, /** @type {string} */ event) => {
    const [row] = await sluice.rows('SELECT at FROM test_runs WHERE job_id = ? AND event = ?', id, event);
    return row.at;
  };
  for (const id of others) expect(await at(suspect, 'begin')).toBeGreaterThanOrEqual(await at(id, 'end'));
});

test('progress told while an earlier one is on its way is not lost', async () => {
  await sluice.setFaults('sluice-scraper', [d1({ skip: 1, delayMs: 400, passes: true })]);
  const id = await sluice.enqueue('test-progress', { ms: 2500 });
  const seen = new Set();
  await until(async () => {
    const { status, progress } = await rowOf(sluice, id);
    seen.add(progress);
    return status === 'completed';
  });
  expect([...seen]).toContain(20);
});

test('the counters are what a full scan gives', () => expectCountersTrue(sluice));
