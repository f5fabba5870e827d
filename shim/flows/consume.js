// batch ─► claim ═D1═► claimed ─► handlers ─► settle ═D1═► settled ─► sends, ack/retry
import { SLUICE_OP_CLAIM } from '../abi.generated.js';
import { CoreError } from '../core.js';
import { log } from '../log.js';
import { runFlow } from '../step.js';
import { CONCURRENCY, Leases, whilePulsing, workerName } from './leases.js';
import { bodyText, inParts, Marker, partsOf } from './messages.js';
import { isStopping } from './stopping.js';

/** Delay of messages whose batch came to nothing. */
const RETURN_SECONDS = 30;

/**
 * @typedef {import('./leases.js').Env} Env
 * @typedef {import('./leases.js').Run} Run
 * @typedef {import('./leases.js').Lease} Lease
 * @typedef {import('./leases.js').Work} Work
 * @typedef {import('./leases.js').Stopped} Stopped
 */
/**
 * What a claim came to: what it leased, or the parts of the messages that each of several shards is concerned
 * with.
 * @typedef {{ taken: { leases: Leases, list: Lease[] }[],
 *   parts: ReturnType<typeof import('./messages.js').partsOf> }} Claimed
 */

/** @type {Claimed} */
const NOTHING = { taken: [], parts: [] };

/** One delivered batch on its way through claim, handlers and settle. */
class Consumer {
  /** @param {MessageBatch} batch @param {Env} env @param {Work} work @param {Stopped} Stopped */
  constructor(batch, env, work, Stopped) {
    this.env = env;
    this.queue = batch.queue;
    this.work = work;
    this.Stopped = Stopped;
    this.started = Date.now();
    this.messages = [...batch.messages];
    this.marker = new Marker(this.messages);
    /** @type {Map<number, Leases>} by shard: what one database does holds up no other's jobs */
    this.leases = new Map();
    /** @type {{ leases: Leases, lease: Lease }[]} of jobs that may take their worker down */
    this.alone = [];
  }

  /** @param {number} shard @returns {Leases} */
  leasesOf(shard) {
    const { env, queue, work, Stopped, started } = this;
    const found = this.leases.get(shard);
    if (found) return found;
    /** @type {import('./leases.js').Mark} */
    const mark = ({ message }, retry, delay) => message && this.marker.mark(message, retry, delay);
    const leases = new Leases(env, { queue, work, Stopped, mark, started });
    this.leases.set(shard, leases);
    return leases;
  }

  /**
   * @param {Message[]} part
   * @param {number} [shard] for which alone it is claimed
   * @returns {Promise<{ bisect?: boolean, result: Claimed }>}
   */
  async claim(part, shard) {
    const messages = part.map(({ id, attempts }) => ({ id, attempts }));
    const control = { queue: this.queue, worker: workerName(), messages, shard };
    try {
      const outcome = await runFlow(
        this.env,
        SLUICE_OP_CLAIM,
        control,
        part.map(({ body }) => bodyText(body)),
      );
      if (outcome.control.bisect) return { bisect: true, result: NOTHING };
      return { result: this.take(part, outcome) };
    } catch (error) {
      if (!(error instanceof CoreError)) throw error;
      log(this.env, 'error', 'core.failed', { message: error.message, messages: part.length });
      return { bisect: true, result: NOTHING };
    }
  }

  /**
   * Carries out what claim said: marks of messages that lead to no run, leases of those that do, or the parts
   * to be claimed by themselves.
   * @param {Message[]} part
   * @param {import('../step.js').Outcome} outcome
   * @returns {Claimed}
   */
  take(part, outcome) {
    const { control } = outcome;
    if (control.split) return { taken: [], parts: partsOf(part, control.split, this.marker) };
    const at = (/** @type {number} */ index) => /** @type {Message} */ (part[index]);
    for (const [index, retry, delay] of control.marks ?? []) this.marker.mark(at(index), retry, delay);
    /** @type {Run[]} */
    const runs = control.runs ?? [];
    if (runs.length === 0) return NOTHING;
    const perMessage = Map.groupBy(runs, (run) => run.message);
    for (const [index, list] of perMessage) this.marker.unfold(at(index), list.length);
    const leases = this.leasesOf(control.shard ?? 0);
    return { taken: [{ leases, list: leases.take(outcome, (run) => at(run.message)) }], parts: [] };
  }

  /**
   * Claims messages and runs what that leases, each shard's by itself; what must run when nothing else does
   * waits.
   * @param {(leases: Leases) => void} pulse has them pulsed from then on
   * @param {Message[]} messages
   * @param {number} width handlers at once
   * @param {number} [shard] for which alone
   * @returns {Promise<void>}
   */
  async claimAndRun(pulse, messages, width, shard) {
    const claims = await inParts(messages, (part) => this.claim(part, shard));
    const parts = claims.flatMap((claim) => claim.parts);
    const byLeases = Map.groupBy(
      claims.flatMap(({ taken }) => taken),
      ({ leases }) => leases,
    );
    const share = Math.ceil(width / Math.max(parts.length + byLeases.size, 1));
    await Promise.all([
      ...[...byLeases].map(([leases, taken]) => {
        const list = taken.flatMap((some) => some.list);
        pulse(leases);
        this.alone.push(...list.filter(({ run }) => run.alone).map((lease) => ({ leases, lease })));
        return leases.runAll(
          list.filter(({ run }) => !run.alone),
          share,
        );
      }),
      ...parts.map(({ shard, part }) => this.claimAndRun(pulse, part, share, shard)),
    ]);
  }

  async consume() {
    if (isStopping()) return;
    await whilePulsing([], async (pulse) => {
      await this.claimAndRun(pulse, this.messages, CONCURRENCY);
      for (const [leases, some] of Map.groupBy(this.alone, ({ leases }) => leases)) {
        await leases.runAll(
          some.map(({ lease }) => lease),
          1,
        );
      }
    });
  }
}

/**
 * Consumes one batch: every message is marked before this returns, and it never throws.
 *
 * @param {MessageBatch} batch
 * @param {Env} env
 * @param {Work} work runs one leased job to its verdict; never throws
 * @param {Stopped} Stopped what a stopped handler's signal gives as its reason
 */
export async function consume(batch, env, work, Stopped) {
  const consumer = new Consumer(batch, env, work, Stopped);
  try {
    await consumer.consume();
  } catch (error) {
    log(env, 'error', 'consume.failed', { message: /** @type {Error} */ (error).message });
  } finally {
    consumer.marker.retryRest(env, { delaySeconds: RETURN_SECONDS });
  }
}
