// Gives a log's inputs to this build's modules, in Node.js and in workerd alike.
import { SLUICE_ERROR_OP, SLUICE_OK, SLUICE_OP_CONFIGURE, SLUICE_OP_SQL } from '../../shim/abi.generated.js';
import { equalBytes, mergeTables } from './format.js';

/** @typedef {import('./format.js').Decision} Decision */
/** @typedef {{ core: any, views: any }} Compiled WebAssembly.Modules */

/** What a trap counts as; no operation returns it. */
export const TRAPPED = -1;

/** One instance after the other of a module. */
export class Instance {
  /** @param {any} module a WebAssembly.Module */
  constructor(module) {
    this.module = module;
    /** @type {Uint8Array | undefined} */
    this.configuration = undefined;
    this.start();
  }

  start() {
    const { exports } = new WebAssembly.Instance(this.module, {
      env: { emscripten_notify_memory_growth() {} },
      wasi_snapshot_preview1: {
        /** @param {number} code */
        proc_exit(code) {
          throw new Error(`the module ended with ${code}`);
        },
      },
    });
    /** @type {any} */
    this.exports = exports;
    this.exports._initialize?.();
    if (this.configuration) this.run(SLUICE_OP_CONFIGURE, this.configuration);
  }

  /** @param {number} op @param {Uint8Array} input @returns {Decision} */
  run(op, input) {
    const { exports } = this;
    const at = exports.sluice_input(input.length) >>> 0;
    new Uint8Array(exports.memory.buffer).set(input, at);
    const code = exports.sluice_call(op, input.length);
    const out = exports.sluice_output() >>> 0;
    const output = new Uint8Array(exports.memory.buffer.slice(out, out + exports.sluice_output_size()));
    if (op === SLUICE_OP_CONFIGURE && code === SLUICE_OK) this.configuration = input;
    return { op, code, input, output };
  }

  /**
   * What this build decides; after a trap, a new instance goes on under the same configuration.
   * @param {number} op @param {Uint8Array} input @returns {Decision}
   */
  call(op, input) {
    try {
      return this.run(op, input);
    } catch (error) {
      this.start();
      return { op, code: TRAPPED, input, output: new TextEncoder().encode(String(error)) };
    }
  }
}

/** The core and the views behind one door. */
export class Deciders {
  /** @param {Compiled} compiled */
  constructor({ core, views }) {
    this.core = new Instance(core);
    this.views = new Instance(views);
  }

  /** @param {number} op @param {Uint8Array} input @returns {Decision} */
  call(op, input) {
    const decision = this.core.call(op, input);
    if (op === SLUICE_OP_SQL) {
      const { output } = this.views.call(op, input);
      return { ...decision, output: mergeTables(decision.output, output) };
    }
    // The views look at less of a configuration: what the core refuses they are not asked.
    if (op === SLUICE_OP_CONFIGURE && decision.code === SLUICE_OK) return this.views.call(op, input);
    return decision.code === SLUICE_ERROR_OP ? this.views.call(op, input) : decision;
  }
}

/**
 * @param {Compiled} compiled
 * @param {Decision[]} decisions of one log, in its order
 * @returns {Decision[]} what this build decides on the same inputs
 */
export function replay(compiled, decisions) {
  const deciders = new Deciders(compiled);
  return decisions.map(({ op, input }) => deciders.call(op, input));
}

/**
 * @param {Decision[]} logged
 * @param {Decision[]} replayed
 * @returns {number[]} indices of the decisions that are not the same, byte for byte
 */
export function differing(logged, replayed) {
  return [...logged.keys()].filter((i) => !sameAnswer(logged[i], replayed[i]));
}

/** @param {Decision | undefined} a @param {Decision | undefined} b */
function sameAnswer(a, b) {
  return a !== undefined && b !== undefined && a.code === b.code && equalBytes(a.output, b.output);
}
