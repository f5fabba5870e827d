// What tests read in the record and put into it: the runs of test-witness, counters, messages of other producers.
import { expect } from 'vitest';

/** @typedef {import('./harness.js').Sluice} Sluice */

/**
 * Makes the table in which test-witness writes.
 * @param {Sluice} sluice
 */
export async function makeWitness(sluice) {
  await sluice.env.DB.prepare(
    'CREATE TABLE test_runs (job_id TEXT NOT NULL, attempt INTEGER NOT NULL, event TEXT NOT NULL, at INTEGER NOT NULL)',
  ).run();
}

/**
 * What the runs of a test-witness job wrote, in order.
 *
 * @param {Sluice} sluice
 * @param {string} id
 * @returns {Promise<string[]>}
 */
export async function eventsOf(sluice, id) {
  const rows = await sluice.rows('SELECT event FROM test_runs WHERE job_id = ? ORDER BY rowid', id);
  return rows.map(({ event }) => event);
}

/** What a job that ran once has written. */
export const ONCE = ['begin', 'end'];

/**
 * The job's row, straight from D1: no HTTP, so that no fault and no counted call of the main worker is spent.
 *
 * @param {Sluice} sluice
 * @param {string} id
 * @returns {Promise<any>}
 */
export async function rowOf(sluice, id) {
  const [row] = await sluice.rows('SELECT * FROM jobs WHERE id = ?', id);
  return row;
}

/**
 * Whether every one of the jobs is in this state.
 *
 * @param {Sluice} sluice
 * @param {string[]} ids
 * @param {string} status
 */
export async function allIn(sluice, ids, status) {
  const [row] = await sluice.rows(
    'SELECT count(*) AS n FROM jobs WHERE status = ?1 AND id IN (SELECT value FROM json_each(?2))',
    status,
    JSON.stringify(ids),
  );
  return row.n === ids.length;
}

/**
 * Enqueues jobs in one request and resolves to their ids.
 *
 * @param {Sluice} sluice
 * @param {Record<string, unknown>[]} jobs
 * @returns {Promise<string[]>}
 */
export async function enqueueAll(sluice, jobs) {
  const { status, body } = await sluice.call('/jobs/batch', { json: { jobs } });
  expect(status).toBe(201);
  expect(body.jobs.filter((/** @type {any} */ entry) => entry.error)).toEqual([]);
  return body.jobs.map((/** @type {any} */ entry) => entry.jobId);
}

/**
 * An envelope as the contract has it, of a producer who is not Sluice.
 *
 * @param {string} id
 * @param {string} type
 * @param {unknown} [payload]
 * @param {Record<string, unknown>} [metadata]
 */
export const envelope = (id, type, payload = {}, metadata = {}) => ({
  id,
  type,
  payload,
  metadata: {
    priority: 'normal',
    scheduledAt: Date.now(),
    maxRetries: 2,
    timeoutMs: 30000,
    correlationId: id,
    ...metadata,
  },
});

/**
 * A message of Sluice's own for a job that is in the record: what a queue delivers once more.
 *
 * @param {string} id
 * @param {string} [type]
 */
export const wake = (id, type = 'test-witness') => ({
  ...envelope(id, type, null, { sluice: { v: 1 } }),
  payloadRef: 'd1',
});

const STATES = ['pending', 'delayed', 'blocked', 'processing', 'completed', 'failed', 'cancelled'];

/**
 * Asserts that the counters are what a full scan of the jobs gives.
 * @param {Sluice} sluice
 */
export async function expectCountersTrue(sluice) {
  const sums = STATES.map((state) => `sum(status = '${state}') AS ${state}`).join(', ');
  const counted = await sluice.rows(
    `SELECT queue, type, ${sums}, sum(attempts) AS attempts FROM jobs GROUP BY queue, type ORDER BY queue, type`,
  );
  // A counter row stays when the last of its jobs is removed.
  const kept = await sluice.rows(
    `SELECT queue, type, ${STATES.join(', ')}, attempts FROM counters
     WHERE ${STATES.join(' + ')} > 0 ORDER BY queue, type`,
  );
  expect(kept).toEqual(counted);
}

/**
 * Makes a job's lease as old as if its worker had last renewed it so long ago.
 *
 * @param {Sluice} sluice
 * @param {string} id
 * @param {number} ms
 */
export async function ageLease(sluice, id, ms) {
  await sluice.rows(
    'UPDATE jobs SET lease_until = lease_until - ?2, wake_at = wake_at - ?2 WHERE id = ?1',
    id,
    ms,
  );
}
