// Entries of the benchmarks wrap workers with this: it counts what Cloudflare bills of them. The workers know
// nothing of it.
import { WorkerEntrypoint } from 'cloudflare:workers';

/**
 * One call of D1, however many statements it holds; rows and time are the sums of D1's own `meta`.
 * @typedef {{ statements: number, rowsRead: number, rowsWritten: number, ms: number }} RoundTrip
 */

/**
 * A message that was sent, or delivered: bytes of its body as JSON.
 * @typedef {{ binding: string, bytes: number }} Sent
 * @typedef {{ queue: string, bytes: number, attempts: number, retried: boolean }} Delivered
 */

/**
 * What a worker has used.
 *
 * @typedef {object} Usage
 * @property {number} invocations requests, batches of messages and crons; calls by RPC are nobody's request
 * @property {RoundTrip[]} roundTrips in the order in which they began
 * @property {Sent[]} sent
 * @property {Delivered[]} delivered
 */

/** @returns {Usage} */
const nothing = () => ({ invocations: 0, roundTrips: [], sent: [], delivered: [] });

let usage = nothing();

const encoder = new TextEncoder();

/** @param {unknown} body */
const bytesOf = (body) => encoder.encode(JSON.stringify(body)).length;

/**
 * Counts one call of D1.
 *
 * @template {D1Result | D1Result[]} T
 * @param {number} statements
 * @param {() => Promise<T>} call
 * @returns {Promise<T>}
 */
async function roundTrip(statements, call) {
  const counted = { statements, rowsRead: 0, rowsWritten: 0, ms: 0 };
  usage.roundTrips.push(counted);
  const answer = await call();
  for (const { meta } of [answer].flat()) {
    counted.rowsRead += meta.rows_read;
    counted.rowsWritten += meta.rows_written;
    counted.ms += meta.duration;
  }
  return answer;
}

/** @type {WeakMap<object, D1PreparedStatement>} */
const realStatements = new WeakMap();

/** @param {D1PreparedStatement} real @returns {D1PreparedStatement} */
function meteredStatement(real) {
  const all = () => roundTrip(1, () => real.all());
  const metered = /** @type {any} */ ({
    bind: (/** @type {unknown[]} */ ...values) => meteredStatement(real.bind(...values)),
    all,
    run: all,
    /** @param {string} [column] */
    async first(column) {
      const [row] = (await all()).results;
      if (!row) return null;
      return column === undefined ? row : row[column];
    },
    raw() {
      throw new Error('raw() tells no rows: it is not metered');
    },
  });
  realStatements.set(metered, real);
  return metered;
}

/** @param {D1Database} real */
const meteredDatabase = (real) => ({
  prepare: (/** @type {string} */ sql) => meteredStatement(real.prepare(sql)),
  /** @param {D1PreparedStatement[]} list */
  batch: (list) =>
    roundTrip(list.length, () => real.batch(list.map((one) => realStatements.get(one) ?? one))),
});

/** @param {string} binding @param {Queue} real */
const meteredQueue = (binding, real) => ({
  /** @param {unknown} body @param {QueueSendOptions} [options] */
  send(body, options) {
    usage.sent.push({ binding, bytes: bytesOf(body) });
    return real.send(body, options);
  },
  /** @param {MessageSendRequest[]} messages */
  sendBatch(messages) {
    const list = [...messages];
    for (const { body } of list) usage.sent.push({ binding, bytes: bytesOf(body) });
    return real.sendBatch(list);
  },
});

/** @type {WeakMap<object, Record<string, any>>} an env is wrapped once: doors stay the same objects */
const wrapped = new WeakMap();

/** @param {Record<string, any>} env */
function meteredEnv(env) {
  let out = wrapped.get(env);
  if (!out) {
    out = { ...env };
    for (const [name, binding] of Object.entries(env)) {
      const kind = binding?.constructor?.name;
      if (kind === 'D1Database') out[name] = meteredDatabase(binding);
      else if (kind === 'WorkerQueue') out[name] = meteredQueue(name, binding);
    }
    wrapped.set(env, out);
  }
  return out;
}

/**
 * A delivered message whose mark is noted; the first one counts.
 *
 * @param {Message} real
 * @param {string} queue
 * @param {number} delaySecondsMax
 */
function meteredMessage(real, queue, delaySecondsMax) {
  const counted = { queue, bytes: bytesOf(real.body), attempts: real.attempts, retried: false };
  usage.delivered.push(counted);
  let marked = false;
  const metered = {
    id: real.id,
    timestamp: real.timestamp,
    body: real.body,
    attempts: real.attempts,
    ack() {
      marked = true;
      real.ack();
    },
    /** @param {QueueRetryOptions} [options] */
    retry({ delaySeconds = 0, ...options } = {}) {
      if (!marked) counted.retried = true;
      marked = true;
      real.retry({ ...options, delaySeconds: Math.min(delaySeconds, delaySecondsMax) });
    },
  };
  const retryUnmarked = () => {
    if (!marked) counted.retried = true;
  };
  return { metered, retryUnmarked };
}

/**
 * A batch's consumer, its messages metered; one that throws leaves them to be delivered again.
 *
 * @param {MessageBatch} batch
 * @param {number} delaySecondsMax
 * @param {(batch: MessageBatch) => Promise<void>} consume
 */
async function meteredBatch(batch, delaySecondsMax, consume) {
  const list = batch.messages.map((message) => meteredMessage(message, batch.queue, delaySecondsMax));
  const messages = list.map(({ metered }) => metered);
  const whole = (/** @type {string} */ name) => () => {
    throw new Error(`${name} marks messages unseen: it is not metered`);
  };
  try {
    await consume(
      /** @type {any} */ ({
        queue: batch.queue,
        messages,
        ackAll: whole('ackAll()'),
        retryAll: whole('retryAll()'),
      }),
    );
  } catch (error) {
    for (const { retryUnmarked } of list) retryUnmarked();
    throw error;
  }
}

/** A worker that is an object of handlers, as the class it could be. @param {any} real */
function entrypointOf(real) {
  class Entrypoint extends WorkerEntrypoint {}
  for (const name of ['fetch', 'queue', 'scheduled']) {
    if (!real[name]) continue;
    Object.defineProperty(Entrypoint.prototype, name, {
      /** @this {any} @param {unknown} event */
      value(event) {
        return real[name](event, this.env, this.ctx);
      },
    });
  }
  return Entrypoint;
}

/**
 * The same entrypoint, metered.
 *
 * @param {any} real a worker's export: a WorkerEntrypoint class or an object of handlers
 * @param {{ delaySecondsMax?: number }} [options] delaySecondsMax: what waits longer before it is delivered
 *   again, which costs nothing, waits so long
 */
export function metered(real, { delaySecondsMax = 86_400 } = {}) {
  const Base = typeof real === 'function' ? real : entrypointOf(real);
  class Metered extends Base {
    /** @param {ExecutionContext} ctx @param {Record<string, any>} env */
    constructor(ctx, env) {
      super(ctx, meteredEnv(env));
    }

    /** @param {MessageBatch} batch */
    queue(batch) {
      usage.invocations += 1;
      return meteredBatch(batch, delaySecondsMax, (messages) => super.queue(messages));
    }

    /** What was used since it was taken last. @returns {string} a Usage as JSON */
    takeUsage() {
      const taken = JSON.stringify(usage);
      usage = nothing();
      return taken;
    }
  }
  for (const name of ['fetch', 'scheduled']) {
    const handler = Base.prototype[name];
    if (!handler) continue;
    Object.defineProperty(Metered.prototype, name, {
      /** @this {any} @param {unknown} event */
      value(event) {
        usage.invocations += 1;
        return handler.call(this, event);
      },
    });
  }
  return Metered;
}
