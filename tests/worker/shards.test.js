// Jobs over four databases: where each lives, what concerns several of them, and one of them failing.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bindingOf, startSluice, until } from './harness.js';
import { enqueueAll, envelope, expectCountersTrue, wake } from './record.js';

const SHARDS = 4;
/** Judges the keys and limits of the queue test-limited. */
const LIMITED = 2;

/** @type {import('./harness.js').Sluice} */
let sluice;

beforeAll(async () => {
  const vars = { QUEUE_SHARDS: JSON.stringify({ 'test-limited': LIMITED }), RETENTION_COMPLETED_DAYS: '7' };
  sluice = await startSluice({ shards: SHARDS, faults: true, vars });
});
afterAll(() => sluice?.stop());

/** @param {string} id the shard that it carries */
const shardOf = (id) => Number.parseInt(id.slice(20, 22), 16);

/** Whether all of them are so. @param {string[]} ids @param {string} status */
const allAre = async (ids, status) =>
  (await Promise.all(byShard(ids).map(([shard, some]) => allOn(shard, some, status)))).every(Boolean);

/** @param {string[]} ids @returns {[number, string[]][]} */
const byShard = (ids) => [...Map.groupBy(ids, shardOf)];

/** @param {number} shard @param {string[]} ids @param {string} status */
async function allOn(shard, ids, status) {
  const sql = 'SELECT count(*) AS n FROM jobs WHERE status = ?1 AND id IN (SELECT value FROM json_each(?2))';
  const [row] = await sluice.rowsOn(shard, sql, status, JSON.stringify(ids));
  return row.n === ids.length;
}

/**
 * A plain job on each shard, in the order of the shards: each request's go where its entropy says.
 * @param {string} type @param {unknown} [payload] @param {Record<string, unknown>} [more]
 * @returns {Promise<string[]>}
 */
async function oneOnEach(type, payload, more) {
  /** @type {string[]} */
  const found = [];
  while (found.filter(Boolean).length < SHARDS) {
    const id = await sluice.enqueue(type, payload, more);
    found[shardOf(id)] = id;
  }
  return found;
}

/** @param {string} door @param {import('./entries/faults.js').Fault} [fault] @returns what fails for long */
const outage = (door, fault) => [{ times: 1_000_000, ...fault, door }];

/** @param {Record<string, string | number>} filter */
const query = (filter) => new URLSearchParams(/** @type {any} */ (filter)).toString();

/**
 * Every entry of a list, page after page.
 * @param {string} path @param {string} member @param {Record<string, string | number>} filter
 */
async function pagesOf(path, member, filter) {
  const pages = [];
  for (let cursor = ''; ; ) {
    const { status, body } = await sluice.call(`${path}?${query({ ...filter, ...(cursor && { cursor }) })}`);
    expect(status).toBe(200);
    pages.push(body[member]);
    if (!body.nextCursor) return pages;
    cursor = body.nextCursor;
  }
}

describe('where jobs live', () => {
  test('plain ones anywhere, each in the database that its id names, and all are done', async () => {
    /** @type {string[]} */
    const ids = [];
    for (let n = 0; n < 24; n++) ids.push(await sluice.enqueue('test-echo', { n }));
    expect(byShard(ids).length).toBeGreaterThan(1);
    await until(() => allAre(ids, 'completed'));
    for (const [shard, some] of byShard(ids)) expect(await allOn(shard, some, 'completed')).toBe(true);
    expect(await sluice.job(String(ids[0]))).toMatchObject({ jobId: ids[0], result: { n: 0 } });
  });

  test('a batch of keyed, limited, plain and invalid ones is answered in its order, each on its shard', async () => {
    const plain = { type: 'test-echo', payload: {} };
    const jobs = [
      plain,
      { ...plain, uniqueKey: 'mixed-1' },
      { type: 'test-limited', payload: {} },
      { type: 'no-such-type', payload: {} },
      { ...plain, tenant: 'acme' },
      plain,
      { ...plain, concurrencyKey: 'door' },
      { type: 'test-polled', payload: {} },
      { ...plain, uniqueKey: 'mixed-1' },
    ];
    const { status, body } = await sluice.call('/jobs/batch', { json: { jobs } });
    expect(status).toBe(201);
    const answers = body.jobs;
    expect(answers).toHaveLength(jobs.length);
    expect(answers[3].error.errors).toMatchObject([{ path: '/jobs/3/type', code: 'unknown_type' }]);
    const at = (/** @type {number} */ n) => shardOf(answers[n].jobId);
    expect([at(1), at(2), at(4), at(6), at(7)]).toEqual([0, LIMITED, 0, 0, 0]);
    expect(at(5)).toBe(at(0));
    expect(answers[8]).toMatchObject({ jobId: answers[1].jobId, duplicate: true });
    const ids = answers.flatMap((/** @type {any} */ { jobId }) => jobId ?? []);
    await sluice.tick();
    await until(() => allAre([...new Set(ids)], 'completed'));
  });

  test('a key has one judge: a request that is repeated is one job, by itself or in a batch', async () => {
    const [one, again] = await Promise.all(
      [1, 2].map(() => sluice.call('/jobs', { json: { type: 'test-echo', payload: {}, uniqueKey: 'k' } })),
    );
    expect(one?.body.jobId).toBe(again?.body.jobId);
    const request = {
      json: {
        jobs: [
          { type: 'test-echo', payload: {} },
          { type: 'test-limited', payload: {} },
        ],
      },
      headers: { 'idempotency-key': 'once' },
    };
    const [first, second] = [
      await sluice.call('/jobs/batch', request),
      await sluice.call('/jobs/batch', request),
    ];
    const ids = first.body.jobs.map((/** @type {any} */ { jobId }) => jobId);
    expect(second.body.jobs.map((/** @type {any} */ { jobId }) => jobId)).toEqual(ids);
    expect(ids.map(shardOf)).toEqual([0, LIMITED]);
  });

  test('100 plain jobs of a request cost what they cost with one database', async () => {
    await until(async () => (await sluice.call('/stats')).body.processing === 0);
    await sluice.takeCalls('sluice');
    await sluice.takeCalls('sluice-scraper');
    const jobs = Array.from({ length: 100 }, (_, n) => ({ type: 'test-echo', payload: { n } }));
    const ids = await enqueueAll(sluice, jobs);
    await until(() => allAre(ids, 'completed'));
    const main = await sluice.takeCalls('sluice');
    const scraper = await sluice.takeCalls('sluice-scraper');
    const door = bindingOf(shardOf(String(ids[0])));
    expect(main).toMatchObject([
      { door, rowsWritten: 101 },
      { door: 'JOB_QUEUE', size: 20 },
    ]);
    expect(scraper).toMatchObject([
      { door, rowsWritten: 101 },
      { door, rowsWritten: 101 },
    ]);
  });
});

describe('what concerns several shards', () => {
  test('a delivered batch is claimed on each shard that it holds, and a message of several marked once', async () => {
    await sluice.call('/queues/background-jobs/pause', { method: 'POST' });
    const ids = await oneOnEach('test-echo', { paused: true });
    await sluice.call('/queues/background-jobs/resume', { method: 'POST' });
    await until(() => allAre(ids, 'completed'));
    const foreign = `foreign-${Date.now()}`;
    const jobs = [
      ...ids.map((id) => wake(id, 'test-echo')),
      envelope(foreign, 'test-limited'),
      'no envelope',
    ];
    await sluice.send('JOB_QUEUE', { jobs }, { contentType: 'json' });
    const job = await until(async () => {
      const { status, body } = await sluice.call(`/jobs/${foreign}`);
      return status === 200 && body.status === 'completed' && body;
    });
    expect(shardOf(job.jobId)).toBe(LIMITED);
    const letter = await until(async () => {
      const [row] = await sluice.rowsOn(0, 'SELECT body FROM dead_letters WHERE job_id IS NULL');
      return row;
    });
    expect(letter.body).toBe('"no envelope"');
    expect(sluice.logs('message.returned')).toEqual([]);
  });

  test('retries, and what fails for good on each shard, with its alert', async () => {
    const ids = await oneOnEach('test-fail', { failures: 1 }, { maxAttempts: 2 });
    const dead = await oneOnEach('test-fail', { failures: 9 }, { maxAttempts: 1 });
    await until(() => allAre(ids, 'completed'), { ms: 30_000 });
    await until(() => allAre(dead, 'failed'));
    await until(async () => {
      const buried = await sluice.rows('SELECT id FROM dead_letters WHERE buried_at IS NOT NULL');
      return dead.every((id) => buried.some((row) => row.id === id));
    });
    const told = sluice
      .logs('jobs.dead')
      .flatMap(({ jobs }) => jobs.map((/** @type {any} */ job) => job.jobId));
    for (const id of dead) expect(told).toContain(id);
    for (const id of ids) expect(await sluice.attempts(id)).toHaveLength(2);
  });

  test('pause and resume hold on all shards', async () => {
    const paused = await sluice.call('/queues/background-jobs/pause', { method: 'POST' });
    expect(paused).toMatchObject({ status: 200, body: { name: 'background-jobs', paused: true } });
    const ids = await oneOnEach('test-echo', {});
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await allAre(ids, 'pending')).toBe(true);
    const { body } = await sluice.call('/queues');
    const queue = body.queues.find((/** @type {any} */ { name }) => name === 'background-jobs');
    expect(queue).toMatchObject({ paused: true, pending: await waitingOf('background-jobs') });
    await sluice.call('/queues/background-jobs/resume', { method: 'POST' });
    await until(() => allAre(ids, 'completed'));
  });

  /** @param {string} name */
  async function waitingOf(name) {
    const rows = await sluice.rows("SELECT id FROM jobs WHERE queue = ? AND status = 'pending'", name);
    return rows.length;
  }

  test('the sweep, retries and cancels by operators find their shard', async () => {
    const delayed = await oneOnEach('test-echo', {}, { delaySeconds: 3600 });
    for (const id of delayed) {
      expect(await sluice.call(`/jobs/${id}`, { method: 'DELETE' })).toMatchObject({
        status: 200,
        body: { jobId: id, status: 'cancelled' },
      });
    }
    for (const id of delayed) {
      expect((await sluice.call(`/jobs/${id}/retry`, { method: 'POST' })).status).toBe(200);
    }
    await until(() => allAre(delayed, 'completed'));
    // A message is lost: each shard's sweep sends another.
    const ids = await oneOnEach('test-echo', {}, { delaySeconds: 1800 });
    for (const [shard, some] of byShard(ids)) {
      const at = Date.now() - 60_000;
      await sluice.rowsOn(shard, 'UPDATE jobs SET run_at = ?1, wake_at = ?1 WHERE id = ?2', at, some[0]);
    }
    await sluice.tick();
    await until(() => allAre(ids, 'completed'));
  });

  test('locks have one judge wherever their jobs live, and what a job depends on is read where it is', async () => {
    const payload = { key: 'one', holdMs: 150, options: { retryDelayMs: 20, maxRetries: 100 } };
    const ids = await oneOnEach('test-lock', payload);
    await until(() => allAre(ids, 'completed'), { ms: 30_000 });
    const results = (await Promise.all(ids.map((id) => sluice.job(id)))).map(({ result }) => result);
    results.sort((a, b) => a.from - b.from);
    expect(results.every(({ value }) => value !== null)).toBe(true);
    for (let n = 1; n < results.length; n++)
      expect(results[n].from).toBeGreaterThanOrEqual(results[n - 1].until);
    expect(await sluice.rows('SELECT * FROM locks')).toEqual([]);
  });
});

describe('dependencies', () => {
  test('a job lives with what it depends on', async () => {
    const parents = await enqueueAll(sluice, [
      { type: 'test-echo', payload: 1 },
      { type: 'test-echo', payload: 2 },
    ]);
    const child = await sluice.enqueue('test-gather', {}, { dependsOn: parents });
    expect(shardOf(child)).toBe(shardOf(String(parents[0])));
    const { result } = await sluice.jobIn(child, 'completed');
    expect(result.map((/** @type {any} */ parent) => parent.result)).toEqual([1, 2]);
  });

  test('what would need two judges is refused, in words', async () => {
    const parents = await oneOnEach('test-echo', {});
    const fault = (path = '/dependsOn') => ({ errors: [{ path, code: 'several_shards' }] });
    const apart = { type: 'test-gather', payload: {}, dependsOn: parents.slice(0, 2) };
    expect(await sluice.call('/jobs', { json: apart })).toMatchObject({ status: 422, body: fault() });
    const keyed = { ...apart, dependsOn: [parents[1]], tenant: 'acme' };
    expect(await sluice.call('/jobs', { json: keyed })).toMatchObject({ status: 422, body: fault() });
    const idempotent = {
      json: { ...apart, dependsOn: [parents[1]] },
      headers: { 'idempotency-key': 'deps' },
    };
    expect(await sluice.call('/jobs', idempotent)).toMatchObject({ status: 422, body: fault() });
    const jobs = [{ type: 'test-echo', payload: {} }, apart, { ...keyed, dependsOn: [parents[0]] }];
    const { status, body } = await sluice.call('/jobs/batch', { json: { jobs } });
    expect(status).toBe(201);
    expect(body.jobs[0].jobId).toBeTruthy();
    expect(body.jobs[1].error).toMatchObject(fault('/jobs/1/dependsOn'));
    expect(shardOf(body.jobs[2].jobId)).toBe(0);
  });

  test('what does not exist is said to be unknown, whatever shard it names', async () => {
    const missing = ['018fffff-ffff-7000-8010-000000000000', '018fffff-ffff-7000-8ff0-000000000000'];
    const { status, body } = await sluice.call('/jobs', {
      json: { type: 'test-gather', payload: {}, dependsOn: missing },
    });
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([
      { path: '/dependsOn/0', code: 'unknown_job' },
      { path: '/dependsOn/1', code: 'unknown_job' },
    ]);
  });

  test('a schedule whose job has its judge elsewhere is refused; others run', async () => {
    const put = (/** @type {string} */ type) =>
      sluice.call('/schedules/hourly', { method: 'PUT', json: { cron: '0 * * * *', type, payload: {} } });
    expect(await put('test-limited')).toMatchObject({
      status: 422,
      body: { errors: [{ path: '/type', code: 'several_shards' }] },
    });
    expect((await put('test-echo')).status).toBe(201);
    await sluice.rowsOn(0, 'UPDATE schedules SET next_at = ?', Math.floor(Date.now() / 3600_000) * 3600_000);
    await sluice.tick();
    const row = await until(async () => {
      const [found] = await sluice.rows("SELECT id FROM jobs WHERE tags LIKE '%schedule:hourly%'");
      return found;
    });
    expect(shardOf(row.id)).toBe(0);
    await sluice.call('/schedules/hourly', { method: 'DELETE' });
  });
});

describe('lists and sums', () => {
  test('pages show each job once, newest first, whatever shard it is on', async () => {
    const kept = await sluice.rows('SELECT id, type FROM jobs');
    const ids = kept
      .map(({ id }) => id)
      .sort()
      .reverse();
    for (const limit of [7, 50]) {
      const pages = await pagesOf('/jobs', 'jobs', { limit });
      expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
      expect(pages.flat().map(({ jobId }) => jobId)).toEqual(ids);
    }
    const fails = kept.filter(({ type }) => type === 'test-fail').map(({ id }) => id);
    const found = (await pagesOf('/jobs', 'jobs', { limit: 3, type: 'test-fail' })).flat();
    expect(found.map(({ jobId }) => jobId)).toEqual(fails.sort().reverse());
    for (const offset of [1, 10, 37]) {
      const { body } = await sluice.call(`/jobs?limit=5&offset=${offset}`);
      expect(body.jobs.map((/** @type {any} */ { jobId }) => jobId)).toEqual(ids.slice(offset, offset + 5));
    }
    const beyond = await sluice.call(`/jobs?limit=5&offset=${ids.length + 5}`);
    expect(beyond.body).toEqual({ jobs: [] });
  });

  test('a bounded look at one shard hides nothing of another', async () => {
    // 2,500 jobs of another type are the newest of shard 3: a filtered page ends before it has passed them.
    await sluice.rowsOn(
      3,
      `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2499)
      INSERT INTO jobs (id, type, queue, transport, status, priority, max_attempts, op, created_at, completed_at,
        updated_at, timeout_ms, payload, payload_size)
      SELECT printf('0f8fffff-ffff-7000-8030-%012d', i), 'old-type', 'old', 'background-jobs', 'completed', 5, 3, 'o',
        1, 1, 1, 30000, '{}', 2 FROM n`,
    );
    const ids = (await sluice.rows("SELECT id FROM jobs WHERE type = 'test-echo'")).map(({ id }) => id);
    const pages = await pagesOf('/jobs', 'jobs', { limit: 20, type: 'test-echo' });
    expect(pages[0]).toHaveLength(0);
    expect(pages.flat().map(({ jobId }) => jobId)).toEqual(ids.sort().reverse());
    await sluice.rowsOn(3, "DELETE FROM jobs WHERE type = 'old-type'");
  });

  test('dead letters and failures are those of all shards', async () => {
    const rows = await sluice.rows('SELECT id, failed_at FROM dead_letters');
    rows.sort((a, b) => b.failed_at - a.failed_at || (a.id < b.id ? 1 : -1));
    const pages = await pagesOf('/dead-letters', 'deadLetters', { limit: 2 });
    expect(pages.flat().map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    const { body: failures } = await sluice.call('/failures');
    const told = failures.find((/** @type {any} */ { code }) => code === 'told_to_fail');
    const dead = await sluice.rows("SELECT id FROM dead_letters WHERE type = 'test-fail'");
    expect(told).toMatchObject({ type: 'test-fail', count: dead.length });
    const { body: compat } = await sluice.call('/api/queue/dead-letter');
    expect(compat.data.map((/** @type {any} */ { id }) => id)).toEqual(rows.map(({ id }) => id));
  });

  test('counts are what full scans give', async () => {
    await until(async () => (await sluice.call('/stats')).body.processing === 0);
    for (let shard = 0; shard < SHARDS; shard++) {
      await expectCountersTrue(
        /** @type {any} */ ({ rows: (/** @type {string} */ sql) => sluice.rowsOn(shard, sql) }),
      );
    }
    const jobs = await sluice.rows('SELECT status, type FROM jobs');
    const { body } = await sluice.call('/stats');
    expect(body.total).toBe(jobs.length);
    for (const [status, list] of Map.groupBy(jobs, (job) => job.status))
      expect(body[status]).toBe(list.length);
    for (const [type, list] of Map.groupBy(jobs, (job) => job.type)) {
      const { averageAttempts, ...counts } = body.byType[type];
      expect(Object.values(counts).reduce((a, b) => a + b, 0)).toBe(list.length);
    }
    const { body: compat } = await sluice.call('/api/queue/stats');
    expect(compat.data.queue.completed).toBe(body.completed);
    const { body: health } = await sluice.call('/queue/health');
    const letters = await sluice.rows('SELECT id FROM dead_letters');
    expect(health.deadLetters).toBe(letters.length);
    expect((await sluice.call('/health')).body.checks.sweep.status).toBe('ok');
  });
});

describe('dead letters are tried again', () => {
  /** @type {string[]} */
  let dead = [];
  beforeEach(async () => {
    dead = await oneOnEach('test-fail', { failures: 1 }, { maxAttempts: 1 });
    await until(async () => {
      const rows = await sluice.rows('SELECT id FROM dead_letters WHERE buried_at IS NOT NULL');
      return dead.every((id) => rows.some((row) => row.id === id));
    });
    // What is tried again fails again: not before the next test.
    await sluice.call('/queues/background-jobs/pause', { method: 'POST' });
    return () => sluice.call('/queues/background-jobs/resume', { method: 'POST' });
  });

  test('by name, on all shards, in the order that was asked for', async () => {
    const ids = [...dead, '018fffff-ffff-7000-8010-000000000000', 'no-such'];
    const { status, body } = await sluice.call('/dead-letters/requeue', { json: { ids } });
    expect(status).toBe(200);
    expect(body.requeued).toBe(SHARDS);
    expect(body.skipped.map((/** @type {any} */ { id, code }) => [id, code])).toEqual([
      ['018fffff-ffff-7000-8010-000000000000', 'not_found'],
      ['no-such', 'not_found'],
    ]);
  });

  test('all of a type, in steps that go on from shard to shard', async () => {
    const before = await sluice.rows("SELECT id FROM dead_letters WHERE type = 'test-fail'");
    let requeued = 0;
    /** @type {string | undefined} */
    let cursor;
    for (let step = 0; step < 100; step++) {
      const json = { type: 'test-fail', limit: 2, ...(cursor && { cursor }) };
      const { status, body } = await sluice.call('/dead-letters/requeue', { json });
      expect(status).toBe(200);
      requeued += body.requeued;
      cursor = body.nextCursor;
      if (!cursor) break;
    }
    expect(cursor).toBeUndefined();
    expect(requeued).toBe(before.length);
  });

  test('one by its place in the list of all, one by its name, and one is deleted', async () => {
    const { body: list } = await sluice.call('/api/queue/dead-letter');
    const index = list.data.findIndex((/** @type {any} */ { id }) => id === dead[1]);
    const placed = await sluice.call('/api/queue/dead-letter/requeue', { json: { index } });
    expect(placed).toMatchObject({ status: 200, body: { data: { id: dead[1] } } });
    const named = await sluice.call('/api/queue/dead-letter/requeue', { json: { id: dead[2] } });
    expect(named).toMatchObject({ status: 200, body: { data: { id: dead[2] } } });
    const one = await sluice.call(`/dead-letters/${dead[0]}/requeue`, { method: 'POST' });
    expect(one).toMatchObject({ status: 200, body: { jobId: dead[0] } });
    const gone = await sluice.call(`/dead-letters/${dead[3]}`, { method: 'DELETE' });
    expect(gone).toMatchObject({ status: 200, body: { id: dead[3] } });
    expect((await sluice.call(`/dead-letters/${dead[3]}`)).status).toBe(404);
    expect(await allAre(dead.slice(0, 3), 'pending')).toBe(true);
    expect(await allOn(3, dead.slice(3), 'failed')).toBe(true);
  });
});

test('a number that no database has names nothing: 404, and its message is acknowledged', async () => {
  const id = '018fffff-ffff-7000-8990-000000000000';
  for (const [path, method] of [
    [`/jobs/${id}`, 'GET'],
    [`/jobs/${id}/attempts`, 'GET'],
    [`/jobs/${id}/explain`, 'GET'],
    [`/jobs/${id}/retry`, 'POST'],
    [`/jobs/${id}`, 'DELETE'],
    [`/dead-letters/${id}`, 'GET'],
    [`/dead-letters/${id}/requeue`, 'POST'],
  ]) {
    expect((await sluice.call(String(path), { method })).status, `${method} ${path}`).toBe(404);
  }
  await sluice.send('JOB_QUEUE', wake(id, 'test-echo'), { contentType: 'json' });
  await until(() => sluice.logs('message.astray').some(({ jobId }) => jobId === id));
  expect(sluice.logs('message.returned')).toEqual([]);
});

test('cleanup goes over all shards, imports are written from any', { timeout: 60_000 }, async () => {
  const items = [{ id: 'a', data: 1 }];
  const id = await sluice.enqueue('batch-import', { items, namespace: 'shards' });
  expect(shardOf(id)).toBe(0);
  expect(await sluice.jobIn(id)).toMatchObject({ status: 'completed', result: { imported: 1 } });
  const ids = await oneOnEach('test-echo', {});
  await until(() => allAre(ids, 'completed'));
  for (const id of ids) {
    // As if it had been made and done two days ago.
    const at = Date.now() - 2 * 86400_000;
    const time = at.toString(16).padStart(12, '0');
    const old = `${time.slice(0, 8)}-${time.slice(8)}${id.slice(13)}`;
    await sluice.rowsOn(shardOf(id), 'UPDATE jobs SET id = ?1, completed_at = ?2 WHERE id = ?3', old, at, id);
  }
  const before = await sluice.rows('SELECT id FROM jobs');
  const cleanup = await sluice.enqueue('cleanup', { olderThanDays: 1 });
  await sluice.tick();
  const { result } = await sluice.jobIn(cleanup, 'completed', 30_000);
  expect(result.removed).toBeGreaterThanOrEqual(SHARDS);
  const after = await sluice.rows('SELECT id FROM jobs');
  expect(after.length).toBe(before.length + 1 - result.removed);
});

describe('one database failing', () => {
  const DOWN = 3;
  const door = bindingOf(DOWN);

  test('the others go on: requests, runs, and what was begun there is done afterwards', {
    timeout: 60_000,
  }, async () => {
    const parents = await oneOnEach('test-echo', {});
    await until(() => allAre(parents, 'completed'));
    for (const worker of /** @type {const} */ (['sluice', 'sluice-scraper']))
      await sluice.setFaults(worker, outage(door));
    const jobs = parents.map((id) => ({ type: 'test-echo', payload: {}, dependsOn: [id] }));
    const { status, body } = await sluice.call('/jobs/batch', { json: { jobs } });
    expect(status).toBe(201);
    expect(body.jobs[DOWN].error).toMatchObject({ status: 503 });
    const ids = body.jobs
      .filter((/** @type {any} */ _, /** @type {number} */ n) => n !== DOWN)
      .map((/** @type {any} */ { jobId }) => jobId);
    expect(ids.map(shardOf)).toEqual([0, 1, 2]);
    await until(() => allAre(ids, 'completed'));
    expect((await sluice.call('/health')).status).toBe(503);
    expect((await sluice.call('/stats')).status).toBe(503);
    expect((await sluice.call('/queues/background-jobs/pause', { method: 'POST' })).status).toBe(503);
    for (const worker of /** @type {const} */ (['sluice', 'sluice-scraper']))
      await sluice.setFaults(worker, []);
    expect((await sluice.call('/queues/background-jobs/resume', { method: 'POST' })).status).toBe(200);
    expect((await sluice.call('/health')).status).toBe(200);
  });

  test('a delivered batch settles what lives elsewhere, and the rest comes again', {
    timeout: 90_000,
  }, async () => {
    await sluice.call('/queues/background-jobs/pause', { method: 'POST' });
    const ids = await oneOnEach('test-echo', {});
    await sluice.setFaults('sluice-scraper', outage(door, { door, times: 12 }));
    await sluice.call('/queues/background-jobs/resume', { method: 'POST' });
    const others = ids.filter((id) => shardOf(id) !== DOWN);
    await until(() => allAre(others, 'completed'), { ms: 5000 });
    expect(await allOn(DOWN, [String(ids[DOWN])], 'completed')).toBe(false);
    await sluice.setFaults('sluice-scraper', []);
    await until(() => allAre(ids, 'completed'), { ms: 60_000 });
  });

  test('a sweep of the others is not held up', async () => {
    const ids = await oneOnEach('test-echo', {}, { delaySeconds: 1800 });
    for (const [shard, some] of byShard(ids)) {
      const at = Date.now() - 60_000;
      await sluice.rowsOn(shard, 'UPDATE jobs SET run_at = ?1, wake_at = ?1 WHERE id = ?2', at, some[0]);
    }
    await sluice.setFaults('sluice', outage(door));
    const tick = sluice.tick();
    await until(() =>
      allAre(
        ids.filter((id) => shardOf(id) !== DOWN),
        'completed',
      ),
    );
    await tick;
    await sluice.setFaults('sluice', []);
    await sluice.tick();
    await until(() => allAre(ids, 'completed'));
  });
});
