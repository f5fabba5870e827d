// The one door to Queues.
import { log } from './log.js';

/** Queues: a sendBatch holds 100 messages and 256,000 bytes at most; each message has 100 of metadata. */
const BATCH_MESSAGES = 100;
const BATCH_BYTES = 256000;
const MESSAGE_OVERHEAD = 100;

/** @typedef {{ body: string, delaySeconds: number }} Outgoing */

const encoder = new TextEncoder();

/**
 * Cuts messages into batches that the platform takes.
 * @param {Outgoing[]} messages
 */
export function cutBatches(messages) {
  /** @type {Outgoing[][]} */
  const batches = [];
  let bytes = 0;
  for (const message of messages) {
    const size = encoder.encode(message.body).length + MESSAGE_OVERHEAD;
    const last = batches.at(-1);
    if (last && last.length < BATCH_MESSAGES && bytes + size <= BATCH_BYTES) {
      last.push(message);
      bytes += size;
    } else {
      batches.push([message]);
      bytes = size;
    }
  }
  return batches;
}

/**
 * @param {Queue} queue
 * @param {Outgoing[]} batch
 */
function sendBatch(queue, batch) {
  return queue.sendBatch(
    batch.map(({ body, delaySeconds }) => ({
      body: JSON.parse(body),
      contentType: /** @type {const} */ ('json'),
      ...(delaySeconds > 0 && { delaySeconds }),
    })),
  );
}

/**
 * Sends messages, each to the queue of its binding. Never throws: what cannot be sent is in the record, and
 * the sweep sends it later.
 *
 * @param {Record<string, any>} env
 * @param {[binding: string, body: string, delaySeconds: number][]} sends
 */
export async function send(env, sends) {
  /** @type {Map<string, Outgoing[]>} */
  const byQueue = new Map();
  for (const [binding, body, delaySeconds] of sends) {
    const list = byQueue.get(binding);
    if (list) list.push({ body, delaySeconds });
    else byQueue.set(binding, [{ body, delaySeconds }]);
  }
  const batches = [...byQueue].flatMap(([binding, list]) =>
    cutBatches(list).map((batch) => ({ binding, batch })),
  );
  await Promise.all(
    batches.map(async ({ binding, batch }) => {
      try {
        await sendBatch(env[binding], batch);
      } catch (error) {
        const message = /** @type {Error} */ (error).message;
        log(env, 'warn', 'queue.send_failed', { binding, messages: batch.length, message });
      }
    }),
  );
}
