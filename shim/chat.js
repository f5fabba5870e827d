// The chat rules, a module of the main worker's own: what a message asks for, before the core decides on it.
import wasmModule from '../dist/sluice_chat.wasm';
import { SLUICE_CHAT_READ } from './abi.generated.js';
import { Module, readVars } from './module.js';

const rules = new Module(wasmModule, 'The chat module', (env) => ({ vars: readVars(env, ['SITES']) }));

/**
 * @param {Record<string, any>} env the worker's environment
 * @param {string | Uint8Array} body of a chat request, as it came
 * @returns {string} its reading, which SLUICE_OP_ADMIT_CHAT takes
 */
export function readChat(env, body) {
  const [reading = ''] = rules.call(env, SLUICE_CHAT_READ, [body]);
  return reading;
}
