// D1 and the queues failing at each step, before and after the commit, for a moment and for a while: nothing is
// lost, nothing is done twice, no job dies of it.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sleep, startSluice, until } from './harness.js';
import {
  ageLease,
  allIn,
  enqueueAll,
  eventsOf,
  expectCountersTrue,
  makeWitness,
  ONCE,
  rowOf,
} from './record.js';

/** @typedef {import('./harness.js').Fault} Fault */

/** @type {import('./harness.js').Sluice} */
let sluice;

// Leases of 3 s are renewed every second: the pulses are steps that can fail as well.
beforeAll(async () => {
  sluice = await startSluice({ faults: true, vars: { LEASE_MS: '3000' } });
  await makeWitness(sluice);
});
/** How often a test has told something to fail. */
let told = 0;

/**
 * @param {import('./harness.js').WorkerName} worker
 * @param {Fault[]} faults
 */
async function failing(worker, faults) {
  told += faults.length;
  await sluice.setFaults(worker, faults);
}

afterEach(async () => {
  await sluice.setFaults('sluice', []);
  await sluice.setFaults('sluice-scraper', []);
  const calls = [await sluice.takeCalls('sluice'), await sluice.takeCalls('sluice-scraper')].flat();
  // A fault that no call met would prove nothing.
  expect(calls.filter(({ failed }) => failed).length).toBeGreaterThanOrEqual(told);
  told = 0;
});
afterAll(() => sluice?.stop());

/** @param {Partial<Fault>} [fault] @returns {Fault} */
const d1 = (fault) => ({ door: 'DB', method: 'batch', ...fault });

/** More calls than any step makes. */
const LASTING = 1000;

const witness = (/** @type {number} */ count, payload = {}) =>
  Array.from({ length: count }, () => ({ type: 'test-witness', payload }));

/** @param {string[]} ids */
async function expectEachOnce(ids) {
  for (const id of ids) {
    expect(await rowOf(sluice, id)).toMatchObject({ status: 'completed', attempts: 1 });
    expect(await eventsOf(sluice, id)).toEqual(ONCE);
  }
}

/** Ticks each time it looks: what messages no longer carry, the sweep must. @param {() => Promise<unknown>} probe */
const untilSwept = (probe, ms = 15_000) =>
  until(
    async () => {
      await sluice.tick();
      if (await probe()) return true;
      await sleep(250);
      return false;
    },
    { ms },
  );

/** @param {string} event @param {number} count how many more of these log lines than now */
async function whenLogged(event, count) {
  const before = sluice.logs(event).length;
  return () => until(() => sluice.logs(event).length >= before + count, { what: `${count} × ${event}` });
}

const WHEN = /** @type {const} */ (['before', 'after']);

describe.each(WHEN)('D1 fails once, %s the commit,', (when) => {
  test('at the enqueue: the job is there once, and done once', async () => {
    await failing('sluice', [d1({ when })]);
    const ids = await enqueueAll(sluice, witness(7));
    await until(() => allIn(sluice, ids, 'completed'));
    await expectEachOnce(ids);
  });

  test('at the claim: every job of the batch is done once', async () => {
    await failing('sluice-scraper', [d1({ when })]);
    const ids = await enqueueAll(sluice, witness(12));
    await until(() => allIn(sluice, ids, 'completed'));
    await expectEachOnce(ids);
  });

  test('at the settle: results are kept, retries and dead letters are sent, once', async () => {
    await failing('sluice-scraper', [d1({ when, skip: 1 })]);
    const [good, again, dead, ...more] = await enqueueAll(sluice, [
      { type: 'test-witness', payload: {} },
      { type: 'test-fail', payload: { failures: 1, retryAfterMs: 0 } },
      { type: 'test-fail', payload: { fatal: true } },
      ...witness(2),
    ]);
    await until(() => allIn(sluice, [again], 'completed'));
    await expectEachOnce([good, ...more]);
    expect(await rowOf(sluice, again)).toMatchObject({ attempts: 2, fence: 2 });
    await until(async () => (await rowOf(sluice, dead)).wake_at === null);
    expect(await rowOf(sluice, dead)).toMatchObject({ status: 'failed', attempts: 1 });
    expect(sluice.logs('jobs.dead').filter((line) => JSON.stringify(line).includes(dead))).toHaveLength(1);
  });

  test('at a pulse: the job runs on', async () => {
    await failing('sluice-scraper', [d1({ when, skip: 1 })]);
    const ids = await enqueueAll(sluice, witness(1, { ms: 2500 }));
    await until(() => allIn(sluice, ids, 'completed'));
    await expectEachOnce(ids);
  });

  test('at a checkpoint: the next attempt finds it', async () => {
    await failing('sluice-scraper', [d1({ when, skip: 1 })]);
    const id = await sluice.enqueue('test-steps', { data: { when } });
    await until(() => allIn(sluice, [id], 'completed'));
    const row = await rowOf(sluice, id);
    expect(JSON.parse(row.result)).toEqual({ checkpointed: { when }, attempt: 2 });
  });

  test('at the burial: the dead letter is archived, and the alert logged, once', async () => {
    await failing('sluice', [d1({ when, skip: 1 })]);
    const id = await sluice.enqueue('test-fail', { fatal: true });
    const archived = () => sluice.rows('SELECT * FROM dead_letters WHERE id = ? AND buried_at > 0', id);
    await until(async () => (await archived()).length === 1);
    await until(() => sluice.logs('jobs.dead').some((line) => JSON.stringify(line).includes(id)));
    expect(sluice.logs('jobs.dead').filter((line) => JSON.stringify(line).includes(id))).toHaveLength(1);
    expect(await rowOf(sluice, id)).toMatchObject({ wake_at: null });
  });

  test.each([
    ['reads', 0],
    ['writes', 1],
  ])('when an operator’s wish %s: it is done once', async (_, skip) => {
    const id = await sluice.enqueue('test-witness', {}, { delaySeconds: 3600 });
    await failing('sluice', [d1({ when, skip })]);
    const cancelled = await sluice.call(`/jobs/${id}`, { method: 'DELETE' });
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    await failing('sluice', [d1({ when, skip })]);
    const retried = await sluice.call(`/jobs/${id}/retry`, { method: 'POST' });
    expect(retried).toMatchObject({ status: 200, body: { status: 'pending' } });
    await until(() => allIn(sluice, [id], 'completed'));
    await expectEachOnce([id]);
    const outcomes = (await sluice.attempts(id)).map((/** @type {any} */ { outcome }) => outcome);
    expect(outcomes).toEqual(['cancelled', 'retried', 'completed']);
  });

  test.each([
    ['when the sweep looks', 0],
    ['when the sweep moves', 1],
  ])('%s: what was lost is sent and done once', async (_, skip) => {
    await failing('sluice', [{ door: 'JOB_QUEUE', method: 'sendBatch' }]);
    const ids = await enqueueAll(sluice, witness(7));
    await sleep(1100);
    expect(await allIn(sluice, ids, 'pending')).toBe(true);
    await failing('sluice', [d1({ when, skip })]);
    await untilSwept(() => allIn(sluice, ids, 'completed'));
    await expectEachOnce(ids);
  });
});

describe.each(WHEN)('a queue fails, %s it takes the message,', (when) => {
  test('at the enqueue: the caller is told 201, and the sweep sees to it', async () => {
    await failing('sluice', [{ door: 'JOB_QUEUE', when }]);
    const ids = await enqueueAll(sluice, witness(7));
    if (when === 'before') {
      await sleep(500);
      expect(await allIn(sluice, ids, 'pending')).toBe(true);
    }
    await sleep(600);
    await untilSwept(() => allIn(sluice, ids, 'completed'));
    await expectEachOnce(ids);
  });

  test('at the retry of a packed job: it has its next attempt', async () => {
    await failing('sluice-scraper', [{ door: 'JOB_QUEUE', when }]);
    const payload = { failures: 1, retryAfterMs: 0 };
    const ids = await enqueueAll(
      sluice,
      [1, 2].map(() => ({ type: 'test-fail', payload })),
    );
    await untilSwept(() => allIn(sluice, ids, 'completed'));
    for (const id of ids) expect(await rowOf(sluice, id)).toMatchObject({ attempts: 2, fence: 2 });
  });

  test('at the dead letter: it is archived and told all the same', async () => {
    await failing('sluice-scraper', [{ door: 'JOB_DLQ', when }]);
    const id = await sluice.enqueue('test-fail', { fatal: true });
    const archived = () => sluice.rows('SELECT * FROM dead_letters WHERE id = ? AND buried_at > 0', id);
    await untilSwept(async () => (await archived()).length === 1);
    await until(() => sluice.logs('jobs.dead').some((line) => JSON.stringify(line).includes(id)));
    expect(await rowOf(sluice, id)).toMatchObject({ status: 'failed', attempts: 1, fence: 1 });
  });
});

describe('a statement that D1 refuses for good', () => {
  const message = 'D1_ERROR: this value is not to its taste: SQLITE_MISMATCH';

  test('at the claim: each half of the batch is claimed by itself', async () => {
    await failing('sluice-scraper', [d1({ message })]);
    const ids = await enqueueAll(sluice, witness(12));
    await until(() => allIn(sluice, ids, 'completed'));
    await expectEachOnce(ids);
  });

  test('at the settle: each half of the results is settled by itself', async () => {
    await failing('sluice-scraper', [d1({ message, skip: 1 })]);
    const ids = await enqueueAll(sluice, witness(5));
    await until(() => allIn(sluice, ids, 'completed'));
    await expectEachOnce(ids);
  });

  test('at the enqueue of many: each half by itself; at that of one: an error, and nothing is there', async () => {
    await failing('sluice', [d1({ message })]);
    const ids = await enqueueAll(sluice, witness(5));
    await until(() => allIn(sluice, ids, 'completed'));
    await expectEachOnce(ids);
    await failing('sluice', [d1({ message })]);
    const { status, body } = await sluice.call('/jobs', {
      json: { type: 'test-witness', payload: {}, correlationId: 'refused' },
    });
    expect(status).toBeGreaterThanOrEqual(500);
    expect(body).toMatchObject({ status });
    expect(await sluice.rows(`SELECT id FROM jobs WHERE correlation_id = 'refused'`)).toEqual([]);
  });

  test('at the burial: each half of the dead letters by itself', async () => {
    await failing('sluice', [d1({ message, skip: 1 })]);
    const jobs = [1, 2, 3].map(() => ({ type: 'test-fail', payload: { fatal: true } }));
    const ids = await enqueueAll(sluice, jobs);
    await until(async () => {
      const rows = await sluice.rows('SELECT id FROM dead_letters WHERE buried_at > 0');
      return ids.every((id) => rows.some((row) => row.id === id));
    });
  });
});

// From here on D1 is out for longer than a step's patience: messages come back after 30 s, jobs through the sweep.
describe('D1 is out for a while', () => {
  test.each(WHEN)(
    'at the enqueue (%s the commit): 503, and the same key again makes one job',
    async (when) => {
      await failing('sluice', [d1({ when, times: LASTING })]);
      const request = {
        json: { type: 'test-witness', payload: { when } },
        headers: { 'idempotency-key': `outage ${when}` },
      };
      const answer = await sluice.call('/jobs', request);
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      const key = `idem:outage ${when}`;
      const there = await sluice.rows('SELECT id FROM jobs WHERE unique_key = ?', key);
      expect(there).toHaveLength(when === 'before' ? 0 : 1);
      await sluice.setFaults('sluice', []);
      const again = await sluice.call('/jobs', request);
      expect(again.status).toBe(when === 'before' ? 201 : 200);
      const id = again.body.jobId;
      if (when === 'after') expect(id).toBe(there[0].id);
      await sleep(1100);
      await untilSwept(() => allIn(sluice, [id], 'completed'));
      await expectEachOnce([id]);
      expect(await sluice.rows('SELECT id FROM jobs WHERE unique_key = ?', key)).toHaveLength(1);
    },
  );

  test('at the settle: finished work waits for D1', async () => {
    await failing('sluice-scraper', [d1({ skip: 1, times: 5 })]);
    const ids = await enqueueAll(sluice, witness(5));
    await until(() => allIn(sluice, ids, 'completed'));
    await expectEachOnce(ids);
  });

  test('at the sweep: the next tick goes on', async () => {
    await failing('sluice', [{ door: 'JOB_QUEUE' }]);
    const ids = await enqueueAll(sluice, witness(3));
    await sleep(1100);
    await failing('sluice', [d1({ times: LASTING })]);
    await sluice.tick();
    expect(await allIn(sluice, ids, 'pending')).toBe(true);
    await sluice.setFaults('sluice', []);
    await untilSwept(() => allIn(sluice, ids, 'completed'));
    await expectEachOnce(ids);
  });

  test('at the burial: the sweep sends the dead letter again', async () => {
    const out = await whenLogged('d1.failed', 6);
    await failing('sluice', [d1({ skip: 1, times: LASTING })]);
    const id = await sluice.enqueue('test-fail', { fatal: true });
    await out();
    await sluice.setFaults('sluice', []);
    const archived = () => sluice.rows('SELECT * FROM dead_letters WHERE id = ? AND buried_at > 0', id);
    await untilSwept(async () => (await archived()).length === 1);
    await until(() => sluice.logs('jobs.dead').some((line) => JSON.stringify(line).includes(id)));
  });

  test('at the claim: no attempt is spent, and the sweep sends the jobs again', async () => {
    const out = await whenLogged('d1.failed', 6);
    await failing('sluice-scraper', [d1({ times: LASTING })]);
    const ids = await enqueueAll(sluice, witness(7));
    await out();
    expect(await allIn(sluice, ids, 'pending')).toBe(true);
    await sluice.setFaults('sluice-scraper', []);
    await untilSwept(() => allIn(sluice, ids, 'completed'));
    await expectEachOnce(ids);
  });

  test('at the claim, which did commit: the leases run out, and the jobs are done', async () => {
    const out = await whenLogged('d1.failed', 6);
    await failing('sluice-scraper', [d1({ when: 'after', times: LASTING })]);
    const ids = await enqueueAll(sluice, witness(3));
    await out();
    expect(await allIn(sluice, ids, 'processing')).toBe(true);
    await sluice.setFaults('sluice-scraper', []);
    for (const id of ids) await ageLease(sluice, id, 20_000);
    await untilSwept(() => allIn(sluice, ids, 'completed'));
    await expectEachOnce(ids);
    for (const id of ids) expect(await rowOf(sluice, id)).toMatchObject({ losses: 1, fence: 2 });
  });

  test('at the settle, for good: the work is done again when the lease is over, and counted once', async () => {
    await failing('sluice-scraper', [d1({ skip: 1, times: LASTING, message: 'D1_ERROR: never' })]);
    const [id] = await enqueueAll(sluice, witness(1));
    await until(async () => (await eventsOf(sluice, id)).length === 2);
    await sleep(200);
    expect(await allIn(sluice, [id], 'processing')).toBe(true);
    await sluice.setFaults('sluice-scraper', []);
    await ageLease(sluice, id, 20_000);
    await untilSwept(() => allIn(sluice, [id], 'completed'));
    expect(await rowOf(sluice, id)).toMatchObject({ attempts: 1, losses: 1, fence: 2, result: '{"run":2}' });
  });
});

test('the counters are what a full scan gives', () => expectCountersTrue(sluice));

test('no job died of any of this', async () => {
  const failed = await sluice.rows(`SELECT type, payload FROM jobs WHERE status = 'failed'`);
  expect(failed.every(({ payload }) => JSON.parse(payload).fatal)).toBe(true);
  const open = await sluice.rows(`SELECT * FROM jobs WHERE completed_at IS NULL`);
  expect(open).toEqual([]);
});
