// Politeness between requests to one host, within one isolate: a delay between starts and a number of
// requests under way at once.
//
// Only plain data is shared between jobs, and every waiter sleeps on a timer of its own: on Workers a promise
// that belongs to another invocation may never settle, when that invocation is cut off.

import { SnoozeError } from '../../errors.js';
import {
  HOST_CONCURRENCY,
  HOST_DELAY_MS,
  HOST_PLACE_MAX_MS,
  HOST_WAIT_MAX_MS,
  HOSTS_MAX,
} from '../limits.js';
import { pause } from './pause.js';

/**
 * @typedef {object} HostState
 * @property {number} nextStartAt milliseconds since the epoch; no request starts before
 * @property {Map<number, number>} places requests under way: ticket to the time at which it lapses
 * @property {number} waiting
 */

/** @type {Map<string, HostState>} */
const hosts = new Map();
let lastTicket = 0;

// How often a full host is looked at again, in milliseconds.
const FULL_POLL_MS = 25;

/**
 * Waits for a turn at a host and takes it.
 * @param {string} host host and port
 * @param {{ delayMs: number, concurrency: number, signal: AbortSignal, maxWaitMs?: number }} options
 * @returns {Promise<() => void>} gives the place back; calling it twice does no harm
 * @throws {SnoozeError} host_busy, when the turn would come after maxWaitMs (default HOST_WAIT_MAX_MS);
 *   the signal's reason, when it aborts
 */
export async function takeTurn(host, { delayMs, concurrency, signal, maxWaitMs = HOST_WAIT_MAX_MS }) {
  const state = stateOf(host);
  const giveUpAt = Date.now() + maxWaitMs;
  state.waiting += 1;
  try {
    for (;;) {
      signal.throwIfAborted();
      const now = Date.now();
      dropLapsed(state, now);
      if (now >= state.nextStartAt && state.places.size < concurrency) return start(state, now, delayMs);
      const waitMs = now < state.nextStartAt ? state.nextStartAt - now : FULL_POLL_MS;
      if (now + waitMs > giveUpAt) throw busy(host, waitMs + state.waiting * delayMs);
      await pause(waitMs, signal);
    }
  } finally {
    state.waiting -= 1;
  }
}

/**
 * @param {HostState} state
 * @param {number} now
 * @param {number} delayMs
 * @returns {() => void}
 */
function start(state, now, delayMs) {
  lastTicket += 1;
  const ticket = lastTicket;
  state.nextStartAt = now + delayMs;
  state.places.set(ticket, now + HOST_PLACE_MAX_MS);
  return () => {
    state.places.delete(ticket);
  };
}

/**
 * @param {string} host
 * @param {number} delayMs
 */
function busy(host, delayMs) {
  return new SnoozeError('host_busy', `too many jobs wait for ${host}`, { delayMs });
}

/**
 * @param {HostState} state
 * @param {number} now
 */
function dropLapsed(state, now) {
  for (const [ticket, lapsesAt] of state.places) {
    if (lapsesAt <= now) state.places.delete(ticket);
  }
}

/** @param {string} host */
function stateOf(host) {
  let state = hosts.get(host);
  if (!state) {
    if (hosts.size >= HOSTS_MAX) forgetIdle(Date.now());
    state = { nextStartAt: 0, places: new Map(), waiting: 0 };
    hosts.set(host, state);
  }
  return state;
}

/**
 * Drops hosts that nobody waits for; if all are in use, the map grows past its bound by those in use, which
 * the platform's limit on open connections keeps few.
 * @param {number} now
 */
function forgetIdle(now) {
  for (const [host, state] of hosts) {
    if (state.waiting === 0 && state.places.size === 0 && state.nextStartAt <= now) hosts.delete(host);
  }
}

/**
 * The settings of HOST_DELAY_MS and SCRAPE_CONCURRENCY. What is no number in range gives the default.
 * @param {Record<string, any>} env
 * @returns {{ delayMs: number, concurrency: number }}
 */
export function turnSettings(env) {
  return {
    delayMs: numberFrom(env.HOST_DELAY_MS, 0, HOST_DELAY_MS),
    concurrency: numberFrom(env.SCRAPE_CONCURRENCY, 1, HOST_CONCURRENCY),
  };
}

/**
 * @param {unknown} value
 * @param {number} least
 * @param {number} fallback
 */
function numberFrom(value, least, fallback) {
  if (value === undefined || value === null || value === '') return fallback;
  const number = Number(value);
  return Number.isFinite(number) && number >= least ? number : fallback;
}
