// What a worker does with the jobs that it has leased, whether a batch of messages or a poll brought them: it
// runs their handlers, tells the record that they are alive, and settles what they come to.
import { SLUICE_OP_PULSE, SLUICE_OP_SETTLE } from '../abi.generated.js';
import { log } from '../log.js';
import { runFlow, sleep } from '../step.js';
import { Halt } from './halt.js';
import { enterWork, isOver, isStopping } from './stopping.js';

/** Handlers that run at once. */
export const CONCURRENCY = 100;
/** Results are settled when all are there, or so long after the first: a slow job holds no other's result. */
const SETTLE_AFTER_MS = 1000;
/** How often a job that waits for its turn looks whether it is still to have it. */
const TURN_LOOK_MS = 1000;
/** How often running jobs tell that they are alive and hear whether they should be. */
const PULSE_MS = 5000;
/**
 * A consumer, and what a cron begins, may run 15 minutes. What cannot end within this is handed back
 * unstarted.
 */
const BUDGET_MS = 13 * 60000;
/** Results are settled until then, however long D1 is out: the time left is for what is under way. */
const SETTLE_MS = 14.5 * 60000;

/**
 * @typedef {Record<string, any>} Env
 * @typedef {{ id: string, type: string, message: number, fence: number, leaseUntil: number,
 *   timeoutMs: number, startAt?: number, startBy?: number, alone: boolean }} Run
 * @typedef {{ run: Run, token: string, record: string, message?: Message, payload: string | null,
 *   checkpointed: any, hasParents: boolean, leaseUntil: number, pulses: number, halt: Halt,
 *   begins?: boolean, progress?: number, checkpoint?: string }} Lease
 * @typedef {import('../../scraper/runner.js').Verdict} Verdict
 * @typedef {(lease: Lease, pulse: () => Promise<void>) => Promise<Verdict>} Work
 * @typedef {new (reason: string) => Error} Stopped
 * @typedef {(lease: Lease, retry: boolean, delaySeconds: number) => void} Mark
 */

/** Names this isolate in the record. */
let worker = '';

export function workerName() {
  worker ||= crypto.randomUUID();
  return worker;
}

/** Whether a job has missed its turn. @param {Lease} lease */
function isLate({ run: { startBy = Number.POSITIVE_INFINITY }, halt }) {
  return Date.now() > startBy && !halt.reason;
}

/** The leases of one batch on one shard, or of one line. */
export class Leases {
  /**
   * @param {Env} env
   * @param {{ queue: string, work: Work, Stopped: Stopped, mark?: Mark, started?: number }} options queue:
   *   what brought them; mark: carries out what settle says of a lease's message; started: when its
   *   invocation began
   */
  constructor(env, { queue, work, Stopped, mark = () => {}, started = Date.now() }) {
    this.env = env;
    this.queue = queue;
    this.work = work;
    this.Stopped = Stopped;
    this.mark = mark;
    this.started = started;
    /** @type {Map<string, Lease>} leases whose results are not settled yet */
    this.open = new Map();
    /** @type {{ lease: Lease, verdict: Verdict }[]} results waiting to be settled */
    this.results = [];
    /** @type {Promise<void>} settles go one after the other */
    this.settling = Promise.resolve();
    /** @type {Promise<void>} so do pulses */
    this.pulsing = Promise.resolve();
    this.running = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /**
   * Takes over what was leased.
   * @param {import('../step.js').Outcome} outcome
   * @param {(run: Run) => Message} [message] that brought a run
   * @returns {Lease[]}
   */
  take({ control, host, tokens, records }, message) {
    const rows = new Map(host.map((row) => [row.id, row]));
    return (control.runs ?? []).map((/** @type {Run} */ run, index) => {
      const row = rows.get(run.id);
      /** @type {Lease} */
      const lease = {
        run,
        token: tokens[index] ?? 'null',
        record: records[index] ?? 'null',
        message: message?.(run),
        payload: row?.payload ?? null,
        checkpointed: row?.checkpoint ? JSON.parse(row.checkpoint) : undefined,
        hasParents: Boolean(row?.depends_on),
        leaseUntil: run.leaseUntil,
        pulses: 0,
        halt: new Halt(),
      };
      this.open.set(run.id, lease);
      return lease;
    });
  }

  /**
   * Waits for the turn of a job that has one.
   * @param {Lease} lease
   */
  async turn({ run: { startAt = 0 }, halt }) {
    while (Date.now() < startAt && !halt.reason && !isStopping()) {
      await sleep(Math.min(startAt - Date.now(), TURN_LOOK_MS));
    }
  }

  /** @param {Lease} lease */
  async run(lease) {
    if (lease.run.startAt) await this.turn(lease);
    const left = this.started + BUDGET_MS - Date.now();
    // Another half of the batch may have leased the job again since.
    const superseded = (this.open.get(lease.run.id) ?? lease).run.fence > lease.run.fence;
    const verdict =
      superseded ||
      isStopping() ||
      left < lease.run.timeoutMs ||
      (lease.run.alone && !(await this.begin(lease))) ||
      isLate(lease)
        ? { kind: 'unstarted' }
        : await this.work(lease, () => this.pulse([lease]));
    this.results.push({ lease, verdict });
    this.running--;
    if (this.running === 0) this.settle();
    else this.timer ??= setTimeout(() => this.settle(), SETTLE_AFTER_MS);
  }

  /**
   * Tells the record that a job which runs alone begins: from then on the loss of its lease counts.
   * @param {Lease} lease @returns {Promise<boolean>} whether the record knows
   */
  async begin(lease) {
    lease.begins = true;
    try {
      await this.pulse([lease]);
    } catch (error) {
      log(this.env, 'warn', 'pulse.failed', { message: /** @type {Error} */ (error).message });
    }
    return !lease.begins;
  }

  /**
   * Runs handlers, `width` at once and those with a turn in the order of their turns, and settles what they
   * come to.
   * @param {Lease[]} leases @param {number} [width]
   */
  async runAll(leases, width = CONCURRENCY) {
    if (leases.length === 0) return;
    this.running += leases.length;
    const inOrder = leases.toSorted((a, b) => (a.run.startAt ?? 0) - (b.run.startAt ?? 0));
    const waiting = inOrder.values();
    const lane = async () => {
      for (const lease of waiting) await this.run(lease);
    };
    await Promise.all(Array.from({ length: Math.min(width, leases.length) }, lane));
    this.settle();
    await this.settling;
  }

  /** Settles what has come in, after what is being settled. */
  settle() {
    clearTimeout(this.timer);
    this.timer = undefined;
    const results = this.results.splice(0);
    if (results.length === 0) return;
    this.settling = this.settling.then(() => this.settlePart(results));
  }

  /** @param {{ lease: Lease, verdict: Verdict }[]} results @returns {Promise<void>} */
  async settlePart(results) {
    /** @type {string[]} */
    const values = [];
    const entries = results.map(({ lease, verdict: { result, ...verdict } }, index) => {
      const end = `"index":${index},"token":${lease.token}}`;
      if (result === undefined) return `${JSON.stringify(verdict).slice(0, -1)},${end}`;
      const frame = values.push(result) - 1;
      return `{"kind":"${verdict.kind}","ms":${verdict.ms},"frame":${frame},${end}`;
    });
    const records = results.map(({ lease }) => lease.record).join('\n');
    try {
      const control = { queue: this.queue, deadline: this.started + SETTLE_MS };
      const bodies = [`[${entries.join(',')}]`, records, ...values];
      const outcome = await runFlow(this.env, SLUICE_OP_SETTLE, control, bodies);
      if (outcome.control.bisect && results.length > 1) return this.settleHalves(results);
      for (const [index, retry, delay] of outcome.control.marks ?? []) {
        const lease = results[index]?.lease;
        if (lease) this.mark(lease, retry, delay);
      }
    } catch (error) {
      log(this.env, 'error', 'settle.failed', { message: /** @type {Error} */ (error).message });
      if (results.length > 1) return this.settleHalves(results);
    } finally {
      for (const { lease } of results) {
        if (this.open.get(lease.run.id) === lease) this.open.delete(lease.run.id);
      }
    }
  }

  /** @param {{ lease: Lease, verdict: Verdict }[]} results */
  async settleHalves(results) {
    const middle = results.length >> 1;
    await this.settlePart(results.slice(0, middle));
    await this.settlePart(results.slice(middle));
  }

  /**
   * One pulse of the given leases, after those under way.
   * @param {Lease[]} leases
   * @returns {Promise<void>}
   */
  pulse(leases) {
    const pulse = this.pulsing.then(() => this.pulseNow(leases));
    this.pulsing = pulse.catch(() => {});
    return pulse;
  }

  /**
   * Tells the record of the leases, and aborts the handlers of those that are not ours any more.
   * @param {Lease[]} leases
   */
  async pulseNow(leases) {
    if (leases.length === 0) return;
    /** @type {string[]} */
    const bodies = [];
    const told = leases.map((lease) => {
      const { run, leaseUntil, begins, progress, checkpoint } = lease;
      const frame = checkpoint === undefined ? undefined : bodies.push(checkpoint) - 1;
      const pulse = ++lease.pulses;
      return {
        control: { id: run.id, fence: run.fence, pulse, leaseUntil, begins, progress, frame },
        checkpoint,
      };
    });
    const runs = told.map(({ control }) => control);
    const { control, reply } = await runFlow(this.env, SLUICE_OP_PULSE, { runs }, bodies);
    for (const { id, reason } of control.aborts ?? []) {
      const lease = leases.find((candidate) => candidate.run.id === id);
      lease?.halt.halt(new this.Stopped(reason));
    }
    if (!reply) return;
    const until = new Map(JSON.parse(reply.body).leases);
    leases.forEach((lease, i) => {
      lease.leaseUntil = Number(until.get(lease.run.id) ?? lease.leaseUntil);
      if (told[i]?.control.begins) lease.begins = undefined;
      // What the handler has said meanwhile is for the next pulse.
      if (lease.progress === told[i]?.control.progress) lease.progress = undefined;
      if (lease.checkpoint === told[i]?.checkpoint) lease.checkpoint = undefined;
    });
  }

  /** Stops the handlers that still run: the worker ends. */
  stop() {
    for (const { halt } of this.open.values()) halt.halt(new this.Stopped('stopping'));
  }

  /** Pulses until told to stop. @param {AbortSignal} stop */
  async pulseUntil(stop) {
    const period = Math.min(PULSE_MS, Number(this.env.LEASE_MS || 300000) / 3);
    const stopped = new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
    while (!stop.aborted) {
      await Promise.race([sleep(period), stopped]);
      if (stop.aborted) return;
      if (isOver()) this.stop();
      try {
        await this.pulse([...this.open.values()]);
      } catch (error) {
        log(this.env, 'warn', 'pulse.failed', { message: /** @type {Error} */ (error).message });
      }
    }
  }
}

/**
 * Runs `work` while the leases are pulsed, and those that it adds.
 * @param {Leases[]} all @param {(add: (leases: Leases) => void) => Promise<void>} work
 */
export async function whilePulsing(all, work) {
  /** @type {(() => void) | undefined} */
  let leave;
  const stop = new AbortController();
  /** @type {Map<Leases, Promise<void>>} */
  const pulsed = new Map();
  const add = (/** @type {Leases} */ leases) => {
    leave ??= enterWork();
    if (!pulsed.has(leases)) pulsed.set(leases, leases.pulseUntil(stop.signal));
  };
  for (const leases of all) add(leases);
  try {
    await work(add);
  } finally {
    stop.abort();
    await Promise.all(pulsed.values());
    leave?.();
  }
}
