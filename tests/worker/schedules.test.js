// Schedules over HTTP and the minute cron, in a real workerd.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSluice, tokens, until } from './harness.js';

/** @type {import('./harness.js').Sluice} */
let sluice;

beforeAll(async () => {
  sluice = await startSluice({ faults: true });
});
afterAll(() => sluice?.stop());

const daily = { cron: '30 6 * * 1-5', timezone: 'Europe/Berlin', type: 'test-echo', payload: { a: 1 } };

/** @param {string} name @param {unknown} json @param {object} [init] */
const put = (name, json, init) => sluice.call(`/schedules/${name}`, { method: 'PUT', json, ...init });

/** @param {string} name @param {number} ms by which its next tick comes earlier */
const hurry = (name, ms) =>
  sluice.rows('UPDATE schedules SET next_at = next_at - ?2 WHERE name = ?1 RETURNING next_at', name, ms);

/** @param {string} name @returns {Promise<any[]>} */
const jobsOf = async (name) => (await sluice.call(`/jobs?tag=schedule:${name}`)).body.jobs;

test('a schedule is set, read, listed, replaced and deleted', async () => {
  const made = await put('Morning mail', daily);
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ ...daily, name: 'Morning mail', priority: 5, lastRunAt: null });
  expect(new Date(made.body.nextRunAt).getUTCMinutes()).toBe(30);
  expect(Date.parse(made.body.nextRunAt)).toBeGreaterThan(Date.now());
  expect((await sluice.call('/schedules/Morning%20mail')).body).toEqual(made.body);
  expect((await sluice.call('/schedules')).body.schedules).toEqual([made.body]);
  const again = await put('Morning mail', { ...daily, priority: 'urgent' });
  expect(again).toMatchObject({ status: 200, body: { priority: 1, createdAt: made.body.createdAt } });
  const gone = await sluice.call('/schedules/Morning%20mail', { method: 'DELETE' });
  expect(gone).toMatchObject({ status: 200, body: { name: 'Morning mail' } });
  expect((await sluice.call('/schedules/Morning%20mail')).status).toBe(404);
  expect((await sluice.call('/schedules/Morning%20mail', { method: 'DELETE' })).status).toBe(404);
});

test('what cannot be a schedule is refused with every fault', async () => {
  const faults = async (/** @type {object} */ change) => {
    const { status, body } = await put('bad', { ...daily, ...change });
    return [status, ...body.errors.map((/** @type {any} */ { path, code }) => `${path} ${code}`)];
  };
  expect(await faults({ cron: '*/10 * * * * *' })).toEqual([422, '/cron fields']);
  expect(await faults({ cron: '@daily' })).toEqual([422, '/cron fields']);
  expect(await faults({ cron: '61 * * * *' })).toEqual([422, '/cron format']);
  expect(await faults({ cron: '0 0 31 2 *' })).toEqual([422, '/cron never']);
  expect(await faults({ timezone: 'Mars/Olympus', type: 'nobody' })).toEqual([
    422,
    '/timezone unknown_zone',
    '/type unknown_type',
  ]);
  expect(await faults({ priority: 11 })).toEqual([422, '/priority any_of']);
  expect((await put('n'.repeat(51), daily)).status).toBe(422);
  const text = await sluice.call('/schedules/bad', { method: 'PUT', body: '{' });
  expect(text.status).toBe(400);
});

test('who may only read sets nothing', async () => {
  expect((await put('own', daily, { token: tokens.read })).status).toBe(403);
  expect((await put('own', daily, { token: tokens.write })).status).toBe(201);
  expect((await sluice.call('/schedules', { token: tokens.read })).status).toBe(200);
  expect((await sluice.call('/schedules/own', { method: 'DELETE', token: tokens.write })).status).toBe(200);
});

test('ticks that were missed are caught up by one job, however many crons come together', async () => {
  await put('often', { cron: '* * * * *', type: 'test-echo', payload: { n: 7 } });
  await hurry('often', 5 * 3600_000);
  await Promise.all([sluice.tick(), sluice.tick(), sluice.tick()]);
  const [job, ...others] = await jobsOf('often');
  expect(others).toEqual([]);
  const done = await sluice.jobIn(job.jobId);
  expect(done).toMatchObject({ status: 'completed', payload: { n: 7 } });
  const { body } = await sluice.call('/schedules/often');
  expect(Date.parse(body.nextRunAt)).toBeGreaterThan(Date.parse(body.lastRunAt));
  expect(Date.parse(body.nextRunAt) - Date.parse(body.lastRunAt)).toBe(60_000);
  expect(Date.now() - Date.parse(body.lastRunAt)).toBeLessThan(130_000);
  await sluice.call('/schedules/often', { method: 'DELETE' });
});

test('a polled job of a schedule starts on the tick that enqueues it', async () => {
  await put('polled', { cron: '0 0 1 1 *', type: 'test-polled', payload: {} });
  const [{ next_at: at }] = await hurry('polled', 0);
  await hurry('polled', at - Date.now() + 1000);
  await sluice.tick();
  const job = await until(async () => (await jobsOf('polled'))[0], { what: 'the job' });
  expect(await sluice.jobIn(job.jobId)).toMatchObject({ status: 'completed' });
});

test('schedules that are not due cost a tick no round trip and next to no rows', async () => {
  const idle = async () => {
    await sluice.tick();
    await sluice.takeCalls('sluice');
    await sluice.tick();
    return sluice.takeCalls('sluice');
  };
  const [before] = await idle();
  for (let n = 0; n < 20; n++) await put(`idle${n}`, daily);
  const calls = await idle();
  expect(calls).toMatchObject([{ door: 'DB', rowsWritten: 1 }]);
  expect(calls[0]?.rowsRead).toBeLessThanOrEqual(Number(before?.rowsRead) + 2);
});
