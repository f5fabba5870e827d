// The module's probe outside a worker: the real dist/sluice_core.wasm, called as shim/core.js calls it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SLUICE_OK, SLUICE_OP_CONFIGURE, SLUICE_OP_PROBE } from '../../shim/abi.generated.js';

const file = path.join(import.meta.dirname, '../../dist/sluice_core.wasm');
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * @typedef {{
 *   json(bytes: Uint8Array): { code: string, offset: number },
 *   schema(schema: string, bytes: Uint8Array): { refused: string, valid: boolean },
 * }} Probe
 */

/** @param {(string | Uint8Array)[]} parts @returns {Uint8Array} */
function frame(parts) {
  const frames = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part));
  const bytes = new Uint8Array(frames.reduce((sum, { length }) => sum + 4 + length, 4));
  const lengths = new DataView(bytes.buffer);
  lengths.setUint32(0, frames.length, true);
  let at = 4;
  for (const each of frames) {
    lengths.setUint32(at, each.length, true);
    bytes.set(each, at + 4);
    at += 4 + each.length;
  }
  return bytes;
}

/** @returns {Probe} */
export function openProbe() {
  // The types are those of the workers, where a module cannot be compiled at run time.
  const { Module, Instance } = /** @type {any} */ (WebAssembly);
  const { exports } = new Instance(new Module(readFileSync(file)), {
    env: { emscripten_notify_memory_growth() {} },
    wasi_snapshot_preview1: {
      /** @param {number} code */
      proc_exit(code) {
        throw new Error(`the core ended with ${code}`);
      },
    },
  });
  exports._initialize?.();
  const call = (/** @type {number} */ op, /** @type {(string | Uint8Array)[]} */ parts) => {
    const input = frame(parts);
    const start = exports.sluice_input(input.length) >>> 0;
    new Uint8Array(exports.memory.buffer).set(input, start);
    const code = exports.sluice_call(op, input.length);
    const output = exports.sluice_output() >>> 0;
    const view = new DataView(exports.memory.buffer);
    if (code !== SLUICE_OK) throw new Error(`the core refused the call with ${code}`);
    if (view.getUint32(output, true) === 0) return undefined;
    return JSON.parse(
      decoder.decode(new Uint8Array(exports.memory.buffer, output + 8, view.getUint32(output + 4, true))),
    );
  };
  call(SLUICE_OP_CONFIGURE, ['{"types":[],"vars":{}}']);
  return {
    json: (bytes) => call(SLUICE_OP_PROBE, ['{"probe":"json"}', bytes]),
    schema: (schema, bytes) => call(SLUICE_OP_PROBE, ['{"probe":"schema"}', schema, bytes]),
  };
}
