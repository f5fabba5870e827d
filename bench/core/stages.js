// Where the time of a flow goes: what happens before, within and after each call of the module, seen from the
// C ABI (wasm/abi/sluice_abi.h), which stays as it is whatever the shims do.
import { freeze, thaw } from './frozen.js';

/**
 * @typedef {import('./calls.js').Call} Call
 * @typedef {import('./calls.js').Caller} Caller
 */

/** @type {{ at: number, what: 'input' | 'call' | 'called' | 'asked' }[] | undefined} */
let moments;

/** @param {'input' | 'call' | 'called' | 'asked'} what */
export function note(what) {
  moments?.push({ at: performance.now(), what });
}

/** Sees the calls of every instance that is made from now on. */
export function tapModules() {
  const { Instance } = WebAssembly;
  /** @type {any} */ (WebAssembly).Instance = class {
    /** @param {WebAssembly.Module} module @param {WebAssembly.Imports} imports */
    constructor(module, imports) {
      const exports = /** @type {any} */ (new Instance(module, imports).exports);
      this.exports = {
        ...exports,
        /** @param {number} size */
        sluice_input(size) {
          note('input');
          return exports.sluice_input(size);
        },
        /** @param {number} op @param {number} size */
        sluice_call(op, size) {
          note('call');
          const code = exports.sluice_call(op, size);
          note('called');
          return code;
        },
      };
    }
  };
}

/**
 * Adds up the stages of one flow: `prepare` and then, of the n-th call of the module, `encode`n (its input),
 * `wasm`n and `decode`n (its output, and what is made of it), with `rows`n (D1's n-th answer) between them.
 *
 * @param {() => Promise<unknown>} again
 * @param {Record<string, number>} sums ms
 */
async function split(again, sums) {
  /** @type {NonNullable<typeof moments>} */
  const seen = [];
  moments = seen;
  let before = performance.now();
  await again();
  note('asked');
  moments = undefined;
  let calls = 0;
  let asked = 0;
  for (const { at, what } of seen) {
    if (what === 'input') calls++;
    const input = calls === 1 ? 'prepare' : `rows${asked}`;
    const name = { input, call: `encode${calls}`, called: `wasm${calls}`, asked: `decode${calls}` }[what];
    if (what === 'asked') asked++;
    sums[name] = (sums[name] ?? 0) + at - before;
    before = at;
  }
}

/**
 * Where a recorded call's time goes. The clock of workerd has whole milliseconds, so that only the sum over
 * many calls says how long a stage takes: the share of calls in which it sees the clock move.
 *
 * @param {Caller} caller @param {Call} call @param {number} ms to spend
 * @returns {Promise<Record<string, number>>} each stage's share of the whole
 */
export async function sharesOf(caller, call, ms) {
  freeze(call.now, call.seed);
  try {
    const again = caller.repeater(call, () => note('asked'));
    /** @type {Record<string, number>} */
    const sums = {};
    const end = performance.now() + ms;
    while (performance.now() < end) await split(again, sums);
    const whole = Object.values(sums).reduce((sum, part) => sum + part, 0);
    return Object.fromEntries(Object.entries(sums).map(([name, part]) => [name, part / whole]));
  } finally {
    thaw();
  }
}
