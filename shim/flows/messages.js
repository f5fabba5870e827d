// What consumers share: the bodies of a batch as the core reads them, and marking every message.
import { log } from '../log.js';

/** @typedef {Record<string, any>} Env */

const JOB_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * What the core reads of an envelope of ours: all else is in the record.
 * @param {any} envelope
 * @returns {string | undefined} nothing where the envelope is another's, of which the core reads everything
 */
function wakeText(envelope) {
  const mark = envelope?.metadata?.sluice;
  if (mark?.v !== 1 || !JOB_ID.test(envelope.id)) return undefined;
  return `{"id":"${envelope.id}","metadata":{"sluice":${JSON.stringify(mark)}}}`;
}

/** @param {any} body @returns {string | undefined} the same of a message */
function wakesText(body) {
  const jobs = body?.jobs;
  if (!Array.isArray(jobs) || jobs.length === 0) return wakeText(body);
  const texts = jobs.map(wakeText);
  return texts.includes(undefined) ? undefined : `{"jobs":[${texts.join(',')}]}`;
}

/**
 * A message's body as the text that its producer meant: JSON of what the queue delivered; bytes as they are.
 * @param {unknown} body
 * @returns {string | Uint8Array}
 */
export function bodyText(body) {
  if (body instanceof Uint8Array) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  try {
    return wakesText(body) ?? JSON.stringify(body) ?? 'null';
  } catch {
    return JSON.stringify(String(body).toWellFormed());
  }
}

/** Marks messages. One with several jobs is marked when all of them are; one retry among them decides. */
export class Marker {
  /** @param {readonly Message[]} messages */
  constructor(messages) {
    /** @type {Map<Message, { open: number, retry?: QueueRetryOptions, done: boolean }>} */
    this.entries = new Map(messages.map((message) => [message, { open: 1, done: false }]));
  }

  /**
   * The message is looked at on `count` shards, each of which will mark it.
   * @param {Message} message @param {number} count
   */
  expect(message, count) {
    const entry = this.entries.get(message);
    if (entry) entry.open = count;
  }

  /**
   * One of the marks that the message waits for comes of `count` jobs, each of which will be marked.
   * @param {Message} message @param {number} count
   */
  unfold(message, count) {
    const entry = this.entries.get(message);
    if (entry) entry.open += count - 1;
  }

  /**
   * @param {Message} message
   * @param {boolean} retry else acknowledged
   * @param {number} [delaySeconds] of the retry; where it is missing, the queue's own retry_delay holds
   */
  mark(message, retry, delaySeconds) {
    const entry = this.entries.get(message);
    if (!entry || entry.done) return;
    if (retry) {
      const longest = Math.max(entry.retry?.delaySeconds ?? 0, delaySeconds ?? 0);
      entry.retry = delaySeconds === undefined ? (entry.retry ?? {}) : { delaySeconds: longest };
    }
    if (--entry.open > 0) return;
    entry.done = true;
    if (entry.retry) message.retry(entry.retry);
    else message.ack();
  }

  /**
   * No message may be left unmarked: an unmarked one counts as acknowledged.
   * @param {Env} env
   * @param {QueueRetryOptions} [options]
   */
  retryRest(env, options) {
    for (const [message, entry] of this.entries) {
      if (entry.done) continue;
      entry.done = true;
      message.retry(options);
      log(env, 'warn', 'message.returned', { messageId: message.id, attempts: message.attempts });
    }
  }
}

/**
 * The messages of each part of a batch that several shards are concerned with. A message with jobs on several
 * is marked when all of them have said what becomes of it.
 * @param {readonly Message[]} messages @param {import('../step.js').Part[]} split @param {Marker} marker
 * @returns {{ shard: number, part: Message[] }[]}
 */
export function partsOf(messages, split, marker) {
  const parts = split.map(([shard, items]) => ({
    shard,
    part: items.map((item) => /** @type {Message} */ (messages[item])),
  }));
  const counts = Map.groupBy(
    parts.flatMap(({ part }) => part),
    (message) => message,
  );
  for (const [message, { length }] of counts) marker.expect(message, length);
  return parts;
}

/**
 * Runs a flow over messages; where one value spoils the batch (the core says so), over each half by itself.
 *
 * @template T
 * @param {Message[]} messages
 * @param {(part: Message[]) => Promise<{ bisect?: boolean, result: T }>} runPart
 * @returns {Promise<T[]>} the parts' results
 */
export async function inParts(messages, runPart) {
  const { bisect, result } = await runPart(messages);
  if (!bisect || messages.length < 2) return [result];
  const middle = messages.length >> 1;
  const first = await inParts(messages.slice(0, middle), runPart);
  return first.concat(await inParts(messages.slice(middle), runPart));
}
