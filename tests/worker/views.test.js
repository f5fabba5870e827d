// Dead letters, failures, queues, what explains a job, and the compatibility layer, over HTTP and RPC, in workerd.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startSluice, tokens, until } from './harness.js';
import { enqueueAll, envelope, expectCountersTrue } from './record.js';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const NOBODY = '01900000-0000-7000-8000-000000000000';
const TARGET = 'http://127.0.0.1:9/none';
const later = { delaySeconds: 3600 };
const WAIT = { timeout: 10_000, interval: 200 };

/** @type {import('./harness.js').Sluice} */
let sluice;

beforeAll(async () => {
  sluice = await startSluice({ faults: true });
});
afterAll(() => sluice?.stop());

/** @param {{ status: number, headers: Headers, body: any }} answer @param {number} status */
function expectProblem(answer, status) {
  expect(answer.body).toMatchObject({ type: 'about:blank', status, detail: expect.stringMatching(/\w/) });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
}

/** A job that has failed for good and whose dead letter is archived. @param {string} [message] */
async function dead(message = 'failing as told') {
  const id = await sluice.enqueue('test-fail', { failures: 9, fatal: true, message });
  await until(async () => (await sluice.call(`/dead-letters/${id}`)).body.archivedAt, {
    what: `burial of ${id}`,
  });
  return id;
}

const requeue = (/** @type {string} */ id) =>
  sluice.call(`/dead-letters/${encodeURIComponent(id)}/requeue`, { method: 'POST' });
const requeueMany = (/** @type {unknown} */ json) => sluice.call('/dead-letters/requeue', { json });

/** Ids of the dead letters, newest first. @param {string} [filter] */
async function letters(filter = '') {
  const { status, body } = await sluice.call(`/dead-letters?${filter}`);
  expect(status).toBe(200);
  return { ...body, ids: body.deadLetters.map((/** @type {any} */ { id }) => id) };
}

describe('dead letters', () => {
  test('are listed newest first, with what they died of', async () => {
    const [first, second] = [await dead(), await dead('another reason')];
    const { deadLetters } = await letters('limit=2');
    expect(deadLetters.map((/** @type {any} */ { id }) => id)).toEqual([second, first]);
    expect(deadLetters[0]).toEqual({
      id: second,
      jobId: second,
      type: 'test-fail',
      queue: 'background-jobs',
      attempts: 1,
      maxAttempts: 3,
      lastError: { code: 'told_to_fail', message: 'another reason', retryable: false },
      failedAt: expect.stringMatching(TIME),
      archivedAt: expect.stringMatching(TIME),
      payload: { failures: 9, fatal: true, message: 'another reason' },
      payloadSize: 54,
      body: null,
      bodySize: null,
    });
    expect((await sluice.call(`/dead-letters/${second}`)).body).toEqual(deadLetters[0]);
  });

  test('are paged by cursor, every one once', async () => {
    const seen = [];
    let page = await letters('limit=1');
    for (let n = 0; n < 50; n++) {
      seen.push(...page.ids);
      if (!page.nextCursor) break;
      page = await letters(`limit=1&cursor=${page.nextCursor}`);
    }
    expect(seen).toEqual((await letters('limit=500')).ids);
    expectProblem(await sluice.call('/dead-letters?cursor=here&limit=0'), 422);
  });

  test('run again when requeued, under their own id', async () => {
    const id = await dead();
    const { status, body } = await requeue(id);
    expect([status, body]).toMatchObject([200, { jobId: id, status: 'pending', attempts: 0 }]);
    await sluice.jobIn(id, 'failed');
    const outcomes = (await sluice.attempts(id)).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['failed', 'retried', 'failed']);
    expectProblem(await requeue(NOBODY), 404);
    expectProblem(await requeue(await sluice.enqueue('test-noop', {}, later)), 404);
  });

  test('are requeued many at once: by ids, type, queue, or all', async () => {
    const jobs = Array.from({ length: 130 }, () => ({ type: 'test-fail', payload: { fatal: true } }));
    const ids = await enqueueAll(sluice, jobs);
    const failed = async () => {
      const [{ n }] = await sluice.rows(
        "SELECT count(*) AS n FROM jobs WHERE status = 'failed' AND id IN (SELECT value FROM json_each(?))",
        JSON.stringify(ids),
      );
      return n === 130;
    };
    await until(failed, { what: '130 failures' });
    const some = await requeueMany({ ids: [ids[0], ids[1], NOBODY] });
    expect([some.status, some.body]).toEqual([
      200,
      { requeued: 2, skipped: [{ id: NOBODY, code: 'not_found', detail: expect.stringMatching(/\w/) }] },
    ]);
    await until(failed, { what: 'two failures more' });
    const part = await requeueMany({ type: 'test-fail', limit: 5 });
    expect(part.body).toMatchObject({
      requeued: 5,
      skipped: [],
      nextCursor: expect.stringMatching(/^\d+\./),
    });
    await until(failed, { what: 'five failures more' });
    const all = await requeueMany({ all: true });
    expect(all.body.requeued).toBeGreaterThanOrEqual(130);
    expect(all.body.nextCursor).toBeUndefined();
    await until(failed, { what: 'all of them failing again' });
    expectProblem(await requeueMany({}), 422);
    expectProblem(await requeueMany({ all: true, queue: 'background-jobs' }), 422);
    await expectCountersTrue(sluice);
  });

  test('go away when deleted; their jobs stay failed', async () => {
    const id = await dead();
    const answer = await sluice.call(`/dead-letters/${id}`, { method: 'DELETE' });
    expect([answer.status, answer.body]).toMatchObject([200, { id, jobId: id }]);
    expectProblem(await sluice.call(`/dead-letters/${id}`), 404);
    expectProblem(await sluice.call(`/dead-letters/${id}`, { method: 'DELETE' }), 404);
    expectProblem(await requeue(id), 404);
    expect((await sluice.job(id)).status).toBe('failed');
    expect((await sluice.call(`/jobs/${id}/retry`, { method: 'POST' })).status).toBe(200);
  });

  test('of messages that were never jobs are kept with their raw body, and adopted only once valid', async () => {
    await sluice.send('JOB_QUEUE', envelope('poison', 'no-such-type', { n: 1 }));
    const letter = await until(async () =>
      (await letters()).deadLetters.find((/** @type {any} */ { jobId }) => jobId === null),
    );
    expect(letter).toMatchObject({
      type: null,
      queue: 'background-jobs',
      lastError: { code: 'unknown_type' },
    });
    expect(JSON.parse(letter.body)).toMatchObject({ id: 'poison', payload: { n: 1 } });
    expectProblem(await requeue(letter.id), 409);
    expect((await requeueMany({ ids: [letter.id] })).body).toMatchObject({
      requeued: 0,
      skipped: [{ id: letter.id, code: 'not_valid' }],
    });
    // What a deployment that knows the type would find.
    await sluice.rows(
      "UPDATE dead_letters SET body = replace(body, 'no-such-type', 'test-noop') WHERE id = ?",
      letter.id,
    );
    const adopted = await requeue(letter.id);
    expect([adopted.status, adopted.body]).toMatchObject([200, { type: 'test-noop', payload: { n: 1 } }]);
    expect((await sluice.jobIn('poison', 'completed')).jobId).toBe(adopted.body.jobId);
    expect((await letters()).ids).not.toContain(letter.id);
  });
});

test('failures are grouped, most frequent first, and count what a scan counts', async () => {
  for (const message of ['rarely', 'oftener', 'oftener']) await dead(message);
  const { status, body } = await sluice.call('/failures?limit=500');
  expect(status).toBe(200);
  const scan =
    await sluice.rows(`SELECT type, last_error ->> 'message' AS error, last_error ->> 'code' AS code,
    count(*) AS count FROM dead_letters GROUP BY 1, 2, 3`);
  const bare = body.map((/** @type {any} */ { lastAt, ...rest }) => rest);
  expect(bare).toHaveLength(scan.length);
  expect(bare).toEqual(expect.arrayContaining(scan));
  const counts = body.map((/** @type {any} */ { count }) => count);
  expect(counts).toEqual(counts.toSorted((/** @type {number} */ a, /** @type {number} */ b) => b - a));
  for (const { lastAt } of body) expect(lastAt).toMatch(TIME);
  const { deadLetters } = (await sluice.call('/queue/health')).body;
  expect(deadLetters).toBe(counts.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b));
  expectProblem(await sluice.call('/failures?limit=501'), 422);
});

describe('a job', () => {
  test('is explained: every rule that brought it where it is, in order', async () => {
    const backoff = { type: 'fixed', delay: 0, jitter: 0 };
    const id = await sluice.enqueue('test-fail', { failures: 9, message: 'no' }, { maxAttempts: 2, backoff });
    await sluice.jobIn(id, 'failed');
    const { status, body } = await sluice.call(`/jobs/${id}/explain`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ jobId: id, type: 'test-fail', status: 'failed' });
    expect(body.reasons.slice(0, 3)).toEqual([
      { at: expect.stringMatching(TIME), rule: 'accepted', text: expect.stringContaining('background-jobs') },
      {
        at: expect.stringMatching(TIME),
        rule: 'retry_later',
        text: expect.stringContaining('tried again at once'),
      },
      {
        at: expect.stringMatching(TIME),
        rule: 'attempts_spent',
        text: expect.stringContaining('told_to_fail: no'),
      },
    ]);
    expectProblem(await sluice.call(`/jobs/${NOBODY}/explain`), 404);
  });

  test('that waits says until when', async () => {
    const id = await sluice.enqueue('test-noop', {}, later);
    const { reasons } = (await sluice.call(`/jobs/${id}/explain`)).body;
    expect(reasons.at(-1)).toMatchObject({ at: null, rule: 'not_before' });
    expect(reasons.at(-1).text).toContain((await sluice.job(id)).runAt);
  });

  test('that runs has its running attempt in its history', async () => {
    const id = await sluice.enqueue('test-slow', { ms: 60_000 });
    await sluice.jobIn(id, 'processing');
    expect(await sluice.attempts(id)).toEqual([
      { attempt: 1, outcome: 'running', startedAt: expect.stringMatching(TIME), finishedAt: null },
    ]);
    expect((await sluice.call(`/jobs/${id}/explain`)).body.reasons.at(-1).rule).toBe('leased');
    await sluice.call(`/jobs/${id}`, { method: 'DELETE' });
  });
});

/** @type {Record<string, { count: number, perMs: number }>} */
const RATES = { 'test-rated': { count: 2, perMs: 5000 }, 'test-rated-polled': { count: 1, perMs: 3000 } };

test('queues are listed by name with their counts', async () => {
  // A job that another test began may end between the two answers.
  await vi.waitFor(async () => {
    const { status, body } = await sluice.call('/queues');
    expect(status).toBe(200);
    const names = body.queues.map((/** @type {any} */ { name }) => name);
    expect(names).toEqual(names.toSorted());
    expect(names).toEqual(expect.arrayContaining(['background-jobs', 'scraping-priority', 'scraping-tasks']));
    const stats = (await sluice.call('/stats')).body;
    for (const queue of body.queues) {
      expect(queue).toMatchObject({
        transport: expect.stringMatching(/./),
        paused: false,
        limits: {
          concurrency: queue.name === 'test-limited' ? 2 : null,
          rate: RATES[queue.name] ?? null,
        },
      });
      for (const [state, n] of Object.entries(stats.byQueue[queue.name] ?? {})) expect(queue[state]).toBe(n);
    }
  }, WAIT);
});

describe('the compatibility layer', () => {
  const error = (/** @type {string} */ code) => ({
    success: false,
    error: { code, message: expect.stringMatching(/\w/), errors: expect.any(Array) },
  });

  test('takes a job in its own words and shows it so', async () => {
    const json = { type: 'product', target_url: TARGET, priority: 5, metadata: { category: 'books' } };
    const { status, headers, body } = await sluice.call('/api/queue/jobs', { json });
    expect(status).toBe(201);
    expect(headers.get('content-type')).toBe('application/json');
    expect(body).toEqual({
      success: true,
      data: { id: expect.any(String), ...json, status: 'queued', attempts: 0, max_attempts: 3 },
    });
    const job = await sluice.job(body.data.id);
    expect(job).toMatchObject({ type: 'product', priority: 6, payload: { target_url: TARGET } });
    await sluice.call(`/jobs/${job.jobId}`, { method: 'DELETE' });
  });

  test.each([
    ['navigation', 9],
    ['category', 6],
    ['product', 3],
  ])('%s has the priority %d unless told otherwise', async (type, priority) => {
    const { body } = await sluice.call('/api/queue/jobs', { json: { type, target_url: TARGET } });
    expect(body.data).toMatchObject({ type, priority, metadata: {} });
    await sluice.call(`/jobs/${body.data.id}`, { method: 'DELETE' });
  });

  test('tells errors its own way, with the same statuses', async () => {
    const json = { type: 'product', target_url: 'no url', priority: 11 };
    const invalid = await sluice.call('/api/queue/jobs', { json });
    expect([invalid.status, invalid.body]).toEqual([422, error('invalid')]);
    expect(invalid.headers.get('content-type')).toBe('application/json');
    const notJson = await sluice.call('/api/queue/jobs', { method: 'POST', body: '{' });
    expect([notJson.status, notJson.body]).toEqual([400, error('invalid')]);
    for (const [token, status, code] of /** @type {const} */ ([
      [null, 401, 'unauthorized'],
      [tokens.read, 403, 'forbidden'],
    ])) {
      const answer = await sluice.call('/api/queue/jobs', { json, token });
      expect([answer.status, answer.body]).toEqual([status, error(code)]);
    }
    const wrong = await sluice.call('/api/queue/jobs');
    expect([wrong.status, wrong.body]).toEqual([405, error('method_not_allowed')]);
    const nowhere = await sluice.call('/api/queue/nothing');
    expect([nowhere.status, nowhere.body]).toEqual([404, error('not_found')]);
    const large = await sluice.call('/api/queue/jobs', {
      method: 'POST',
      body: ' '.repeat(2 * 1024 * 1024 + 1),
    });
    expect([large.status, large.body]).toEqual([413, error('too_large')]);
  });

  test('counts what is queued, running, completed and failed', async () => {
    await sluice.tick();
    // A job that another test began may end between the two answers.
    await vi.waitFor(async () => {
      const stats = (await sluice.call('/stats')).body;
      const { status, body } = await sluice.call('/api/queue/stats');
      expect([status, body]).toEqual([
        200,
        {
          success: true,
          data: {
            queue: {
              queued: stats.pending + stats.delayed + stats.blocked,
              running: stats.processing,
              completed: stats.completed,
              failed: stats.failed,
            },
            health: { isRunning: true, activeWorkers: expect.any(Number), databaseConnected: true },
            status: 'healthy',
          },
        },
      ]);
    }, WAIT);
  });

  test('without D1 is unavailable and says that it is not connected', async () => {
    await sluice.setFaults('sluice', [{ door: 'DB', times: 100, message: 'D1_ERROR: the database is away' }]);
    try {
      const { status, headers, body } = await sluice.call('/api/queue/stats');
      expect(status).toBe(503);
      expect(headers.get('retry-after')).toMatch(/^\d+$/);
      expect(body).toMatchObject({ ...error('unavailable'), data: { health: { databaseConnected: false } } });
    } finally {
      await sluice.setFaults('sluice', []);
    }
  });

  test('lists dead letters newest first and requeues them by place or id', async () => {
    const ids = [];
    for (let n = 0; n < 2; n++) {
      const id = await sluice.enqueue('product', { target_url: TARGET }, { maxAttempts: 1 });
      await sluice.jobIn(id, 'failed');
      ids.unshift(id);
    }
    const { body } = await sluice.call('/api/queue/dead-letter?limit=2');
    expect(body).toMatchObject({ success: true, count: 2 });
    expect(body.data.map((/** @type {any} */ { id }) => id)).toEqual(ids);
    expect(body.data[0]).toEqual({
      id: ids[0],
      type: 'product',
      target_url: TARGET,
      attempts: 1,
      max_attempts: 1,
      last_error: expect.stringMatching(/\w/),
    });
    const first = await sluice.call('/api/queue/dead-letter/requeue', { json: { index: 0 } });
    expect([first.status, first.body]).toMatchObject([
      200,
      { success: true, data: { id: ids[0], status: 'queued' } },
    ]);
    const second = await sluice.call('/api/queue/dead-letter/requeue', { json: { id: ids[1] } });
    expect([second.status, second.body]).toMatchObject([200, { success: true, data: { id: ids[1] } }]);
    const none = await sluice.call('/api/queue/dead-letter/requeue', { json: { id: NOBODY } });
    expect([none.status, none.body]).toEqual([404, error('not_found')]);
    const both = await sluice.call('/api/queue/dead-letter/requeue', { json: {} });
    expect([both.status, both.body]).toEqual([422, error('invalid')]);
  });
});

test('the counters are what a full scan gives', () => expectCountersTrue(sluice));

/** Rows that D1 read for one request. @param {string} path */
async function rowsRead(path) {
  await sluice.takeCalls('sluice');
  expect((await sluice.call(path)).status).toBe(200);
  const calls = await sluice.takeCalls('sluice');
  return calls.filter(({ door }) => door === 'DB').reduce((sum, call) => sum + call.rowsRead, 0);
}

/**
 * Finished jobs of another time, half of them failed, straight into the record.
 * @param {number} from @param {number} to
 */
async function fill(from, to) {
  const numbers = `WITH RECURSIVE n (i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to - 1})`;
  await sluice.rows(`${numbers}
    INSERT INTO jobs (id, type, queue, transport, status, priority, max_attempts, attempts, op, created_at,
      completed_at, updated_at, timeout_ms, payload, payload_size, last_error, tags)
    SELECT printf('018fffff-ffff-7000-8000-%012d', i), 'test-noop', 'background-jobs', 'background-jobs',
      iif(i % 2, 'failed', 'completed'), 5, 3, 1, 'o', 1717000000000 + i, 1717000000000 + i, 1717000000000 + i, 30000,
      '{}', 2, iif(i % 2, '{"code":"old","message":"Long ago.","retryable":false}', NULL),
        iif(i < 1000 AND i % 100 = 0, '["t"]', NULL)
    FROM n`);
  await sluice.rows(`${numbers}
    INSERT INTO dead_letters (id, job_id, fence, type, queue, attempts, max_attempts, last_error, failed_at,
      buried_at, op)
    SELECT id, id, 0, type, queue, 1, 3, last_error, completed_at, completed_at, 'o'
    FROM n CROSS JOIN jobs ON jobs.id = printf('018fffff-ffff-7000-8000-%012d', i) WHERE status = 'failed'`);
}

test('rows read do not grow with finished jobs: 1,000 against 100,000', { timeout: 60_000 }, async () => {
  // Other tests' jobs are behind the watermark, so that only what is watched is looked at.
  await sluice.rows("UPDATE sweep SET watermark = 'ffffffff-0000-7000-8000-000000000000'");
  const paths = [
    '/jobs?limit=50',
    '/jobs?limit=50&offset=100',
    '/jobs?status=failed&limit=50',
    '/jobs?tag=t&limit=5&cursor=01900000-0000-7000-8000-000000000000',
    '/stats',
    '/queues',
    '/queue/health',
    '/dead-letters?limit=50',
    '/failures',
    '/api/queue/stats',
    '/api/queue/dead-letter?limit=50',
  ];
  const measure = async () => {
    const out = [];
    for (const path of paths) out.push([path, await rowsRead(path)]);
    return out;
  };
  await fill(0, 1000);
  const few = await measure();
  for (let from = 1000; from < 100_000; from += 33_000) await fill(from, from + 33_000);
  const many = await measure();
  expect(many).toEqual(few);
  for (const [path, rows] of many) expect(rows, `${path}`).toBeLessThan(2000);
});
