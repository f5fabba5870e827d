// Continuous load from outside: a client that repeats each request under its Idempotency-Key until it is
// acknowledged, so that "jobs in" is exactly what was answered with 2xx.
import { sleep } from './local-system.js';

/** @typedef {import('../sim/dice.js').Dice} Dice */
/** @typedef {{ type: string, payload: unknown } & Record<string, unknown>} JobRequest */

const quickBackoff = { type: 'fixed', delay: 200, jitter: 0 };
const REQUESTS_AT_ONCE = 16;
const PERIOD_MS = 100;
const RETRY_MS = 300;

/** What is enqueued, by name; `final` is what such a job comes to. */
export const kinds = {
  quick: {
    final: 'completed',
    make: (/** @type {Dice} */ dice) => ({ type: 'test-noop', payload: { n: dice.below(1000) } }),
  },
  slow: {
    final: 'completed',
    make: (/** @type {Dice} */ dice) => ({ type: 'test-slow', payload: { ms: dice.between(200, 2500) } }),
  },
  witness: {
    final: 'completed',
    make: (/** @type {Dice} */ dice) => ({ type: 'test-witness', payload: { ms: dice.between(5, 100) } }),
  },
  flaky: {
    final: 'completed',
    make: () => ({ type: 'test-fail', payload: { failures: 2 }, maxAttempts: 3, backoff: quickBackoff }),
  },
  hopeless: {
    final: 'failed',
    make: () => ({ type: 'test-fail', payload: { failures: 99 }, maxAttempts: 2, backoff: quickBackoff }),
  },
  delayed: {
    final: 'completed',
    make: (/** @type {Dice} */ dice) => ({
      type: 'test-echo',
      payload: { n: dice.below(1000) },
      delaySeconds: dice.between(1, 4),
    }),
  },
  big: {
    final: 'completed',
    make: (/** @type {Dice} */ dice) => ({
      type: 'test-echo',
      payload: { text: 'sluice '.repeat(dice.between(1000, 30_000)) },
    }),
  },
  scrape: {
    final: 'completed',
    make: (/** @type {Dice} */ dice) => ({
      type: 'test-scrapelike',
      payload: {},
      priority: dice.chance(0.5) ? 'urgent' : 'normal',
    }),
  },
  unique: {
    final: 'completed',
    make: (/** @type {Dice} */ dice) => ({
      type: 'test-noop',
      payload: {},
      uniqueKey: `unique-${dice.below(500)}`,
    }),
  },
};

/** @typedef {keyof typeof kinds} Kind */

/** How often each kind comes, out of the sum. @type {Partial<Record<Kind, number>>} */
const mixed = {
  quick: 30,
  slow: 8,
  witness: 20,
  flaky: 8,
  hopeless: 6,
  delayed: 8,
  big: 2,
  scrape: 8,
  unique: 10,
};

export class Load {
  /** @type {Map<string, Kind>} kind of each acknowledged job, by its id */
  acknowledged = new Map();
  /** Jobs that were asked for. */
  enqueued = 0;
  /** @type {string[]} answers that no fault explains */
  surprises = [];
  /** How often each status was answered; `none`: no answer at all. @type {Record<string, number>} */
  answers = {};
  /** @type {number[]} milliseconds of each acknowledged request that needed one try */
  latencies = [];
  /** @type {Set<Promise<void>>} */
  #open = new Set();
  #running = false;
  #serial = 0;
  /** @type {Promise<void>} */
  #loop = Promise.resolve();

  /**
   * @param {import('./local-system.js').LocalSystem} system
   * @param {Dice} dice
   * @param {{ perSecond: number, mix?: Partial<Record<Kind, number>>, strict?: boolean }} options perSecond: jobs,
   *   while the system answers; a client has no more than 16 requests open; strict: the system stays up, so
   *   that its only refusal is a 503 with a problem document
   */
  constructor(system, dice, { perSecond, mix = mixed, strict = false }) {
    this.strict = strict;
    this.system = system;
    this.dice = dice;
    this.perSecond = perSecond;
    this.choices = /** @type {Kind[]} */ (Object.keys(mix)).flatMap((kind) => Array(mix[kind]).fill(kind));
    this.name = `load-${dice.next().toString(16)}`;
  }

  start() {
    this.#running = true;
    this.#loop = this.#run();
  }

  /** Stops asking for more, and resolves when all that was asked for is acknowledged. */
  async stop() {
    this.#running = false;
    await this.#loop;
    await Promise.all(this.#open);
  }

  async #run() {
    let due = 0;
    while (this.#running && !this.system.ended) {
      due = Math.min(due + (this.perSecond * PERIOD_MS) / 1000, this.perSecond);
      while (due >= 1 && this.#open.size < REQUESTS_AT_ONCE) {
        const count = this.dice.chance(0.7) ? 1 : Math.min(Math.floor(due), this.dice.between(2, 25));
        due -= count;
        this.request(count);
      }
      await sleep(PERIOD_MS);
    }
  }

  /**
   * Begins a request for so many jobs.
   *
   * @param {number} count 1: POST /jobs; more: POST /jobs/batch
   * @returns {Promise<void>} resolves when it is acknowledged
   */
  request(count) {
    this.enqueued += count;
    /** @type {Kind[]} */
    const picked = Array.from({ length: count }, () => this.dice.pick(this.choices));
    const done = this.#acknowledge(
      picked,
      picked.map((kind) => kinds[kind].make(this.dice)),
    ).finally(() => this.#open.delete(done));
    this.#open.add(done);
    return done;
  }

  /** @param {Kind[]} picked @param {JobRequest[]} jobs */
  async #acknowledge(picked, jobs) {
    const one = jobs.length === 1;
    const address = one ? '/jobs' : '/jobs/batch';
    const headers = { 'idempotency-key': `${this.name}-${this.#serial++}` };
    const body = JSON.stringify(one ? jobs[0] : { jobs });
    for (let tries = 1; !this.system.ended; tries++) {
      const began = Date.now();
      const answer = await this.system
        .fetch(address, { method: 'POST', headers, body })
        .catch(() => undefined);
      const status = String(answer?.status ?? 'none');
      this.answers[status] = (this.answers[status] ?? 0) + 1;
      if (answer && answer.status < 300) {
        if (tries === 1) this.latencies.push(Date.now() - began);
        this.#note(picked, one ? [answer.body] : answer.body.jobs);
        return;
      }
      if (answer && answer.status < 500) {
        this.surprises.push(`${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`);
        return;
      }
      if (this.strict && !(answer?.status === 503 && answer.type.startsWith('application/problem+json'))) {
        this.surprises.push(answer ? `${answer.status} as ${answer.type}` : 'no answer');
      }
      await sleep(RETRY_MS);
    }
  }

  /** @param {Kind[]} picked @param {any[]} entries */
  #note(picked, entries) {
    picked.forEach((kind, i) => {
      const id = entries[i]?.jobId;
      if (id) this.acknowledged.set(id, kind);
      else this.surprises.push(`acknowledged without a job: ${JSON.stringify(entries[i])}`);
    });
  }
}
