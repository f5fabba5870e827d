// What a handler is given besides its payload.
import { describeJob } from '../shim/flows/describe.js';
import { enqueueBatch } from '../shim/flows/enqueue.js';
import { log } from '../shim/log.js';
import { acquireLock, releaseLock } from './locks.js';
import { jsonText } from './runner.js';

/** @typedef {import('../shim/flows/leases.js').Lease} Lease */

/**
 * @typedef {(event: string, fields?: Record<string, unknown>) => void} Line writes one line to the log
 * @typedef {{
 *   job: Record<string, any>, fence: number, env: Record<string, any>, signal: AbortSignal,
 *   progress: (percent: number) => void,
 *   checkpoint: (data: unknown) => Promise<void>, checkpointed: any,
 *   heartbeat: () => Promise<void>,
 *   parents: import('../shim/flows/parents.js').Parent[],
 *   acquireLock: (key: string, options?: import('./locks.js').LockOptions) => Promise<string | null>,
 *   releaseLock: (key: string, value: string) => Promise<void>,
 *   enqueue: (jobs: Record<string, unknown>[]) => Promise<string[]>,
 *   log: Record<'debug' | 'info' | 'warn' | 'error', Line>,
 * }} Context
 * @typedef {(payload: any, ctx: Context) => unknown} Handler
 */

/** What the core keeps of a checkpoint, in characters of its JSON. */
const CHECKPOINT_MAX = 250_000;

/** @param {unknown} data */
function checkpointText(data) {
  const text = jsonText(data);
  if (text.length > CHECKPOINT_MAX) throw new Error(`A checkpoint may hold ${CHECKPOINT_MAX} characters.`);
  return text;
}

/** What a handler asks for is made when it does: most ask for nothing. */
class LeaseContext {
  #lease;
  #pulse;
  /** @type {Record<string, any> | undefined} */
  #job = undefined;
  /** @type {import('../shim/flows/parents.js').Parent[]} */
  parents = [];

  /**
   * @param {Record<string, any>} env
   * @param {Lease} lease
   * @param {() => Promise<void>} pulse
   */
  constructor(env, lease, pulse) {
    this.env = env;
    this.fence = lease.run.fence;
    this.#lease = lease;
    this.#pulse = pulse;
  }

  get job() {
    this.#job ??= describeJob(this.env, this.#lease.record);
    return this.#job;
  }

  get signal() {
    return this.#lease.halt.signal;
  }

  get progress() {
    return (/** @type {number} */ percent) => {
      this.#lease.progress = Math.max(0, Math.min(100, Math.round(Number(percent) || 0)));
    };
  }

  get checkpoint() {
    return async (/** @type {unknown} */ data) => {
      this.#lease.checkpoint = checkpointText(data);
      await this.#pulse();
      if (this.#lease.checkpoint !== undefined) throw new Error('The checkpoint could not be kept.');
    };
  }

  get checkpointed() {
    return this.#lease.checkpointed;
  }

  get heartbeat() {
    return this.#pulse;
  }

  get acquireLock() {
    return (/** @type {string} */ key, /** @type {import('./locks.js').LockOptions} */ options = {}) =>
      acquireLock(this.env, this.#lease, key, options);
  }

  get releaseLock() {
    return (/** @type {string} */ key, /** @type {string} */ value) => releaseLock(this.env, key, value);
  }

  get enqueue() {
    return (/** @type {Record<string, unknown>[]} */ jobs) => enqueueFollowing(this.env, jobs);
  }

  get log() {
    const write =
      (/** @type {string} */ level) =>
      (/** @type {string} */ event, fields = {}) => {
        const { jobId, type, attempt } = this.job;
        log(this.env, level, event, { jobId, type, attempt, ...fields });
      };
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  }
}

/**
 * @param {Record<string, any>} env
 * @param {Lease} lease
 * @param {() => Promise<void>} pulse tells the record at once what the lease has to tell
 * @returns {Context}
 */
export const makeContext = (env, lease, pulse) => new LeaseContext(env, lease, pulse);

/**
 * Enqueues jobs that follow from this one; throws when any of them is refused. Give each a uniqueKey: the
 * handler may run again.
 *
 * @param {Record<string, any>} env
 * @param {Record<string, unknown>[]} jobs
 */
async function enqueueFollowing(env, jobs) {
  if (jobs.length === 0) return [];
  const reply = await enqueueBatch(env, JSON.stringify({ jobs }));
  const answer = JSON.parse(reply.body);
  const refused = answer.jobs?.find((/** @type {any} */ entry) => entry.error)?.error;
  if (!answer.jobs || refused) throw new Error((refused ?? answer).detail ?? 'The jobs were not accepted.');
  return answer.jobs.map((/** @type {any} */ entry) => entry.jobId);
}
