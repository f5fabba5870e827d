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
  if (control.split) return enqueueSplit(env, body, { idempotencyKey, first }, control.split);
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

/**
 * What a job of one part of a split batch came to: its item of the batch, the answer, and the reply that it
 * is of.
 * @typedef {{ item: number, answer: any, reply: Reply }} Answer
 */

/**
 * The jobs of each shard by themselves: what fails on one is nothing to the others.
 *
 * @param {Env} env
 * @param {string | Uint8Array} body
 * @param {{ idempotencyKey: string | undefined, first: number }} control
 * @param {import('../step.js').Part[]} split
 * @returns {Promise<Reply>} in the order of the request; where no database could be reached, as each said
 */
async function enqueueSplit(env, body, control, split) {
  const parts = split.map(([shard, items]) => enqueueItems(env, body, { ...control, shard }, items));
  const answers = (await Promise.all(parts)).flat().sort((a, b) => a.item - b.item);
  const refusals = answers.flatMap(({ reply }) => (reply.status === 201 ? [] : [reply]));
  if (refusals[0] && refusals.length === answers.length) return refusals[0];
  return { status: 201, body: JSON.stringify({ jobs: answers.map(({ answer }) => answer) }) };
}

/**
 * Some jobs of a batch; where the database refuses one of them (the core says so), each half by itself.
 *
 * @param {Env} env
 * @param {string | Uint8Array} body of the batch
 * @param {{ idempotencyKey: string | undefined, first: number, shard: number }} control
 * @param {number[]} items
 * @returns {Promise<Answer[]>}
 */
async function enqueueItems(env, body, control, items) {
  const outcome = await runFlow(env, SLUICE_OP_ADMIT_BATCH, { ...control, items }, [body]);
  if (outcome.control.bisect && items.length > 1) {
    const middle = items.length >> 1;
    const answers = await enqueueItems(env, body, control, items.slice(0, middle));
    return answers.concat(await enqueueItems(env, body, control, items.slice(middle)));
  }
  const reply = /** @type {Reply} */ (outcome.reply);
  const told = JSON.parse(reply.body);
  return items.map((item, n) => ({ item, answer: told.jobs?.[n] ?? { error: told }, reply }));
}
