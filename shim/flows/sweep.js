// minute cron ─► sweep ═D1═► swept ─► sends
import { SLUICE_OP_SWEEP } from '../abi.generated.js';
import { runFlow } from '../step.js';

/** Rounds in one tick, so that a tick ends; the next one goes on. */
const ROUNDS_MAX = 40;

/**
 * Looks at what should have moved and has not, until nothing is due.
 * @param {Record<string, any>} env
 * @returns {Promise<boolean>} whether ticks of schedules have come
 */
export async function sweep(env) {
  let ticks = false;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const { control, reply } = await runFlow(env, SLUICE_OP_SWEEP, {});
    ticks ||= reply !== undefined;
    if (!control.more) break;
  }
  return ticks;
}
