// The compatibility layer of the job-management document (wasm/core/compat.h).
import {
  SLUICE_OP_COMPAT_ADMIT,
  SLUICE_OP_COMPAT_LETTERS,
  SLUICE_OP_COMPAT_REQUEUE,
  SLUICE_OP_COMPAT_STATS,
} from '../abi.generated.js';
import { runFlow, runRaced } from '../step.js';
import { views } from '../views.js';

/** @typedef {import('../step.js').Reply} Reply */
/** @typedef {Record<string, any>} Env */

/**
 * @param {Env} env @param {string | Uint8Array} body JSON as it came @param {string} [idempotencyKey]
 * @returns {Promise<Reply>}
 */
export async function compatEnqueue(env, body, idempotencyKey) {
  const { reply } = await runFlow(env, SLUICE_OP_COMPAT_ADMIT, { idempotencyKey }, [body]);
  return /** @type {Reply} */ (reply);
}

/** @param {Env} env @returns {Promise<Reply>} */
export async function compatStats(env) {
  const { reply } = await runFlow(env, SLUICE_OP_COMPAT_STATS, {}, [], views);
  return /** @type {Reply} */ (reply);
}

/** @param {Env} env @param {string | undefined} limit @returns {Promise<Reply>} */
export async function compatDeadLetters(env, limit) {
  const { reply } = await runFlow(env, SLUICE_OP_COMPAT_LETTERS, { limit }, [], views);
  return /** @type {Reply} */ (reply);
}

/** @param {Env} env @param {string | Uint8Array} body JSON as it came @returns {Promise<Reply>} */
export const compatRequeue = (env, body) => runRaced(env, SLUICE_OP_COMPAT_REQUEUE, {}, [body]);
