// What there is at the most: limits of the platform, and Sluice's own, read where they are set.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { experimental_readRawConfig as readRawConfig } from 'wrangler';
import { root } from '../../scripts/tools.mjs';

/** Workers Paid, as Cloudflare's documentation had it in November 2026. GB and TB are powers of ten. */
export const PLATFORM = Object.freeze({
  databaseBytes: 10e9,
  accountBytes: 1e12,
  queriesPerInvocation: 1000,
  queueMessagesPerSecond: 5000,
  queueConsumers: 250,
  queueBacklogBytes: 25e9,
});

/** @param {string} file @param {RegExp} pattern with the number as its group @returns {number} */
function numberIn(file, pattern) {
  const [, digits] = pattern.exec(readFileSync(path.join(root, file), 'utf8')) ?? [];
  if (digits === undefined) throw new Error(`${file} has no ${pattern}`);
  return Number(digits);
}

/**
 * @typedef {object} OwnLimits
 * @property {number} sweepRounds of one tick
 * @property {number} prunedPerRound finished jobs that retention removes
 * @property {number} handlersAtOnce of one delivered batch
 * @property {number} databases that the shard number in an id can name
 * @property {number} retentionDays of completed jobs
 * @property {number} pendingPerQueue jobs that wait; then an enqueue is refused
 */

/** @returns {OwnLimits} */
export function ownLimits() {
  const { rawConfig } = readRawConfig({ config: path.join(root, 'wrangler.jsonc') });
  return {
    sweepRounds: numberIn('shim/flows/sweep.js', /ROUNDS_MAX = (\d+);/),
    prunedPerRound: numberIn('wasm/core/limits.h', /kPruneRows = (\d+);/),
    handlersAtOnce: numberIn('shim/flows/leases.js', /CONCURRENCY = (\d+);/),
    databases: 2 ** numberIn('wasm/core/id.h', /(\d+) bits of shard/),
    retentionDays: Number(rawConfig.vars?.RETENTION_COMPLETED_DAYS),
    pendingPerQueue: Number(rawConfig.vars?.MAX_PENDING_PER_QUEUE),
  };
}
