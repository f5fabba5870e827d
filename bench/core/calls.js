// Calls of flows: made for the first time against a real D1, and made again with the rows that it gave.
import { Database, environment, runIn } from './doors.js';
import { freeze, thaw } from './frozen.js';

/**
 * @typedef {import('./doors.js').Bound} Bound
 * @typedef {import('./doors.js').Result} Result
 * @typedef {import('./doors.js').Send} Send
 * @typedef {import('./flows.js').Flows} Flows
 * @typedef {import('./flows.js').Verdict} Verdict
 * @typedef {keyof Flows} FlowName
 * @typedef {{ batches: Bound[][], sends: Send[], outcome: any }} Trace what a call bound, sent and came to
 * @typedef {{ claim: Call, run: number, verdict: Verdict }} Ended what a claim's n-th run came to
 */

/**
 * @typedef {object} Call
 * @property {FlowName} flow
 * @property {any} input of a settle: `{queue, ended: Ended[]}`, whose runs are those that its own flows gave
 * @property {number} now
 * @property {Uint8Array} seed
 * @property {Result[][]} answers of D1
 * @property {Trace} trace of the flows that were recorded
 */

const SEED_BYTES = 16;

/** Flows that make calls, each with what came of those before it. */
export class Caller {
  /** @param {string} name @param {Flows} flows @param {Record<string, string>} vars */
  constructor(name, flows, vars) {
    this.name = name;
    this.flows = flows;
    this.vars = vars;
    /** @type {Map<Call, any>} what each call came to */
    this.outcomes = new Map();
  }

  /** @param {Pick<Call, 'flow' | 'input'>} call @returns {any} */
  inputOf({ flow, input }) {
    if (flow !== 'settle') return input;
    const results = input.ended.map((/** @type {Ended} */ { claim, run, verdict }) => ({
      run: this.outcomes.get(claim).runs[run],
      verdict,
    }));
    return { queue: input.queue, results };
  }

  /**
   * Makes a call whose batches `answer` answers, and tells what it did.
   *
   * @param {Pick<Call, 'flow' | 'input' | 'now' | 'seed'>} call
   * @param {(statements: Bound[]) => Promise<Result[]>} answer
   * @returns {Promise<Trace>}
   */
  async trace(call, answer) {
    /** @type {Bound[][]} */
    const batches = [];
    /** @type {Send[]} */
    const sends = [];
    const database = new Database((statements) => {
      batches.push(statements.map(({ sql, params }) => ({ sql, params })));
      return answer(statements);
    });
    const env = environment(this.vars, database, (binding, batch) => {
      for (const { body, delaySeconds = 0 } of batch) {
        sends.push({ binding, body: structuredClone(body), delaySeconds });
      }
    });
    freeze(call.now, call.seed);
    try {
      return { batches, sends, outcome: await this.flows[call.flow](env, this.inputOf(call)) };
    } finally {
      thaw();
    }
  }

  /**
   * Makes a call against a real D1.
   * @param {any} db @param {FlowName} flow @param {any} input @param {number} now @returns {Promise<Call>}
   */
  async record(db, flow, input, now) {
    const seed = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
    /** @type {Result[][]} */
    const answers = [];
    const trace = await this.trace({ flow, input, now, seed }, async (statements) => {
      const results = await runIn(db, statements);
      answers.push(results.map(({ results: rows }) => ({ results: rows })));
      return results;
    });
    const call = { flow, input, now, seed, answers, trace };
    this.outcomes.set(call, trace.outcome);
    return call;
  }

  /**
   * Makes a recorded call again; those before it must have been made.
   * @param {Call} call @returns {Promise<Trace>}
   */
  async retrace(call) {
    let next = 0;
    const trace = await this.trace(call, async () => {
      const answer = call.answers[next++];
      if (!answer) throw new Error(`${call.flow} asks D1 more often than was recorded.`);
      return answer;
    });
    this.outcomes.set(call, trace.outcome);
    return trace;
  }

  /**
   * What makes a call again and again that was made before; time and entropy are to be frozen by the caller.
   * @param {Call} call @param {() => void} [asked] told of each batch
   * @returns {() => Promise<unknown>}
   */
  repeater(call, asked = () => {}) {
    let next = 0;
    const database = new Database(async () => {
      asked();
      return /** @type {Result[]} */ (call.answers[next++]);
    });
    const env = environment(this.vars, database, () => {});
    const flow = /** @type {(env: any, input: any) => Promise<unknown>} */ (this.flows[call.flow]);
    const input = this.inputOf(call);
    return () => {
      next = 0;
      return flow(env, input);
    };
  }
}
