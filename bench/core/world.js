// A world in which calls are recorded: a real D1, a clock of its own, and messages as they are delivered.

/**
 * @typedef {import('./calls.js').Call} Call
 * @typedef {import('./calls.js').Caller} Caller
 * @typedef {import('./flows.js').Run} Run
 * @typedef {import('./flows.js').Verdict} Verdict
 * @typedef {{ queue?: string, attempts?: number }} Delivery
 */

const STARTED_AT = Date.UTC(2026, 0, 1);
const WORKER = '5c0f7a52-8d0e-4f67-9a35-9c1d6b2f4e10';

const encoder = new TextEncoder();

export class World {
  /** @param {Caller} caller @param {any} db */
  constructor(caller, db) {
    this.caller = caller;
    this.db = db;
    this.now = STARTED_AT;
    this.delivered = 0;
    /** @type {{ call: Call, what: string }[]} all that were made, in order */
    this.calls = [];
  }

  /** @param {number} ms */
  wait(ms) {
    this.now += ms;
  }

  /**
   * @param {string} what it is about
   * @param {Call['flow']} flow @param {any} input @returns {Promise<Call>}
   */
  async call(what, flow, input) {
    const call = await this.caller.record(this.db, flow, input, this.now++);
    this.calls.push({ call, what });
    return call;
  }

  /** @param {string} what @param {any} request @returns {Promise<Call>} */
  admitOne(what, request) {
    const body = typeof request === 'string' ? request : JSON.stringify(request);
    return this.call(what, 'admitOne', encoder.encode(body));
  }

  /** @param {string} what @param {any} jobs @returns {Promise<Call>} */
  admitBatch(what, jobs) {
    return this.call(what, 'admitBatch', encoder.encode(JSON.stringify({ jobs })));
  }

  /**
   * A batch of messages comes to the worker.
   * @param {string} what @param {any[]} bodies @param {Delivery} [delivery] @returns {Promise<Call>}
   */
  claim(what, bodies, { queue = 'background-jobs', attempts = 1 } = {}) {
    const messages = bodies.map((body) => ({ id: `message-${++this.delivered}`, attempts, body }));
    return this.call(what, 'claim', { queue, worker: WORKER, messages });
  }

  /**
   * Runs of a claim come to their ends.
   * @param {string} what @param {Call} claim
   * @param {(run: Run, index: number) => Verdict | undefined} verdictOf undefined: it goes on
   * @returns {Promise<Call>}
   */
  settle(what, claim, verdictOf) {
    const ended = claim.trace.outcome.runs.flatMap((/** @type {Run} */ run, /** @type {number} */ index) => {
      const verdict = verdictOf(run, index);
      return verdict ? [{ claim, run: index, verdict }] : [];
    });
    return this.call(what, 'settle', { queue: claim.input.queue, ended });
  }
}

/** @param {Call} call @returns {any[]} bodies of the messages that it sent */
export const sentBy = ({ trace }) => trace.sends.map(({ body }) => body);

/** @param {Call} call @returns {any[]} the same, each job in a message of its own */
export const sentAlone = (call) => sentBy(call).flatMap((body) => body.jobs ?? [body]);
