// Retention in real workerd: jobs leave the record with all that belongs to them, and are still counted.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sleep, startSluice, until } from './harness.js';
import { allIn, enqueueAll, expectCountersTrue, rowOf } from './record.js';

// 3456 and 6048 ms.
const COMPLETED_DAYS = '0.00004';
const FAILED_DAYS = '0.00007';
const COMPLETED_MS = 3456;
const FAILED_MS = 6048;

/** @type {import('./harness.js').Sluice} */
let sluice;

beforeAll(async () => {
  sluice = await startSluice({
    faults: true,
    vars: {
      RETENTION_COMPLETED_DAYS: COMPLETED_DAYS,
      RETENTION_FAILED_DAYS: FAILED_DAYS,
    },
  });
});
afterAll(() => sluice?.stop());

/** @param {string} table */
async function size(table) {
  const [row] = await sluice.rows(`SELECT count(*) AS n FROM ${table}`);
  return row.n;
}

/** Ticks until nothing of the jobs is left. */
async function untilGone() {
  await until(
    async () => {
      await sluice.tick();
      return (await size('jobs')) === 0;
    },
    { ms: 45_000 },
  );
}

test('completed and failed jobs are removed in their time, and counted as pruned', async () => {
  const long = 'x'.repeat(6000);
  const jobs = Array.from({ length: 40 }, (_, n) => ({
    type: 'test-echo',
    payload: { n, long },
    uniqueKey: `once-${n}`,
  }));
  const ids = await enqueueAll(sluice, jobs);
  const dead = await sluice.enqueue('test-fail', { failures: 9 }, { maxAttempts: 1 });
  await until(() => allIn(sluice, ids, 'completed'));
  await until(() => allIn(sluice, [dead], 'failed'));
  expect(await size('bodies')).toBeGreaterThanOrEqual(ids.length);
  await sluice.tick();
  await untilGone();
  for (const table of ['bodies', 'unique_keys', 'dead_letters'])
    expect([table, await size(table)]).toEqual([table, 0]);
  const { body } = await sluice.call('/stats');
  expect(body).toMatchObject({ total: 0, completed: 0, failed: 0, pruned: ids.length + 1 });
  expect((await sluice.call(`/jobs/${ids[0]}`)).status).toBe(404);
  await expectCountersTrue(sluice);
  // The same key is free again.
  const again = await sluice.call('/jobs', { json: jobs[0] });
  expect(again.status).toBe(201);
  await untilGone();
});

test('a round costs rows for the jobs that it removes, and none for the jobs that it leaves', async () => {
  const waiting = await enqueueAll(
    sluice,
    Array.from({ length: 300 }, () => ({ type: 'test-echo', payload: {}, delaySeconds: 3600 })),
  );
  await sleep(COMPLETED_MS);
  // The walk passes all that waits, once.
  for (let n = 0; n < 3; n++) await sluice.tick();
  await sluice.takeCalls('sluice');
  await sluice.tick();
  const idle = await sluice.takeCalls('sluice');
  expect(idle).toMatchObject([{ door: 'DB', rowsWritten: 1 }]);
  expect(idle[0]?.rowsRead).toBeLessThan(100);
  expect(await size('jobs')).toBe(waiting.length);

  // What becomes final behind the walk has its time noted.
  const [first = ''] = waiting;
  expect((await sluice.call(`/jobs/${first}`, { method: 'DELETE' })).status).toBe(200);
  await sluice.tick();
  const row = await rowOf(sluice, first);
  expect(row.prune_at - row.completed_at).toBe(FAILED_MS);
  await until(async () => {
    await sluice.tick();
    return (await size('jobs')) === waiting.length - 1;
  });
  await expectCountersTrue(sluice);
});
