// A job whose type the scraper does not know: while a deployment is under way, a worker may be older than the one
// that accepted the job.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSluice, until } from './harness.js';
import { rowOf } from './record.js';

/** @type {import('./harness.js').Sluice} */
let sluice;

beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice?.stop());

test('a job whose type this worker does not know yet waits for another attempt', async () => {
  const id = await sluice.enqueue('test-noop', {}, { delaySeconds: 3600 });
  const due = 'UPDATE jobs SET type = ?1, run_at = 1, wake_at = 1 WHERE id = ?2';
  await sluice.env.DB.prepare(due).bind('test-of-tomorrow', id).run();
  await sluice.tick();
  await until(async () => (await rowOf(sluice, id)).last_error !== null);
  const row = await rowOf(sluice, id);
  expect(row).toMatchObject({ status: 'delayed', attempts: 1 });
  expect(JSON.parse(row.last_error)).toMatchObject({ code: 'unknown_type', retryable: true });
});
