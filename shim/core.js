// The core: every decision is its own.
import { types } from '#registry/types';
import wasmModule from '../dist/sluice_core.wasm';
import { SLUICE_OP_SQL } from './abi.generated.js';
import { CoreError, Module, readVars } from './module.js';

export { CoreError };

const VARS = [
  'LEASE_MS',
  'MAX_ATTEMPTS',
  'RESEND_AFTER_MS',
  'MAX_PENDING_PER_QUEUE',
  'TENANT_CONCURRENCY',
  'SCRAPE_CONCURRENCY',
  'HOST_DELAY_MS',
  'POLL_BATCH',
  'RETENTION_COMPLETED_DAYS',
  'RETENTION_FAILED_DAYS',
];

const core = new Module(wasmModule, 'The core', (env) => ({ types, vars: readVars(env, VARS) }));

/** @type {string[] | undefined} texts of the statements, by number: every instance's are the same */
let statements;

/**
 * Throws a CoreError where the core does not run, or refuses the configuration.
 * @param {Record<string, any>} env
 */
export function checkCore(env) {
  core.call(env, SLUICE_OP_SQL, []);
}

/**
 * Calls the core (Module.call has its errors).
 *
 * @param {Record<string, any>} env the worker's environment
 * @param {number} op
 * @param {(string | Uint8Array)[]} frames frame 0 is the control
 * @returns {string[]} output frames
 */
export function callCore(env, op, frames) {
  statements ??= core.call(env, SLUICE_OP_SQL, []).filter((_, i) => i % 2 === 1);
  return core.call(env, op, frames);
}

/**
 * Text of statement `number`; callable once the core has run.
 * @param {number} number
 */
export function statementText(number) {
  const text = statements?.[number];
  if (text === undefined) throw new CoreError('core_refused', `There is no statement ${number}.`);
  return text;
}
