// request ─► admit ═D1═► admitted ─► sends ─► reply
import { SLUICE_OP_ADMIT, SLUICE_OP_ADMIT_BATCH } from '../abi.generated.js';
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
export function enqueueBatch(env, body, idempotencyKey) {
  return enqueuePart(env, body, idempotencyKey, 0);
}

/**
 * @param {Env} env
 * @param {string | Uint8Array} body
 * @param {string | undefined} idempotencyKey
 * @param {number} first place of the part's first job in the request
 * @returns {Promise<Reply>}
 */
async function enqueuePart(env, body, idempotencyKey, first) {
  const { control, reply } = await runFlow(env, SLUICE_OP_ADMIT_BATCH, { idempotencyKey, first }, [body]);
  if (!control.bisect) return /** @type {Reply} */ (reply);
  return enqueueHalves(env, body, idempotencyKey, first);
}

/**
 * One job that the database refuses must not stop the others: each half by itself, down to that one.
 *
 * @param {Env} env
 * @param {string | Uint8Array} body
 * @param {string | undefined} idempotencyKey
 * @param {number} first
 * @returns {Promise<Reply>}
 */
async function enqueueHalves(env, body, idempotencyKey, first) {
  const { jobs } = JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body));
  const middle = jobs.length >> 1;
  const results = [];
  for (const [from, to] of [
    [0, middle],
    [middle, jobs.length],
  ]) {
    const part = jobs.slice(from, to);
    const reply = await enqueuePart(
      env,
      JSON.stringify({ jobs: part }),
      idempotencyKey,
      first + Number(from),
    );
    const answer = JSON.parse(reply.body);
    results.push(...(answer.jobs ?? part.map(() => ({ error: answer }))));
  }
  return { status: 201, body: JSON.stringify({ jobs: results }) };
}
