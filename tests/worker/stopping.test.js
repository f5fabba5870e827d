// A worker that is told to stop hands back what it has leased, so that nobody waits for its leases.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSluice } from './harness.js';
import { expectCountersTrue } from './record.js';

/** @type {import('./harness.js').Sluice} */
let sluice;

beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice?.stop());

test('told to stop, a worker settles what ends soon, hands back what does not, and begins nothing', async () => {
  const quick = await sluice.enqueue('test-slow', { ms: 1500 });
  const long = await sluice.enqueue('test-slow', { ms: 60_000 }, { timeoutMs: 90_000 });
  await sluice.jobIn(quick, 'processing');
  await sluice.jobIn(long, 'processing');
  const began = Date.now();
  const stopped = sluice.server.getWorker('sluice').scheduled({ cron: 'stop' });
  const late = await sluice.enqueue('test-slow', { ms: 1 });
  expect((await stopped).outcome).toBe('ok');
  expect(Date.now() - began).toBeLessThan(20_000);
  expect(await sluice.job(quick)).toMatchObject({ status: 'completed', attempts: 1 });
  expect(await sluice.job(long)).toMatchObject({ status: 'pending', attempts: 0, leaseUntil: null });
  expect(await sluice.job(late)).toMatchObject({ status: 'pending', attempts: 0 });
  const [{ n }] = await sluice.rows('SELECT count(*) AS n FROM jobs WHERE lease_until IS NOT NULL');
  expect(n).toBe(0);
  await expectCountersTrue(sluice);
});
