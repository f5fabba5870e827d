// The queue's consumer: all messages of a batch side by side.
import { handlers } from './handlers.js';
import { completeJob, failJob, findJob, rescheduleJob, startJob } from './jobs.js';

/** @typedef {import('./jobs.js').Env} Env */
/** @typedef {Message<import('./jobs.js').JobMessage>} JobMessage */

const BASE_DELAY_SECONDS = 60;
const DELAY_SECONDS_MAX = 3600;

/** @param {number} attempt the one that failed, from 1 on @returns {number} seconds: 60, 120, 240, … 3600 */
const backoff = (attempt) => Math.min(BASE_DELAY_SECONDS * 2 ** (attempt - 1), DELAY_SECONDS_MAX);

/**
 * One attempt at a job that has attempts left.
 *
 * @param {JobMessage} message
 * @param {{ attempt: number, maxAttempts: number, worker: string }} options
 * @param {Env} env
 */
async function attemptJob(message, { attempt, maxAttempts, worker }, env) {
  const { id, type, payload } = message.body;
  await startJob(id, worker, env);
  try {
    const handler = handlers[type];
    if (!handler) throw new Error(`Unknown job type: ${type}`);
    const result = await handler(payload, env);
    await completeJob(id, result, env);
    message.ack();
  } catch (error) {
    const text = String(/** @type {Error} */ (error).message ?? error);
    const delaySeconds = backoff(attempt);
    if (attempt < maxAttempts) await rescheduleJob(id, text, delaySeconds, env);
    else await failJob(id, text, env);
    message.retry({ delaySeconds });
  }
}

/**
 * @param {JobMessage} message
 * @param {string} worker
 * @param {Env} env
 */
async function handleMessage(message, worker, env) {
  const job = await findJob(message.body.id, env);
  if (!job || job.status === 'completed') {
    message.ack();
    return;
  }
  if (job.status === 'failed') {
    // The platform's own retries then run out, and it becomes a dead letter.
    message.retry();
    return;
  }
  await attemptJob(message, { attempt: job.attempts + 1, maxAttempts: job.max_attempts, worker }, env);
}

/**
 * @param {MessageBatch<import('./jobs.js').JobMessage>} batch
 * @param {Env} env
 */
export async function handleBatch(batch, env) {
  const worker = `worker_${crypto.randomUUID()}`;
  const outcomes = await Promise.allSettled(
    batch.messages.map((message) => handleMessage(message, worker, env)),
  );
  outcomes.forEach((outcome, n) => {
    if (outcome.status === 'fulfilled') return;
    console.error(`Message ${batch.messages[n].id} failed:`, outcome.reason);
    batch.messages[n].retry();
  });
}
