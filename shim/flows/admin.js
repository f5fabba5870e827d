// What operators do to jobs, queues and dead letters.
import {
  SLUICE_OP_CANCEL,
  SLUICE_OP_DISCARD,
  SLUICE_OP_PAUSE,
  SLUICE_OP_REQUEUE,
  SLUICE_OP_REQUEUE_MANY,
  SLUICE_OP_RESUME,
  SLUICE_OP_RETRY,
} from '../abi.generated.js';
import { runFlow, runRaced } from '../step.js';

/** @typedef {import('../step.js').Reply} Reply */
/** @typedef {Record<string, any>} Env */

/**
 * failed or cancelled → pending: 200 the job, 404, 409, 503.
 * @param {Env} env @param {string} id
 */
export const retryJob = (env, id) => runRaced(env, SLUICE_OP_RETRY, { id });

/**
 * Not yet final → cancelled: 200 the job, 404, 409, 503.
 * @param {Env} env @param {string} id
 */
export const cancelJob = (env, id) => runRaced(env, SLUICE_OP_CANCEL, { id });

/**
 * @param {Env} env
 * @param {number} op
 * @param {string} name
 * @returns {Promise<Reply>}
 */
async function set(env, op, name) {
  const { reply } = await runFlow(env, op, { name });
  return /** @type {Reply} */ (reply);
}

/**
 * A logical queue starts no jobs from now on; what runs goes on: 200 the queue, 404, 503.
 * @param {Env} env @param {string} name
 */
export const pauseQueue = (env, name) => set(env, SLUICE_OP_PAUSE, name);

/**
 * It starts jobs again: 200 the queue, 404, 503.
 * @param {Env} env @param {string} name
 */
export const resumeQueue = (env, name) => set(env, SLUICE_OP_RESUME, name);

/**
 * A dead letter is tried again: 200 the job, 404, 409, 503.
 * @param {Env} env @param {string} id
 */
export const requeueLetter = (env, id) => runRaced(env, SLUICE_OP_REQUEUE, { id });

/**
 * A dead letter goes away, its job stays failed: 200 the dead letter, 404, 503.
 * @param {Env} env @param {string} id
 */
export const discardLetter = (env, id) => runRaced(env, SLUICE_OP_DISCARD, { id });

/**
 * Many dead letters are tried again, step by step: 200 `{requeued, skipped, nextCursor?}`, 400, 422, 503.
 *
 * @param {Env} env
 * @param {string | Uint8Array} body JSON as it came
 * @returns {Promise<Reply>}
 */
export async function requeueLetters(env, body) {
  const bodies = [body];
  for (;;) {
    const { control, reply } = await runFlow(env, SLUICE_OP_REQUEUE_MANY, {}, bodies);
    const { body: progress } = /** @type {Reply} */ (reply);
    if (!control.more) return /** @type {Reply} */ (reply);
    bodies[1] = progress;
  }
}
