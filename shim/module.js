// The one door to a module's memory: frames in, frames out (wasm/abi/sluice_abi.h has the conventions).
import { SLUICE_OK, SLUICE_OP_CONFIGURE, SLUICE_OP_SQL } from './abi.generated.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A module refused a call, or trapped. Nothing was decided; the caller's input is untouched. */
export class CoreError extends Error {
  /** @param {string} code `core_refused` or `core_trap` @param {string} message @param {unknown} [cause] */
  constructor(code, message, cause) {
    super(message, { cause });
    this.name = 'CoreError';
    this.code = code;
  }
}

/** One instance of a module. Thrown away when it traps. */
export class Instance {
  /** @param {WebAssembly.Module} compiled @param {string} name of the module, in sentences */
  constructor(compiled, name) {
    this.name = name;
    const instance = new WebAssembly.Instance(compiled, {
      env: { emscripten_notify_memory_growth() {} },
      wasi_snapshot_preview1: {
        /** @param {number} code */
        proc_exit(code) {
          throw new WebAssembly.RuntimeError(`${name} ended with ${code}`);
        },
      },
    });
    /** @type {any} */
    this.exports = instance.exports;
    this.exports._initialize?.();
    this.bytes = new Uint8Array(this.exports.memory.buffer);
  }

  /** Memory may have grown, and then earlier views are dead. */
  view() {
    if (this.bytes.buffer !== this.exports.memory.buffer) {
      this.bytes = new Uint8Array(this.exports.memory.buffer);
    }
    return this.bytes;
  }

  /**
   * Writes the frames into the module's input buffer and returns their size in bytes.
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

  /** @returns {string[]} the frames of the output, copied out of the module's memory */
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
      throw new CoreError('core_refused', `${this.name} refused the call: ${output[0]} (${code})`);
    return output;
  }
}

/**
 * What a module reads of a worker's environment.
 * @param {Record<string, unknown>} env
 * @param {readonly string[]} names of its variables; every other is somebody else's
 * @returns {Record<string, string>}
 */
export function readVars(env, names) {
  /** @type {Record<string, string>} */
  const vars = {};
  for (const name of names) {
    const value = env[name];
    if (value !== undefined) vars[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  return vars;
}

/** A module with its one instance, which is made and configured by the first call. */
export class Module {
  /**
   * @param {WebAssembly.Module} compiled
   * @param {string} name how errors call it: "The core"
   * @param {(env: Record<string, any>) => object} configuration what an instance is configured with
   */
  constructor(compiled, name, configuration) {
    this.compiled = compiled;
    this.name = name;
    this.configuration = configuration;
    /** @type {Instance | undefined} */
    this.current = undefined;
  }

  /** @param {Record<string, any>} env @returns {Instance} */
  start(env) {
    const instance = new Instance(this.compiled, this.name);
    instance.call(SLUICE_OP_CONFIGURE, [JSON.stringify(this.configuration(env))]);
    return instance;
  }

  /**
   * Calls the module; makes and configures an instance when there is none. A trap throws CoreError
   * `core_trap` and the next call gets a new instance.
   *
   * @param {Record<string, any>} env the worker's environment
   * @param {number} op
   * @param {(string | Uint8Array)[]} frames
   * @returns {string[]} output frames
   */
  call(env, op, frames) {
    try {
      this.current ??= this.start(env);
      return this.current.call(op, frames);
    } catch (error) {
      if (error instanceof CoreError) throw error;
      this.current = undefined;
      const { message } = /** @type {Error} */ (error);
      throw new CoreError('core_trap', `${this.name} trapped: ${message}`, error);
    }
  }
}

/** A module of flows: it answers with statements, whose texts are its own. */
export class FlowModule extends Module {
  /** @type {string[] | undefined} texts by number: every instance's are the same */
  statements;

  /**
   * @override
   * @param {Record<string, any>} env @param {number} op @param {(string | Uint8Array)[]} frames
   */
  call(env, op, frames) {
    this.statements ??= super.call(env, SLUICE_OP_SQL, []).filter((_, i) => i % 2 === 1);
    return super.call(env, op, frames);
  }

  /**
   * Text of statement `number`; callable once the module has run.
   * @param {number} number
   */
  statementText(number) {
    const text = this.statements?.[number];
    if (!text) throw new CoreError('core_refused', `${this.name} has no statement ${number}.`);
    return text;
  }
}
