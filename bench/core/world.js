// A world in which calls are recorded: a real D1, a clock of its own, and the messages that were sent.
import { record } from './calls.js';

/**
 * @typedef {import('./calls.js').Call} Call
 * @typedef {import('./doors.js').Send} Send
 * @typedef {import('./flows.js').Delivered} Delivered
 * @typedef {import('./flows.js').Flows} Flows
 * @typedef {import('./flows.js').Run} Run
 * @typedef {import('./flows.js').Verdict} Verdict
 */

const STARTED_AT = Date.UTC(2026, 0, 1);
const WORKER = '5c0f7a52-8d0e-4f67-9a35-9c1d6b2f4e10';

const encoder = new TextEncoder();

export class World {
  /** @param {Flows} flows @param {Record<string, string>} vars @param {any} db */
  constructor(flows, vars, db) {
    this.flows = flows;
    this.vars = vars;
    this.db = db;
    this.now = STARTED_AT;
    this.delivered = 0;
    /** @type {Call[]} all that were made, in order */
    this.calls = [];
  }

  /** @param {number} ms */
  wait(ms) {
    this.now += ms;
  }

  /** @param {Call['flow']} flow @param {any} input @returns {Promise<Call>} */
  async call(flow, input) {
    const call = await record(this.flows, this.vars, this.db, flow, input, this.now++);
    this.calls.push(call);
    return call;
  }

  /** @param {any} request @returns {Promise<Call>} */
  admitOne(request) {
    return this.call('admitOne', encoder.encode(JSON.stringify(request)));
  }

  /** @param {any[]} jobs @returns {Promise<Call>} */
  admitBatch(jobs) {
    return this.call('admitBatch', encoder.encode(JSON.stringify({ jobs })));
  }

  /**
   * A batch of messages comes to the worker.
   * @param {any[]} bodies @param {{ queue?: string, attempts?: number }} [delivery] @returns {Promise<Call>}
   */
  claim(bodies, { queue = 'background-jobs', attempts = 1 } = {}) {
    const messages = bodies.map((body) => ({ id: `message-${++this.delivered}`, attempts, body }));
    return this.call('claim', { queue, worker: WORKER, messages });
  }

  /**
   * The runs of a claim come to their ends.
   * @param {Run[]} runs @param {(run: Run, index: number) => Verdict} verdictOf @param {string} [queue]
   * @returns {Promise<Call>}
   */
  settle(runs, verdictOf, queue = 'background-jobs') {
    const results = runs.map((run, index) => ({ run, verdict: verdictOf(run, index) }));
    return this.call('settle', { queue, results });
  }
}

/** @param {Call} call @returns {any[]} bodies of the messages that it sent */
export const sentBy = ({ trace }) => trace.sends.map(({ body }) => body);
