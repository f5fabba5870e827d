// dead letters ─► bury ═D1═► buried ─► alerts ─► ack
import { SLUICE_OP_BURY } from '../abi.generated.js';
import { alert } from '../alerts.js';
import { CoreError } from '../core.js';
import { log } from '../log.js';
import { runFlow } from '../step.js';
import { bodyText, inParts, Marker, partsOf } from './messages.js';

/**
 * @param {Record<string, any>} env
 * @param {string} queue
 * @param {Message[]} part
 * @param {Marker} marker
 * @param {number} tries of this delivery that came to nothing; what they archived has not been told
 * @param {number} [shard] for which alone it is buried
 * @returns {Promise<{ bisect?: boolean, result: ReturnType<typeof partsOf> }>} result: the parts to be buried
 *   by themselves, where several shards are concerned
 */
async function buryPart(env, queue, part, marker, tries, shard) {
  const messages = part.map(({ id, attempts }) => ({ id, attempts: attempts + tries }));
  const control = { queue, messages, shard };
  const outcome = await runFlow(
    env,
    SLUICE_OP_BURY,
    control,
    part.map(({ body }) => bodyText(body)),
  );
  if (outcome.control.split) return { result: partsOf(part, outcome.control.split, marker) };
  if (outcome.control.bisect) return { bisect: true, result: [] };
  const delivered = await alert(env, outcome.control.alerts ?? [], outcome.control.alertsCut);
  for (const [index, retry, delay] of outcome.control.marks ?? []) {
    const message = /** @type {Message} */ (part[index]);
    marker.mark(message, retry || !delivered, retry ? delay : undefined);
  }
  return { result: [] };
}

/**
 * @param {Record<string, any>} env
 * @param {string} queue
 * @param {Message[]} messages
 * @param {Marker} marker
 * @param {number} [shard] for which alone
 * @returns {Promise<void>}
 */
async function buryAll(env, queue, messages, marker, shard) {
  let tries = 0;
  const splits = await inParts(messages, async (part) => {
    try {
      return await buryPart(env, queue, part, marker, tries, shard);
    } catch (error) {
      if (!(error instanceof CoreError)) throw error;
      tries = 1;
      log(env, 'error', 'core.failed', { message: error.message, messages: part.length });
      return { bisect: true, result: [] };
    }
  });
  await Promise.all(splits.flat().map((split) => buryAll(env, queue, split.part, marker, split.shard)));
}

/**
 * Consumes one batch of dead letters: every message is marked before this returns, and it never throws.
 *
 * @param {MessageBatch} batch
 * @param {Record<string, any>} env
 */
export async function bury(batch, env) {
  const messages = [...batch.messages];
  const marker = new Marker(messages);
  try {
    await buryAll(env, batch.queue, messages, marker);
  } catch (error) {
    log(env, 'error', 'bury.failed', { message: /** @type {Error} */ (error).message });
  } finally {
    marker.retryRest(env);
  }
}
