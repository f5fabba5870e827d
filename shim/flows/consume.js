// batch ─► claim ═D1═► claimed ─► handlers ─► settle ═D1═► settled ─► sends, ack/retry
import { SLUICE_OP_CLAIM } from '../abi.generated.js';
import { CoreError } from '../core.js';
import { log } from '../log.js';
import { runFlow } from '../step.js';
import { Leases, whilePulsing, workerName } from './leases.js';
import { bodyText, inParts, Marker } from './messages.js';
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

/** One delivered batch on its way through claim, handlers and settle. */
class Consumer {
  /** @param {MessageBatch} batch @param {Env} env @param {Work} work @param {Stopped} Stopped */
  constructor(batch, env, work, Stopped) {
    this.env = env;
    this.queue = batch.queue;
    this.messages = [...batch.messages];
    this.marker = new Marker(this.messages);
    this.leases = new Leases(env, {
      queue: batch.queue,
      work,
      Stopped,
      mark: ({ message }, retry, delay) => message && this.marker.mark(message, retry, delay),
    });
  }

  /** @param {Message[]} part @returns {Promise<{ bisect?: boolean, result: Lease[] }>} */
  async claim(part) {
    const messages = part.map(({ id, attempts }) => ({ id, attempts }));
    const control = { queue: this.queue, worker: workerName(), messages };
    try {
      const outcome = await runFlow(
        this.env,
        SLUICE_OP_CLAIM,
        control,
        part.map(({ body }) => bodyText(body)),
      );
      if (outcome.control.bisect) return { bisect: true, result: [] };
      return { result: this.take(part, outcome) };
    } catch (error) {
      if (!(error instanceof CoreError)) throw error;
      log(this.env, 'error', 'core.failed', { message: error.message, messages: part.length });
      return { bisect: true, result: [] };
    }
  }

  /**
   * Carries out what claim said: marks of messages that lead to no run, leases of those that do.
   * @param {Message[]} part
   * @param {import('../step.js').Outcome} outcome
   */
  take(part, outcome) {
    const { control } = outcome;
    const at = (/** @type {number} */ index) => /** @type {Message} */ (part[index]);
    for (const [index, retry, delay] of control.marks ?? []) this.marker.mark(at(index), retry, delay);
    /** @type {Run[]} */
    const runs = control.runs ?? [];
    const perMessage = Map.groupBy(runs, (run) => run.message);
    for (const [index, list] of perMessage) this.marker.expect(at(index), list.length);
    return this.leases.take(outcome, (run) => at(run.message));
  }

  async consume() {
    if (isStopping()) return;
    const leases = (await inParts(this.messages, (part) => this.claim(part))).flat();
    if (leases.length === 0) return;
    await whilePulsing([this.leases], async () => {
      await this.leases.runAll(leases.filter(({ run }) => !run.alone));
      await this.leases.runAll(
        leases.filter(({ run }) => run.alone),
        1,
      );
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
