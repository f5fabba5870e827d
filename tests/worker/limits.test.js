// Limits and pauses as users meet them: over HTTP and RPC, with real queues and both workers.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sleep, startSluice, until } from './harness.js';
import { allIn, enqueueAll, expectCountersTrue, makeWitness } from './record.js';

/** @type {import('./harness.js').Sluice} */
let sluice;

beforeAll(async () => {
  sluice = await startSluice();
  await makeWitness(sluice);
});
afterAll(() => sluice?.stop());

/** @param {string} name @param {'pause' | 'resume'} wish */
async function set(name, wish) {
  const response = await sluice.fetch(`/queues/${name}/${wish}`, { method: 'POST' });
  return { status: response.status, body: await response.json() };
}

/** The most runs of these jobs at one time. @param {string[]} ids */
async function together(ids) {
  const rows = await sluice.rows('SELECT job_id, event FROM test_runs ORDER BY rowid');
  let open = 0;
  let most = 0;
  for (const { job_id: id, event } of rows) {
    if (!ids.includes(id)) continue;
    open += event === 'begin' ? 1 : -1;
    most = Math.max(most, open);
  }
  return most;
}

test('jobs with one concurrency key run one after the other, others meanwhile', async () => {
  const keyed = { type: 'test-witness', payload: { ms: 100 }, concurrencyKey: 'door' };
  const free = { type: 'test-witness', payload: { ms: 400 } };
  const ids = await enqueueAll(sluice, [keyed, keyed, keyed, keyed, free, free]);
  await until(() => allIn(sluice, ids, 'completed'));
  expect(await together(ids.slice(0, 4))).toBe(1);
  expect(await together(ids)).toBeGreaterThan(1);
  const [row] = await sluice.rows("SELECT coalesce(sum(used), 0) AS used FROM gates WHERE key = 'c:door'");
  expect(row?.used).toBe(0);
  await expectCountersTrue(sluice);
});

test('a queue with a limit never runs more than that at once', async () => {
  const ids = await enqueueAll(
    sluice,
    Array.from({ length: 6 }, () => ({ type: 'test-limited', payload: { ms: 150 } })),
  );
  let most = 0;
  await until(async () => {
    const [row] = await sluice.rows(
      "SELECT count(*) AS n FROM jobs WHERE queue = 'test-limited' AND lease_until IS NOT NULL",
    );
    most = Math.max(most, Number(row?.n));
    return allIn(sluice, ids, 'completed');
  });
  expect(most).toBeLessThanOrEqual(2);
});

test('a rate spreads the starts of jobs, for each tenant its own', async () => {
  const job = (/** @type {string} */ tenant) => ({ type: 'test-rated-tenant', payload: {}, tenant });
  const ids = await enqueueAll(sluice, [...Array(4).fill(job('a')), ...Array(4).fill(job('b'))]);
  await until(() => allIn(sluice, ids, 'completed'));
  const starts = await Promise.all(ids.map(async (id) => Number((await sluice.job(id)).result.startedAt)));
  for (const own of [starts.slice(0, 4), starts.slice(4)]) {
    own.sort((a, b) => a - b);
    // A worker starts a job at its turn, or up to a second later: of four turns the last is 1.5 s behind the first.
    expect(Number(own[3]) - Number(own[0])).toBeGreaterThanOrEqual(500);
  }
  const rows = await sluice.rows(
    "SELECT tenant, run_at FROM jobs WHERE type = 'test-rated-tenant' ORDER BY tenant, run_at",
  );
  for (const [i, row] of rows.entries()) {
    if (i % 4 > 0) expect(Number(row.run_at) - Number(rows[i - 1]?.run_at)).toBeGreaterThanOrEqual(500);
  }
});

test('a paused queue takes jobs and starts none until it is resumed', async () => {
  expect(await set('test-limited', 'pause')).toMatchObject({
    status: 200,
    body: { name: 'test-limited', paused: true, concurrency: 2 },
  });
  const id = await sluice.enqueue('test-limited', {});
  await sleep(500);
  await sluice.tick();
  expect((await sluice.job(id)).status).toBe('pending');
  expect(await set('test-limited', 'resume')).toMatchObject({ status: 200, body: { paused: false } });
  await until(() => allIn(sluice, [id], 'completed'));
});

test('a host that is down is left alone, and probed when its breaker has cooled down', async () => {
  const visit = (/** @type {number} */ n, down = false) => ({
    type: 'test-reaching',
    payload: { page: `http://down.example/${n}`, down },
    maxAttempts: 1,
  });
  for (let n = 0; n < 5; n++) {
    const [id] = await enqueueAll(sluice, [visit(n, true)]);
    await until(() => allIn(sluice, [String(id)], 'failed'));
  }
  /** @param {string} path @returns {Promise<any>} */
  const get = async (path) => (await sluice.fetch(path)).json();
  const health = async () => (await get('/queue/health')).breakers;
  expect((await health()).map((/** @type {any} */ { key, state }) => `${key} ${state}`).sort()).toEqual([
    'h:down.example open',
    's:test open',
  ]);
  const ids = await enqueueAll(sluice, [visit(5), visit(6)]);
  await sluice.tick();
  expect(await allIn(sluice, ids, 'pending')).toBe(true);
  const { reasons } = await get(`/jobs/${ids[0]}/explain`);
  expect(reasons.at(-1).rule).toBe('breaker_open');
  await sluice.rows('UPDATE gates SET open_until = 1 WHERE open_until > 0 RETURNING key');
  expect((await health())[0].state).toBe('half_open');
  await sluice.tick();
  await until(() => allIn(sluice, ids.slice(0, 1), 'completed'));
  expect(await health()).toEqual([]);
  await sluice.tick();
  await until(() => allIn(sluice, ids, 'completed'));
});

test('a queue that nothing knows is not found', async () => {
  expect((await set('nobody', 'pause')).status).toBe(404);
  expect((await set('nobody', 'resume')).status).toBe(404);
});
