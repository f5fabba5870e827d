// minute cron ─► sweep ═D1═► swept ─► sends
import { SLUICE_OP_SWEEP } from '../abi.generated.js';
import { runFlow } from '../step.js';

/** Rounds in one tick, so that a tick ends; the next one goes on. */
const ROUNDS_MAX = 40;

/**
 * Rounds until nothing is due.
 * @param {Record<string, any>} env
 * @param {number} [shard] on which alone
 * @returns {Promise<{ ticks: boolean, split?: import('../step.js').Part[] }>} ticks: of schedules have come;
 *   split: nothing was done, as each shard is to be swept by itself
 */
async function sweepRounds(env, shard) {
  let ticks = false;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const { control, reply } = await runFlow(env, SLUICE_OP_SWEEP, { shard });
    if (control.split) return { ticks, split: control.split };
    ticks ||= reply !== undefined;
    if (!control.more) break;
  }
  return { ticks };
}

/**
 * Looks at what should have moved and has not, until nothing is due; what fails on one shard holds up no
 * other.
 * @param {Record<string, any>} env
 * @returns {Promise<boolean>} whether ticks of schedules have come
 */
export async function sweep(env) {
  const { ticks, split } = await sweepRounds(env);
  if (!split) return ticks;
  const results = await Promise.allSettled(split.map(([shard]) => sweepRounds(env, shard)));
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed) throw /** @type {PromiseRejectedResult} */ (failed).reason;
  return results.some((result) => /** @type {PromiseFulfilledResult<any>} */ (result).value.ticks);
}
