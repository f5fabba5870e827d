// kill -9 of the whole local system while a thousand jobs run, twice, each time started again on the same state:
// every job becomes final, and none is completed twice.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LocalSystem, removeTemplate, sleep } from '../faults/local-system.js';

const JOBS = 1000;

/** @type {LocalSystem} */
let system;

const stats = () => system.api.get('/stats');
const states = () => system.rows('SELECT status, count(*) AS n FROM jobs GROUP BY status');

/** Ticks the sweep until the record says so. @param {string} what @param {(stats: any) => boolean} enough */
async function sweepUntil(what, enough) {
  let last;
  try {
    await system.until(what, 90_000, async () => {
      await system.tick();
      last = await stats();
      return enough(last);
    });
  } catch (error) {
    throw new Error(`${/** @type {Error} */ (error).message}\n${JSON.stringify(last)}`);
  }
}

beforeAll(async () => {
  system = await LocalSystem.make();
  await system.start();
}, 120_000);

afterAll(async () => {
  await system.dispose();
  await removeTemplate();
});

test('kill -9 while 1000 jobs run loses none and completes none twice', { timeout: 180_000 }, async () => {
  const jobs = Array.from({ length: JOBS }, () => ({ type: 'test-witness', payload: { ms: 40 } }));
  const { jobs: accepted } = await system.api.post('/jobs/batch', { jobs });
  const ids = accepted.map((/** @type {any} */ { jobId }) => jobId);
  expect(new Set(ids).size).toBe(JOBS);

  await system.until('the first completed jobs', 60_000, async () => (await stats()).completed >= 100);
  await system.kill();
  const first = states();
  const cut = system.rows(`SELECT count(*) AS n FROM jobs WHERE status = 'processing'`)[0].n;
  expect(cut).toBeGreaterThan(0);

  await system.start();
  const done = (/** @type {any[]} */ list) => list.find(({ status }) => status === 'completed')?.n ?? 0;
  await sweepUntil('work after the first crash', ({ completed, processing }) => {
    return completed >= done(first) + 100 && processing > 0;
  });
  await system.kill();
  const second = states();
  expect(done(second)).toBeLessThan(JOBS);

  await system.start();
  await sweepUntil(
    'every job',
    ({ completed, failed, cancelled }) => completed + failed + cancelled === JOBS,
  );
  // Whatever is still in the queues has its time to do damage.
  await sleep(1500);
  await system.tick();
  await system.kill();

  expect(states()).toEqual([{ status: 'completed', n: JOBS }]);
  const kept = new Set(system.rows('SELECT id FROM jobs').map(({ id }) => id));
  expect(ids.filter((/** @type {string} */ id) => !kept.has(id))).toEqual([]);
  const completions = system.rows(
    'SELECT count(*) AS n, count(DISTINCT job_id) AS jobs FROM test_completions',
  );
  expect(completions).toEqual([{ n: JOBS, jobs: JOBS }]);
  expect(system.rows('SELECT * FROM test_overwrites')).toEqual([]);
  // A job runs again only if its lease was lost.
  const again = system.rows(
    `SELECT id FROM jobs WHERE losses + 1 <
     (SELECT count(*) FROM test_runs WHERE job_id = jobs.id AND event = 'begin')`,
  );
  expect(again).toEqual([]);
  expect(
    system.rows(`SELECT completed, processing, pending, attempts FROM counters WHERE type = 'test-witness'`),
  ).toEqual([{ completed: JOBS, processing: 0, pending: 0, attempts: JOBS }]);
  const [{ n: lost }] = system.rows('SELECT count(*) AS n FROM jobs WHERE losses > 0');
  console.log(
    `after the crashes: ${JSON.stringify(first)}, ${JSON.stringify(second)}; ${lost} jobs lost a lease`,
  );
});
