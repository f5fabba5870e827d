// What a handler sees of its job.
import { SLUICE_OP_DESCRIBE } from '../abi.generated.js';
import { core } from '../core.js';

/** Nothing is drawn. */
const NO_ENTROPY = '0'.repeat(32);

/**
 * @param {Record<string, any>} env
 * @param {string} record of the job's run
 * @returns {Record<string, any>}
 */
export function describeJob(env, record) {
  const control = { now: 0, seed: NO_ENTROPY, bodies: 1 };
  const frames = core.call(env, SLUICE_OP_DESCRIBE, [JSON.stringify(control), record]);
  const { reply } = JSON.parse(/** @type {string} */ (frames[0]));
  return JSON.parse(/** @type {string} */ (frames[reply.frame]));
}
