// Writes items into the table imported_items, each under its namespace and id; one that is there is replaced.

import { RetryableError } from '../../../errors.js';
import { chunksOf, writeChunk } from '../../../lib/imported-items.js';

const NAMESPACE = 'default';

/**
 * @param {{ items: { id: string, data: unknown }[], namespace?: string }} payload
 * @param {import('../../../context.js').Context} ctx
 * @returns {Promise<{ imported: number, namespace: string }>}
 * @throws {RetryableError} import_failed, when D1 fails: the next attempt goes on after the last chunk that
 *   was written; the job signal's reason
 */
export default async function batchImport({ items, namespace = NAMESPACE }, ctx) {
  let done = Number(ctx.checkpointed?.done ?? 0);
  for (const chunk of chunksOf(items.slice(done))) {
    try {
      if (!(await writeChunk(ctx, namespace, chunk))) await leaseGone(ctx);
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      throw new RetryableError('import_failed', `After ${done} of ${items.length} items: ${message}`);
    }
    ctx.signal.throwIfAborted();
    done += chunk.length;
    ctx.progress((100 * done) / items.length);
    if (done < items.length) await ctx.checkpoint({ done });
  }
  return { imported: items.length, namespace };
}

/**
 * Asks what became of the lease, by which the handler is stopped.
 * @param {import('../../../context.js').Context} ctx
 */
async function leaseGone(ctx) {
  await ctx.heartbeat();
  throw new Error('the lease is gone');
}
