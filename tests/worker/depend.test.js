// Jobs that depend on others, over HTTP, through both workers: many on one, one on many, and what fails on the way.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSluice, until } from './harness.js';
import { allIn, enqueueAll, expectCountersTrue } from './record.js';

/** @type {import('./harness.js').Sluice} */
let sluice;
beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice?.stop());

test('one job gathers what many returned that all depend on one', async () => {
  const root = await sluice.enqueue('test-echo', { root: true }, { delaySeconds: 1 });
  const layer = [1, 2, 3].map((n) => ({ type: 'test-echo', payload: { n }, dependsOn: [root] }));
  const middle = await enqueueAll(sluice, layer);
  const { status, body } = await sluice.call('/jobs', {
    json: { type: 'test-gather', payload: {}, dependsOn: middle },
  });
  expect([status, body.status]).toEqual([201, 'blocked']);
  expect(await sluice.job(body.jobId)).toMatchObject({ status: 'blocked', dependsOn: middle, attempts: 0 });
  const job = await sluice.jobIn(body.jobId);
  expect(job.status).toBe('completed');
  expect(job.result).toEqual(
    middle.map((jobId, n) => ({ jobId, type: 'test-echo', status: 'completed', result: { n: n + 1 } })),
  );
  for (const id of middle) {
    expect(Date.parse((await sluice.job(id)).completedAt)).toBeLessThanOrEqual(Date.parse(job.startedAt));
  }
  await expectCountersTrue(sluice);
});

test('a handler enqueues many and one that depends on them', async () => {
  const first = await sluice.jobIn(
    await sluice.enqueue('test-fanout', { jobs: [1, 2].map((n) => ({ type: 'test-echo', payload: n })) }),
  );
  const { jobIds } = first.result;
  const second = await sluice.jobIn(
    await sluice.enqueue('test-fanout', { jobs: [{ type: 'test-gather', payload: {}, dependsOn: jobIds }] }),
  );
  const job = await sluice.jobIn(second.result.jobIds[0]);
  expect(job.result.map((/** @type {any} */ { result }) => result)).toEqual([1, 2]);
});

test('what fails cancels what depends on it, except what proceeds', async () => {
  const root = await sluice.enqueue('test-fail', { failures: 9 }, { maxAttempts: 1, delaySeconds: 1 });
  const [tame = '', brave = ''] = await enqueueAll(sluice, [
    { type: 'test-gather', payload: {}, dependsOn: [root] },
    { type: 'test-gather', payload: {}, dependsOn: [root], onDependencyFailure: 'proceed' },
  ]);
  const [last = ''] = await enqueueAll(sluice, [{ type: 'test-echo', payload: {}, dependsOn: [tame] }]);
  await until(() => allIn(sluice, [tame], 'cancelled'));
  const job = await sluice.jobIn(brave);
  expect(job).toMatchObject({
    status: 'completed',
    result: [{ jobId: root, type: 'test-fail', status: 'failed', result: null }],
  });
  await sluice.tick();
  expect(await sluice.job(last)).toMatchObject({
    status: 'cancelled',
    lastError: { code: 'dependency_failed', message: expect.stringContaining(tame), retryable: false },
  });
  await expectCountersTrue(sluice);
});

test('what does not exist is refused by its place, and nothing else of a batch', async () => {
  const jobs = [
    { type: 'test-echo', payload: {} },
    { type: 'test-echo', payload: {}, dependsOn: ['nobody'] },
  ];
  const { status, body } = await sluice.call('/jobs/batch', { json: { jobs } });
  expect(status).toBe(201);
  expect(body.jobs[0].jobId).toBeDefined();
  expect(body.jobs[1].error).toMatchObject({
    status: 422,
    errors: [{ path: '/jobs/1/dependsOn/0', code: 'unknown_job' }],
  });
  const one = await sluice.call('/jobs', { json: { ...jobs[1], onDependencyFailure: 'cancel' } });
  expect([one.status, one.body.errors[0].path]).toEqual([422, '/dependsOn/0']);
});
