// What callers read of the record.
import { SLUICE_OP_QUERY } from '../abi.generated.js';
import { runFlow } from '../step.js';
import { views } from '../views.js';

/** @typedef {import('../step.js').Reply} Reply */

/**
 * @param {Record<string, any>} env
 * @param {{ kind: string } & Record<string, string | undefined>} control see wasm/views/query.h
 * @returns {Promise<Reply>}
 */
export async function query(env, control) {
  const { reply } = await runFlow(env, SLUICE_OP_QUERY, control, [], views);
  return /** @type {Reply} */ (reply);
}
