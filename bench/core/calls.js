// Calls of flows: made for the first time against a real D1, and made again with the rows that it gave.
import { Database, environment, runIn } from './doors.js';
import { freeze, thaw } from './frozen.js';

/**
 * @typedef {import('./doors.js').Bound} Bound
 * @typedef {import('./doors.js').Result} Result
 * @typedef {import('./doors.js').Send} Send
 * @typedef {import('./flows.js').Flows} Flows
 * @typedef {keyof Flows} FlowName
 * @typedef {{ batches: Bound[][], sends: Send[], outcome: any }} Trace what a call bound, sent and came to
 * @typedef {{ flow: FlowName, input: any, now: number, seed: Uint8Array, answers: Result[][], trace: Trace }}
 *   Call
 */

const SEED_BYTES = 16;

/**
 * Makes a call whose batches `answer` answers, and tells what it did.
 *
 * @param {Flows} flows @param {Record<string, string>} vars
 * @param {Pick<Call, 'flow' | 'input' | 'now' | 'seed'>} call
 * @param {(statements: Bound[]) => Promise<Result[]>} answer
 * @returns {Promise<Trace>}
 */
async function trace(flows, vars, { flow, input, now, seed }, answer) {
  /** @type {Bound[][]} */
  const batches = [];
  /** @type {Send[]} */
  const sends = [];
  const database = new Database((statements) => {
    batches.push(statements.map(({ sql, params }) => ({ sql, params })));
    return answer(statements);
  });
  const env = environment(vars, database, (binding, batch) => {
    for (const { body, delaySeconds = 0 } of batch) {
      sends.push({ binding, body: structuredClone(body), delaySeconds });
    }
  });
  freeze(now, seed);
  try {
    const outcome = await flows[flow](env, input);
    return { batches, sends, outcome };
  } finally {
    thaw();
  }
}

/**
 * Makes a call against a real D1.
 *
 * @param {Flows} flows @param {Record<string, string>} vars @param {any} db
 * @param {FlowName} flow @param {any} input @param {number} now
 * @returns {Promise<Call>}
 */
export async function record(flows, vars, db, flow, input, now) {
  const seed = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
  /** @type {Result[][]} */
  const answers = [];
  const done = await trace(flows, vars, { flow, input, now, seed }, async (statements) => {
    const results = await runIn(db, statements);
    answers.push(results.map(({ results: rows }) => ({ results: rows })));
    return results;
  });
  return { flow, input, now, seed, answers, trace: done };
}

/**
 * Makes a recorded call again, of whichever flows.
 * @param {Flows} flows @param {Record<string, string>} vars @param {Call} call @returns {Promise<Trace>}
 */
export function retrace(flows, vars, call) {
  let next = 0;
  return trace(flows, vars, call, async () => {
    const answer = call.answers[next++];
    if (!answer) throw new Error(`${call.flow} asks D1 more often than was recorded.`);
    return answer;
  });
}

/**
 * What makes a recorded call again and again; time and entropy are to be frozen by the caller.
 * @param {Flows} flows @param {Record<string, string>} vars @param {Call} call
 * @param {() => void} [asked] told of each batch
 * @returns {() => Promise<unknown>}
 */
export function repeater(flows, vars, call, asked = () => {}) {
  let next = 0;
  const database = new Database(async () => {
    asked();
    return /** @type {Result[]} */ (call.answers[next++]);
  });
  const env = environment(vars, database, () => {});
  const flow = /** @type {(env: any, input: any) => Promise<unknown>} */ (flows[call.flow]);
  return () => {
    next = 0;
    return flow(env, call.input);
  };
}
