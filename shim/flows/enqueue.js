// request ─► admit ═D1═► admitted ─► sends ─► reply
import { SLUICE_OP_ADMIT, SLUICE_OP_ADMIT_BATCH, SLUICE_OP_ADMIT_CHAT } from '../abi.generated.js';
import { runFlow } from '../step.js';

/** @typedef {import('../step.js').Reply} Reply */
/** @typedef {Record<string, any>} Env */

/**
 * Enqueues one job: 201, 200 (duplicate), 4xx or 503 as the contract's POST /jobs.
 *
 * @param {Env} env
 * @param {string | Uint8Array} body JSON as it came
 * @param {string} [idempotencyKey]
 * @returns {Promise<Reply>}
 */
export async function enqueueOne(env, body, idempotencyKey) {
  const { reply } = await runFlow(env, SLUICE_OP_ADMIT, { idempotencyKey }, [body]);
  return /** @type {Reply} */ (reply);
}

/**
 * Enqueues up to 1000 jobs; one invalid job never stops the others.
 *
 * @param {Env} env
 * @param {string | Uint8Array} body JSON `{jobs: [...]}` as it came
 * @param {string} [idempotencyKey]
 * @returns {Promise<Reply>}
 */
export async function enqueueBatch(env, body, idempotencyKey) {
  const { control, reply } = await runFlow(env, SLUICE_OP_ADMIT_BATCH, { idempotencyKey }, [body]);
  if (!control.bisect) return /** @type {Reply} */ (reply);
  return enqueueHalves(env, body, idempotencyKey);
}

/**
 * One job that the database refuses must not stop the others: each half by itself, down to that one.
 *
 * @param {Env} env
 * @param {string | Uint8Array} body
 * @param {string} [idempotencyKey]
 * @returns {Promise<Reply>}
 */
async function enqueueHalves(env, body, idempotencyKey) {
  const { jobs } = JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body));
  const middle = jobs.length >> 1;
  const results = [];
  for (const [half, part] of [jobs.slice(0, middle), jobs.slice(middle)].entries()) {
    const key = idempotencyKey && `${idempotencyKey}/${half}`;
    const reply = await enqueueBatch(env, JSON.stringify({ jobs: part }), key);
    const answer = JSON.parse(reply.body);
    results.push(...(answer.jobs ?? part.map(() => ({ error: answer }))));
  }
  return { status: 201, body: JSON.stringify({ jobs: results }) };
}

/**
 * Reads a chat message and enqueues what it asks for.
 *
 * @param {Env} env
 * @param {string | Uint8Array} body JSON `{message, userId, sessionId}` as it came
 * @returns {Promise<Reply>}
 */
export async function chat(env, body) {
  const { reply } = await runFlow(env, SLUICE_OP_ADMIT_CHAT, {}, [body]);
  return /** @type {Reply} */ (reply);
}
