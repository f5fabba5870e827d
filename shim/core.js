// The core: every decision is its own.
import { types } from '#registry/types';
import wasmModule from '../dist/sluice_core.wasm';
import { SLUICE_OP_SQL } from './abi.generated.js';
import { CoreError, FlowModule, readVars } from './module.js';
import { databasesIn } from './store.js';

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
  'QUEUE_SHARDS',
];

/**
 * What modules of flows are configured with.
 * @param {Record<string, any>} env the worker's environment
 */
export const configuration = (env) => ({ types, vars: readVars(env, VARS), databases: databasesIn(env) });

export const core = new FlowModule(wasmModule, 'The core', configuration);

/**
 * Throws a CoreError where the core does not run, or refuses the configuration.
 * @param {Record<string, any>} env
 */
export function checkCore(env) {
  core.call(env, SLUICE_OP_SQL, []);
}
