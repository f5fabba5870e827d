// Polled jobs: the main worker's minute cron has the scraper take them from their lines, by RPC.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startSluice, until } from './harness.js';
import { allIn, enqueueAll, expectCountersTrue, rowOf } from './record.js';

/** @type {import('./harness.js').Sluice} */
let sluice;

beforeAll(async () => {
  sluice = await startSluice({ faults: true });
});
afterEach(async () => {
  await sluice.setFaults('sluice-scraper', []);
  await expectCountersTrue(sluice);
});
afterAll(() => sluice?.stop());

const polled = (/** @type {number} */ count, more = {}) =>
  Array.from({ length: count }, (_, n) => ({ type: 'test-polled', payload: { n }, ...more }));

test('a polled job sends no message and runs on the next tick, ten of a line on each', async () => {
  await sluice.takeCalls('sluice');
  const ids = await enqueueAll(sluice, polled(15));
  const doors = (await sluice.takeCalls('sluice')).map(({ door }) => door);
  expect(doors).toEqual(['DB']);
  const urgent = await sluice.enqueue('test-polled', { urgent: true }, { priority: 'urgent' });
  await sluice.tick();
  const done = await sluice.rows("SELECT id FROM jobs WHERE status = 'completed' ORDER BY id");
  expect(done.map(({ id }) => id)).toEqual([...ids.slice(0, 9), urgent]);
  await sluice.tick();
  expect(await allIn(sluice, ids, 'completed')).toBeTruthy();
  expect(await sluice.job(ids[0] ?? '')).toMatchObject({
    status: 'completed',
    attempts: 1,
    result: { n: 0 },
  });
});

test('a slow slot delays no other', async () => {
  const slow = await sluice.enqueue('test-polled-aside', { ms: 1500 });
  const quick = await sluice.enqueue('test-polled');
  const tick = sluice.tick();
  await sluice.jobIn(quick, 'completed', 1400);
  expect((await sluice.job(slow)).status).toBe('processing');
  await tick;
  expect((await sluice.job(slow)).status).toBe('completed');
});

test('a delayed one runs on the first tick after its time', async () => {
  const id = await sluice.enqueue('test-polled', {}, { delaySeconds: 0.5 });
  await sluice.tick();
  expect((await sluice.job(id)).status).toBe('delayed');
  await until(async () => {
    await sluice.tick();
    return (await sluice.job(id)).status === 'completed';
  });
});

test('three ticks at once give each job to one of them, though answers are lost', async () => {
  await sluice.setFaults('sluice-scraper', [
    { door: 'DB', method: 'batch', skip: 4, times: 3, when: 'after' },
  ]);
  const ids = await enqueueAll(sluice, polled(25));
  await Promise.all([sluice.tick(), sluice.tick(), sluice.tick()]);
  expect(await allIn(sluice, ids, 'completed')).toBeTruthy();
  const rows = await Promise.all(ids.map((id) => rowOf(sluice, id)));
  expect(
    rows.every(({ attempts, fence, held_by }) => attempts === 1 && fence === 1 && held_by === null),
  ).toBe(true);
});

test('a tick sweeps though the scraper cannot poll, and the next one polls', async () => {
  await sluice.setFaults('sluice-scraper', [{ door: 'DB', times: 1000, message: 'no such table' }]);
  const id = await sluice.enqueue('test-polled');
  await sluice.tick();
  expect((await sluice.job(id)).status).toBe('pending');
  await sluice.setFaults('sluice-scraper', []);
  await sluice.tick();
  expect((await sluice.job(id)).status).toBe('completed');
});
