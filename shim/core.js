// The one door to the core's memory: frames in, frames out (wasm/abi/sluice_abi.h has the conventions).
import { types } from '#registry/types';
import wasmModule from '../dist/sluice_core.wasm';
import { SLUICE_OK, SLUICE_OP_CONFIGURE, SLUICE_OP_SQL } from './abi.generated.js';

/** Variables that the core reads; every other is the shims' own. */
const CORE_VARS = [
  'LEASE_MS',
  'MAX_ATTEMPTS',
  'RESEND_AFTER_MS',
  'MAX_PENDING_PER_QUEUE',
  'POLL_BATCH',
  'RETENTION_COMPLETED_DAYS',
  'RETENTION_FAILED_DAYS',
  'SITES',
];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The core refused a call, or trapped. Nothing was decided; the caller's input is untouched. */
export class CoreError extends Error {
  /** @param {string} code `core_refused` or `core_trap` @param {string} message @param {unknown} [cause] */
  constructor(code, message, cause) {
    super(message, { cause });
    this.name = 'CoreError';
    this.code = code;
  }
}

/** One instance of the module. Thrown away when it traps. */
class Core {
  constructor() {
    const instance = new WebAssembly.Instance(wasmModule, {
      env: { emscripten_notify_memory_growth() {} },
      wasi_snapshot_preview1: {
        /** @param {number} code */
        proc_exit(code) {
          throw new WebAssembly.RuntimeError(`the core ended with ${code}`);
        },
      },
    });
    /** @type {any} */
    this.exports = instance.exports;
    this.exports._initialize?.();
    this.bytes = new Uint8Array(this.exports.memory.buffer);
    /** @type {string[]} texts of the statements, by number */
    this.sql = [];
  }

  /** Memory may have grown, and then earlier views are dead. */
  view() {
    if (this.bytes.buffer !== this.exports.memory.buffer) {
      this.bytes = new Uint8Array(this.exports.memory.buffer);
    }
    return this.bytes;
  }

  /**
   * Writes the frames into the core's input buffer and returns their size in bytes.
   * @param {(string | Uint8Array)[]} frames
   */
  write(frames) {
    let bound = 4;
    for (const frame of frames) bound += 4 + (typeof frame === 'string' ? frame.length * 3 : frame.length);
    const start = this.exports.sluice_input(bound) >>> 0;
    const bytes = this.view();
    const lengths = new DataView(bytes.buffer);
    lengths.setUint32(start, frames.length, true);
    let at = start + 4;
    for (const frame of frames) {
      let length = frame.length;
      if (typeof frame === 'string') {
        length = encoder.encodeInto(frame, bytes.subarray(at + 4, start + bound)).written;
      } else {
        bytes.set(frame, at + 4);
      }
      lengths.setUint32(at, length, true);
      at += 4 + length;
    }
    return at - start;
  }

  /** @returns {string[]} the frames of the output, copied out of the core's memory */
  read() {
    const start = this.exports.sluice_output() >>> 0;
    const bytes = this.view();
    const lengths = new DataView(bytes.buffer);
    const count = lengths.getUint32(start, true);
    const frames = [];
    for (let i = 0, at = start + 4; i < count; i++) {
      const length = lengths.getUint32(at, true);
      frames.push(decoder.decode(bytes.subarray(at + 4, at + 4 + length)));
      at += 4 + length;
    }
    return frames;
  }

  /**
   * @param {number} op
   * @param {(string | Uint8Array)[]} frames
   * @returns {string[]}
   */
  call(op, frames) {
    const code = this.exports.sluice_call(op, this.write(frames));
    const output = this.read();
    if (code !== SLUICE_OK)
      throw new CoreError('core_refused', `The core refused the call: ${output[0]} (${code})`);
    return output;
  }
}

/** @type {Core | undefined} */
let current;

/** @param {Record<string, unknown>} env */
function start(env) {
  const core = new Core();
  /** @type {Record<string, string>} */
  const vars = {};
  for (const name of CORE_VARS) {
    const value = env[name];
    if (value !== undefined) vars[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  core.call(SLUICE_OP_CONFIGURE, [JSON.stringify({ types, vars })]);
  core.sql = core.call(SLUICE_OP_SQL, []).filter((_, i) => i % 2 === 1);
  return core;
}

/**
 * Calls the core; makes and configures an instance when there is none. A trap throws CoreError `core_trap`
 * and the next call gets a new instance.
 *
 * @param {Record<string, any>} env the worker's environment
 * @param {number} op
 * @param {(string | Uint8Array)[]} frames frame 0 is the control
 * @returns {string[]} output frames
 */
export function callCore(env, op, frames) {
  try {
    current ??= start(env);
    return current.call(op, frames);
  } catch (error) {
    if (error instanceof CoreError) throw error;
    current = undefined;
    throw new CoreError('core_trap', `The core trapped: ${/** @type {Error} */ (error).message}`, error);
  }
}

/**
 * Text of statement `number`; callable once the core has run.
 * @param {number} number
 */
export function statementText(number) {
  const text = current?.sql[number];
  if (text === undefined) throw new CoreError('core_refused', `There is no statement ${number}.`);
  return text;
}
