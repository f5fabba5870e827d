// Locks for handlers; who gets one, the core decides (wasm/core/lock.h).
import { SLUICE_OP_LOCK, SLUICE_OP_UNLOCK } from '../shim/abi.generated.js';
import { runFlow } from '../shim/step.js';
import { LOCK_TTL_MS } from './lib/limits.js';
import { pause } from './lib/net/pause.js';

/** @typedef {import('../shim/flows/leases.js').Lease} Lease */
/** @typedef {{ ttlMs?: number, retryDelayMs?: number, maxRetries?: number }} LockOptions */

/**
 * @param {Record<string, any>} env
 * @param {number} op
 * @param {Record<string, unknown>} control
 * @returns {Promise<any>} the answer; throws where there is none to be had
 */
async function ask(env, op, control) {
  const { reply } = await runFlow(env, op, control);
  const answer = JSON.parse(reply?.body ?? '{}');
  if (reply?.status === 200) return answer;
  const faults = (answer.errors ?? []).map((/** @type {{ message: string }} */ { message }) => message);
  throw new Error([answer.detail ?? 'The lock could not be asked for.', ...faults].join(' '));
}

/**
 * Takes a lock, and asks again for one that another has.
 *
 * @param {Record<string, any>} env
 * @param {Lease} lease of the job that wants it
 * @param {string} key
 * @param {LockOptions} [options] ttlMs: it is free again after that time (default LOCK_TTL_MS); retryDelayMs:
 *   the time between two tries (100); maxRetries: tries after the first (10)
 * @returns {Promise<string | null>} what releaseLock wants; null: another has it
 */
export async function acquireLock(env, { run, halt }, key, options = {}) {
  const { ttlMs = LOCK_TTL_MS, retryDelayMs = 100, maxRetries = 10 } = options;
  const wish = { key, ttlMs: Math.ceil(ttlMs), id: run.id, fence: run.fence };
  for (let tries = 0; ; tries++) {
    halt.signal.throwIfAborted();
    const until = Date.now() + wish.ttlMs;
    const { value } = await ask(env, SLUICE_OP_LOCK, wish);
    // An answer may come when the time for which the lock was taken is over: then another may have it.
    if (value !== null && Date.now() < until) return value;
    if (tries >= maxRetries) return null;
    await pause(retryDelayMs, halt.signal);
  }
}

/**
 * Gives a lock back; does nothing where its time is over and another has it.
 *
 * @param {Record<string, any>} env
 * @param {string} key
 * @param {string} value what acquireLock gave
 */
export async function releaseLock(env, key, value) {
  await ask(env, SLUICE_OP_UNLOCK, { key, value });
}
