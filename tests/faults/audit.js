// The judgement over a record after faults: read from the database's file, not from what the system says of itself.
import { kinds } from './load.js';

/** @typedef {import('./local-system.js').LocalSystem} LocalSystem */
/** @typedef {import('./findings.js').Findings} Findings */
/** @typedef {import('./load.js').Load} Load */

const STATES = ['pending', 'delayed', 'blocked', 'processing', 'completed', 'failed', 'cancelled'];
const FINAL = `('completed', 'failed', 'cancelled')`;

/** Jobs that are not final, and failed ones whose dead letter the consumer has not archived yet. */
const unfinished = `
  SELECT (SELECT count(*) FROM jobs WHERE status NOT IN ${FINAL}) +
    (SELECT count(*) FROM jobs WHERE status = 'failed' AND NOT EXISTS (
      SELECT 1 FROM dead_letters WHERE id = jobs.id AND buried_at IS NOT NULL)) AS n`;

/**
 * Ticks the sweep until every job is final and every dead letter archived.
 *
 * @param {LocalSystem} system running
 * @param {number} ms throws after so long
 * @returns {Promise<number>} seconds it took
 */
export async function drain(system, ms) {
  const began = Date.now();
  system.startTicks(1000);
  try {
    await system.until('every job final', ms, () => system.rows(unfinished)[0].n === 0);
  } catch (error) {
    const left = system.rows(`SELECT type, status, losses, attempts, count(*) AS n FROM jobs
      WHERE status NOT IN ${FINAL} GROUP BY 1, 2, 3, 4`);
    throw new Error(`${/** @type {Error} */ (error).message}\n${JSON.stringify(left)}`);
  } finally {
    system.stopTicks();
  }
  return Math.round((Date.now() - began) / 1000);
}

/**
 * @param {import('node:sqlite').DatabaseSync} database
 * @param {string} sql
 * @returns {any[]}
 */
const all = (database, sql) =>
  database
    .prepare(sql)
    .all()
    .map((row) => ({ ...row }));

/**
 * Whether the tables agree with each other, whatever was done to the system.
 *
 * @param {LocalSystem} system
 * @param {Findings} findings
 */
export function auditRecord(system, findings) {
  system.withRecord((database) => {
    const integrity = all(database, 'PRAGMA integrity_check');
    findings.equal('the database file is intact', integrity, [{ integrity_check: 'ok' }]);
    const sums = STATES.map((state) => `sum(status = '${state}') AS ${state}`).join(', ');
    const counted = all(
      database,
      `SELECT queue, type, ${sums}, sum(attempts) AS attempts FROM jobs GROUP BY queue, type ORDER BY queue, type`,
    );
    const kept = all(
      database,
      `SELECT queue, type, ${STATES.join(', ')}, attempts FROM counters ORDER BY queue, type`,
    );
    findings.equal('the counters are what a scan gives', kept, counted);
    const twice = all(
      database,
      'SELECT job_id, count(*) AS n FROM test_completions GROUP BY job_id HAVING count(*) > 1 LIMIT 5',
    );
    findings.equal('no job completed twice', twice, []);
    findings.equal('no final state changed', all(database, 'SELECT * FROM test_overwrites LIMIT 5'), []);
    const unburied = all(
      database,
      `SELECT id FROM jobs WHERE status = 'failed' AND NOT EXISTS (
        SELECT 1 FROM dead_letters AS d WHERE d.id = jobs.id AND d.fence = jobs.fence AND d.buried_at IS NOT NULL)
       LIMIT 5`,
    );
    findings.equal('every failed job has its archived dead letter', unburied, []);
    const alive = all(
      database,
      `SELECT id FROM dead_letters WHERE job_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM jobs WHERE jobs.id = dead_letters.job_id AND jobs.status = 'failed') LIMIT 5`,
    );
    findings.equal('no dead letter of a job that did not fail', alive, []);
  });
}

/**
 * Whether what was acknowledged is there, and came to what its kind comes to.
 *
 * @param {LocalSystem} system
 * @param {Load} load stopped
 * @param {Findings} findings
 */
export function auditJobs(system, load, findings) {
  const rows = system.rows('SELECT id, status, losses, progress, last_error FROM jobs');
  const byId = new Map(rows.map((row) => [row.id, row]));
  const lost = [...load.acknowledged.keys()].filter((id) => !byId.has(id));
  const extra = rows.filter(({ id }) => !load.acknowledged.has(id));
  const poisoned = new Set(
    rows.filter((row) => row.status === 'failed' && JSON.parse(row.last_error).code === 'poison'),
  );
  const wrong = rows.filter((row) => {
    const kind = load.acknowledged.get(row.id);
    return kind && !poisoned.has(row) && row.status !== kinds[kind].final;
  });
  findings.equal('nothing acknowledged is lost', lost.slice(0, 5), []);
  findings.equal('nothing is recorded that nobody asked for', extra.slice(0, 5), []);
  findings.equal('every job came to what its kind comes to', wrong.slice(0, 5), []);
  findings.check(
    'only jobs with three lost leases are poison',
    [...poisoned].every(({ losses }) => losses === 3),
    [...poisoned].slice(0, 5),
  );
  findings.equal('no surprising answers', load.surprises.slice(0, 5), []);
  const count = (/** @type {string} */ status) => rows.filter((row) => row.status === status).length;
  const [{ twice }] = system.rows('SELECT count(*) - count(DISTINCT job_id) AS twice FROM test_completions');
  // Poison whose handler had not written that it runs: ended between what its worker told the record and that.
  const [{ unstarted }] = system.rows(
    `SELECT count(*) AS unstarted FROM jobs WHERE type = 'test-witness' AND status = 'failed'
     AND last_error ->> 'code' = 'poison' AND NOT EXISTS (
       SELECT 1 FROM test_runs WHERE job_id = jobs.id AND event = 'begin' AND at >= jobs.started_at)`,
  );
  return {
    jobsIn: load.acknowledged.size,
    completed: count('completed'),
    failed: count('failed'),
    cancelled: count('cancelled'),
    unfinished: rows.filter(({ status }) => !['completed', 'failed', 'cancelled'].includes(status)).length,
    lost: lost.length,
    completedTwice: twice,
    lostLeases: rows.reduce((sum, { losses }) => sum + losses, 0),
    poisoned: poisoned.size,
    poisonedUnbegun: [...poisoned].filter(({ progress }) => progress === null).length,
    poisonedUnstarted: unstarted,
  };
}
