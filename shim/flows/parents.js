// What a leased job depends on, for its handler.
import { SLUICE_OP_PARENTS } from '../abi.generated.js';
import { CoreError } from '../core.js';
import { runFlow } from '../step.js';

/**
 * `result` is null where there is none, and where the results of those before it have used up what a handler
 * is given (4 MiB of JSON in all).
 *
 * @typedef {{ jobId: string, type: string, status: string, result: any }} Parent
 */

/**
 * @param {Record<string, any>} env
 * @param {string} id
 * @returns {Promise<Parent[] | undefined>} in the order of its dependsOn; undefined: they cannot be read now
 */
export async function readParents(env, id) {
  try {
    const { reply, host } = await runFlow(env, SLUICE_OP_PARENTS, { id });
    if (reply?.status !== 200) return undefined;
    return host.map(({ head, result }) => ({ ...JSON.parse(head), result: result && JSON.parse(result) }));
  } catch (error) {
    if (error instanceof CoreError) return undefined;
    throw error;
  }
}
