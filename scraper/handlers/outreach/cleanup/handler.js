// Removes final jobs before their retention ends, in bounded steps.

import { SLUICE_OP_CLEANUP } from '../../../../shim/abi.generated.js';
import { runFlow } from '../../../../shim/step.js';
import { RetryableError } from '../../../errors.js';

const DAY_MS = 86_400_000;

/**
 * @param {{ olderThanDays?: number }} payload without: completed jobs after RETENTION_COMPLETED_DAYS, others
 *   after
 *   RETENTION_FAILED_DAYS
 * @param {import('../../../context.js').Context} ctx
 * @returns {Promise<{ removed: number }>}
 */
export default async function cleanUp({ olderThanDays }, { env, signal, checkpoint, checkpointed }) {
  const olderThanMs = olderThanDays === undefined ? undefined : Math.round(olderThanDays * DAY_MS);
  let { removed = 0, after = '', shard } = checkpointed ?? {};
  for (let more = true; more; ) {
    signal.throwIfAborted();
    const { reply } = await runFlow(env, SLUICE_OP_CLEANUP, { olderThanMs, after, shard });
    if (reply?.status !== 200) throw new RetryableError('unavailable', 'D1 could not be reached.');
    const answer = JSON.parse(reply.body);
    removed += answer.removed;
    more = answer.more;
    if (!more) break;
    ({ after, shard } = answer);
    await checkpoint({ removed, after, shard });
  }
  return { removed };
}
