// RPC as another worker calls it: through service bindings with and without an entrypoint.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSluice } from './harness.js';

const caller = {
  name: 'caller',
  main: path.join(path.dirname(fileURLToPath(import.meta.url)), 'entries/caller.js'),
  compatibility_date: '2026-11-01',
  services: [
    { binding: 'QUEUE', service: 'sluice', entrypoint: 'QueueService' },
    { binding: 'QUEUE_BY_DEFAULT', service: 'sluice' },
  ],
};

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const NOBODY = '01900000-0000-7000-8000-000000000000';
const later = { delaySeconds: 3600 };

/** @type {import('./harness.js').Sluice} */
let sluice;

/**
 * Calls a method from the other worker.
 *
 * @param {string} binding
 * @param {string} method
 * @param {unknown[]} args
 * @returns {Promise<{ value?: any, error?: any }>} error: what the caller sees of it
 */
async function ask(binding, method, args) {
  const body = JSON.stringify({ binding, method, args });
  const response = await sluice.server.getWorker('caller').fetch('/', { method: 'POST', body });
  return /** @type {Promise<any>} */ (response.json());
}

/** @param {{ value?: any, error?: any }} answer @param {string} code @param {number} status */
function expectError({ value, error }, code, status) {
  expect(value).toBeUndefined();
  expect(error.own).toMatchObject({ code, status });
  expect(error.isError).toBe(true);
  expect(error.message).toMatch(/\w.*\.$/);
  return error.own.errors;
}

describe('with both workers running', () => {
  beforeAll(async () => {
    sluice = await startSluice({ faults: true, others: [caller] });
  });
  afterAll(() => sluice?.stop());

  describe.each(['QUEUE', 'QUEUE_BY_DEFAULT'])('over the binding %s', (binding) => {
    /** @param {string} method @param {...unknown} args */
    const call = async (method, ...args) => {
      const { value, error } = await ask(binding, method, args);
      if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
      return value;
    };
    /** @param {string} method @param {...unknown} args */
    const fail = (method, ...args) => ask(binding, method, args);

    test('enqueue gives the id of a job that is then done', async () => {
      const id = await call('enqueue', { type: 'test-echo', payload: { a: 1 }, tags: ['rpc'] });
      expect(id).toMatch(ID);
      await sluice.jobIn(id, 'completed');
      const job = await call('getJob', id);
      expect(job).toEqual(await sluice.job(id));
      expect(job).toMatchObject({ result: { a: 1 }, tags: ['rpc'] });
    });

    test('enqueue with a known key gives the first id', async () => {
      const job = { type: 'test-noop', payload: {}, ...later, uniqueKey: `rpc ${binding}` };
      expect(await call('enqueue', job)).toBe(await call('enqueue', job));
    });

    test('every fault of a job reaches the caller', async () => {
      const errors = expectError(await fail('enqueue', { type: 'nothing', priority: 0 }), 'invalid', 422);
      expect(errors.map((/** @type {any} */ fault) => fault.path).sort()).toEqual([
        '/payload',
        '/priority',
        '/type',
      ]);
      expect(errors[0]).toEqual({
        path: expect.any(String),
        code: expect.any(String),
        message: expect.any(String),
      });
      for (const none of [null, 'text', []]) expectError(await fail('enqueue', none), 'invalid', 422);
      expectError(await fail('enqueue'), 'invalid', 422);
    });

    test('a payload that JSON cannot carry is invalid', async () => {
      const errors = expectError(
        await fail('enqueue', { type: 'test-noop', payload: '\ud800' }),
        'invalid',
        400,
      );
      expect(errors).toMatchObject([{ code: 'lone_surrogate' }]);
    });

    test('a payload over 1 MiB is too large', async () => {
      const job = { type: 'test-noop', payload: 'x'.repeat(1024 * 1024) };
      expectError(await fail('enqueue', job), 'too_large', 413);
    });

    test('enqueueMany answers in order', async () => {
      const job = { type: 'test-noop', payload: {}, ...later };
      const results = await call('enqueueMany', [job, { type: 'nothing', payload: {} }, job]);
      const made = { jobId: expect.stringMatching(ID), status: 'delayed' };
      expect(results).toEqual([made, { error: expect.objectContaining({ status: 422 }) }, made]);
      expect(await call('enqueueMany', [])).toEqual([]);
      expectError(await fail('enqueueMany', new Array(1001).fill(job)), 'invalid', 422);
      expectError(await fail('enqueueMany', job), 'invalid', 422);
    });

    test('enqueueScrapeRequest says the job in the words of the envelope', async () => {
      const id = await call('enqueueScrapeRequest', {
        url: 'https://hotel.example/rooms',
        scrapeType: 'hotel',
        options: { maxPages: 2 },
        context: { query: 'rooms', place: 'Lyon' },
        metadata: {
          priority: 'low',
          maxRetries: 4,
          timeoutMs: 9000,
          correlationId: 'c',
          userId: 'u',
          sessionId: 's',
        },
      });
      expect(await call('getJob', id)).toMatchObject({
        type: 'scrape_request',
        queue: 'scraping-tasks',
        payload: {
          url: 'https://hotel.example/rooms',
          scrapeType: 'hotel',
          options: { maxPages: 2 },
          context: { query: 'rooms', place: 'Lyon' },
        },
        priority: 8,
        maxAttempts: 5,
        timeoutMs: 9000,
        correlationId: 'c',
        userId: 'u',
        sessionId: 's',
      });
      await fail('cancelJob', id);
    });

    test('what enqueueScrapeRequest is not told follows from the type', async () => {
      const id = await call('enqueueScrapeRequest', { url: 'https://hotel.example/', scrapeType: 'general' });
      expect(await call('getJob', id)).toMatchObject({ priority: 5, maxAttempts: 4, correlationId: id });
      await fail('cancelJob', id);
    });

    test('faults of a scrape request point into it', async () => {
      const request = { url: 5, scrapeType: 'car', metadata: { priority: 0, maxRetries: 1000 } };
      const errors = expectError(await fail('enqueueScrapeRequest', request), 'invalid', 422);
      const paths = errors.map((/** @type {any} */ fault) => fault.path);
      expect([...new Set(paths)].sort()).toEqual([
        '/metadata/maxRetries',
        '/metadata/priority',
        '/scrapeType',
        '/url',
      ]);
      expectError(await fail('enqueueScrapeRequest'), 'invalid', 422);
      const odd = { url: 'https://a.example/', scrapeType: 'general', metadata: { maxRetries: '3' } };
      expect(expectError(await fail('enqueueScrapeRequest', odd), 'invalid', 422)).toMatchObject([
        { path: '/metadata/maxRetries' },
      ]);
    });

    test('getJob gives null for no job', async () => {
      expect(await call('getJob', NOBODY)).toBeNull();
      expect(await call('getJob', '\ud800\0')).toBeNull();
      expect(await call('getJob')).toBeNull();
    });

    test('lists filter and page', async () => {
      const tag = `list ${binding}`;
      const ids = [];
      for (let n = 0; n < 5; n++) {
        ids.unshift(await call('enqueue', { type: 'test-noop', payload: { n }, tags: [tag], ...later }));
      }
      const idsOf = (/** @type {any[]} */ jobs) => jobs.map((job) => job.jobId);
      expect(idsOf(await call('listJobs', { tag }))).toEqual(ids);
      expect(idsOf(await call('listJobs', { tag, status: 'delayed', limit: 2, offset: 1 }))).toEqual(
        ids.slice(1, 3),
      );
      expect(await call('listJobs', { tag, status: 'failed' })).toEqual([]);
      const seen = [];
      let cursor = null;
      do {
        const page = await call('listJobsPage', { tag, limit: 2, cursor });
        expect(Object.keys(page).sort()).toEqual(['jobs', 'nextCursor']);
        seen.push(...idsOf(page.jobs));
        cursor = page.nextCursor;
      } while (cursor);
      expect([cursor, seen]).toEqual([null, ids]);
      expect((await call('listJobs')).length).toBeGreaterThanOrEqual(5);
      const errors = expectError(await fail('listJobs', { limit: 501, status: 'done' }), 'invalid', 422);
      expect(errors.map((/** @type {any} */ fault) => fault.path).sort()).toEqual(['/limit', '/status']);
    });

    test('cancelJob and retryJob give the job, or say why not', async () => {
      const id = await call('enqueue', { type: 'test-noop', payload: {}, ...later });
      expect(await call('cancelJob', id)).toMatchObject({ jobId: id, status: 'cancelled' });
      expect(expectError(await fail('cancelJob', id), 'conflict', 409)).toEqual([]);
      expect(await call('retryJob', id)).toMatchObject({ jobId: id, status: 'pending', attempts: 0 });
      await sluice.jobIn(id, 'completed');
      expectError(await fail('retryJob', id), 'conflict', 409);
      expectError(await fail('cancelJob', NOBODY), 'not_found', 404);
      expectError(await fail('retryJob', NOBODY), 'not_found', 404);
    });

    test('figures are those of HTTP', async () => {
      expect(await call('getStats')).toEqual((await sluice.call('/stats')).body);
      expect(Object.keys(await call('getQueueHealth'))).toEqual(
        Object.keys((await sluice.call('/queue/health')).body),
      );
      expect(await call('healthCheck')).toMatchObject({ status: 'healthy', checks: { database: {} } });
    });

    test('pauseQueue and resumeQueue give the queue, or say that there is none', async () => {
      const name = 'test-limited';
      expect(await call('pauseQueue', name)).toMatchObject({ name, paused: true, concurrency: 2 });
      const id = await call('enqueue', { type: name, payload: {} });
      expect(await call('getJob', id)).toMatchObject({ status: 'pending', attempts: 0 });
      expect(await call('resumeQueue', name)).toMatchObject({ name, paused: false });
      await sluice.jobIn(id, 'completed');
      expectError(await fail('pauseQueue', 'nobody'), 'not_found', 404);
      expectError(await fail('resumeQueue', 'nobody'), 'not_found', 404);
    });

    test('chat leads to jobs', async () => {
      const input = { message: 'scrape https://hotel.example/rooms please', userId: 'u' };
      const { reply, jobs } = await call('chat', input);
      expect(reply).toMatch(/\w/);
      expect(jobs).toMatchObject([{ jobId: expect.stringMatching(ID), url: 'https://hotel.example/rooms' }]);
      await fail('cancelJob', jobs[0].jobId);
      const errors = expectError(await fail('chat', {}), 'invalid', 422);
      expect(errors).toMatchObject([{ path: '/message' }]);
    });

    test('getDeadJobs lists dead letters and requeueDeadJob tries one again', async () => {
      const id = await call('enqueue', { type: 'test-fail', payload: { fatal: true } });
      await sluice.jobIn(id, 'failed');
      const [newest] = await call('getDeadJobs', 1);
      expect(newest).toMatchObject({ id, jobId: id, type: 'test-fail', lastError: { code: 'told_to_fail' } });
      expect(Array.isArray(await call('getDeadJobs'))).toBe(true);
      expectError(await fail('getDeadJobs', 0), 'invalid', 422);
      expect(await call('requeueDeadJob', id)).toMatchObject({ jobId: id, status: 'pending', attempts: 0 });
      expectError(await fail('requeueDeadJob', NOBODY), 'not_found', 404);
    });

    test('without D1 a call is unavailable, and health says unhealthy', async () => {
      await sluice.setFaults('sluice', [
        { door: 'DB', times: 100, message: 'D1_ERROR: the database is away' },
      ]);
      try {
        const answer = await fail('enqueue', { type: 'test-noop', payload: {} });
        expect(expectError(answer, 'unavailable', 503)).toEqual([]);
        expectError(await fail('getJob', NOBODY), 'unavailable', 503);
        expect(await call('healthCheck')).toMatchObject({ status: 'unhealthy' });
      } finally {
        await sluice.setFaults('sluice', []);
      }
    });

    test("a caller's own code finds what the published types promise", async () => {
      const { outcome } = await sluice.server.getWorker('caller').scheduled({ cron: '* * * * *' });
      expect(outcome).toBe('ok');
    });
  });
});

test('a full queue is told by its code', async () => {
  sluice = await startSluice({
    consume: false,
    others: [caller],
    vars: { MAX_PENDING_PER_QUEUE: '1' },
  });
  try {
    const job = { type: 'test-noop', payload: {} };
    expect((await ask('QUEUE', 'enqueue', [job])).value).toMatch(ID);
    expectError(await ask('QUEUE', 'enqueue', [job]), 'queue_full', 429);
  } finally {
    await sluice.stop();
  }
});

test('an unexpected error is internal, logged, and leaks nothing', async () => {
  sluice = await startSluice({ consume: false, others: [caller], vars: { LEASE_MS: 'soon' } });
  try {
    const answer = await ask('QUEUE', 'getStats', []);
    expectError(answer, 'internal', 500);
    expect(JSON.stringify(answer)).not.toMatch(/LEASE_MS|core|soon/);
    expect(sluice.logs('rpc.failed')).toMatchObject([
      { level: 'error', message: expect.stringContaining('LEASE_MS') },
    ]);
  } finally {
    await sluice.stop();
  }
});
