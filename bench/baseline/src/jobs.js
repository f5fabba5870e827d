// The table job_queue, a statement for each step: four round trips a job, and six written rows. Inserting
// costs the row, its key and an index; starting the row and an index; completing the row. Its indexes are
// partial, and leaving one is free: with one over all states, or two, it would be eight rows, or ten.

/** @typedef {{ DB: D1Database, JOB_QUEUE: Queue<JobMessage> }} Env */
/** @typedef {{ type: string, payload: object, priority?: number, maxAttempts?: number }} JobRequest */
/** @typedef {{ id: string, type: string, payload: object }} JobMessage */
/** @typedef {{ status: string, attempts: number, max_attempts: number }} JobRow */

const LOCK_SECONDS = 300;

/**
 * Records the job, then sends its message.
 *
 * @param {JobRequest} job
 * @param {Env} env
 * @returns {Promise<string>} its id
 */
export async function createJob({ type, payload, priority = 5, maxAttempts = 3 }, env) {
  const id = crypto.randomUUID();
  await env.DB.prepare(
    'INSERT INTO job_queue (id, type, priority, payload, max_attempts) VALUES (?, ?, ?, ?, ?)',
  )
    .bind(id, type, priority, JSON.stringify(payload), maxAttempts)
    .run();
  await env.JOB_QUEUE.send({ id, type, payload });
  return id;
}

/** @param {string} id @param {Env} env @returns {Promise<JobRow | null>} */
export function findJob(id, env) {
  return env.DB.prepare('SELECT status, attempts, max_attempts FROM job_queue WHERE id = ?').bind(id).first();
}

/** Locks a job and counts an attempt. @param {string} id @param {string} worker @param {Env} env */
export async function startJob(id, worker, env) {
  await env.DB.prepare(
    `UPDATE job_queue SET status = 'processing', attempts = attempts + 1, locked_by = ?,
       locked_until = datetime('now', ?), updated_at = datetime('now')
     WHERE id = ?`,
  )
    .bind(worker, `+${LOCK_SECONDS} seconds`, id)
    .run();
}

/** @param {string} id @param {unknown} result @param {Env} env */
export async function completeJob(id, result, env) {
  await env.DB.prepare(
    `UPDATE job_queue SET status = 'completed', result = ?, locked_until = NULL, locked_by = NULL,
       completed_at = datetime('now'), updated_at = datetime('now')
     WHERE id = ?`,
  )
    .bind(JSON.stringify(result ?? null), id)
    .run();
}

/**
 * Leaves a job for another attempt.
 *
 * @param {string} id
 * @param {string} error
 * @param {number} delaySeconds
 * @param {Env} env
 */
export async function rescheduleJob(id, error, delaySeconds, env) {
  await env.DB.prepare(
    `UPDATE job_queue SET status = 'pending', scheduled_for = datetime('now', ?), last_error = ?,
       locked_until = NULL, locked_by = NULL, updated_at = datetime('now')
     WHERE id = ?`,
  )
    .bind(`+${delaySeconds} seconds`, error, id)
    .run();
}

/** @param {string} id @param {string} error @param {Env} env */
export async function failJob(id, error, env) {
  await env.DB.prepare(
    `UPDATE job_queue SET status = 'failed', last_error = ?, locked_until = NULL, locked_by = NULL,
       updated_at = datetime('now')
     WHERE id = ?`,
  )
    .bind(error, id)
    .run();
}

const percent = (/** @type {number} */ part, /** @type {number} */ total) =>
  `${(total === 0 ? 0 : (part / total) * 100).toFixed(2)}%`;

/** @param {Env} env */
export async function getStats(env) {
  /** @type {D1Result<{ type: string, status: string, count: number, avg_attempts: number }>} */
  const { results } = await env.DB.prepare(
    `SELECT type, status, COUNT(*) AS count, AVG(attempts) AS avg_attempts
     FROM job_queue GROUP BY type, status`,
  ).all();
  /** @type {Record<string, number>} */
  const counts = { pending: 0, processing: 0, completed: 0, failed: 0 };
  /** @type {Record<string, Record<string, { count: number, averageAttempts: number }>>} */
  const byType = {};
  for (const { type, status, count, avg_attempts: averageAttempts } of results) {
    counts[status] = (counts[status] ?? 0) + count;
    byType[type] ??= {};
    byType[type][status] = { count, averageAttempts };
  }
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return {
    total,
    ...counts,
    completionRate: percent(counts.completed, total),
    failureRate: percent(counts.failed, total),
    byType,
  };
}
