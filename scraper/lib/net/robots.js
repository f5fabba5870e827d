// robots.txt by RFC 9309: fetched once per origin, kept in the isolate, parsed by robots-parser.
//
// As in host-turns.js, jobs share plain data only; who waits for another job's fetch looks at the cache again
// and takes over when nothing comes.

import robotsParser from 'robots-parser';
import { FatalError, RetryableError } from '../../errors.js';
import {
  CRAWL_DELAY_MAX_MS,
  ROBOTS_BYTES_MAX,
  ROBOTS_CACHE_BYTES_MAX,
  ROBOTS_CACHE_ENTRIES_MAX,
  ROBOTS_RETRY_MS,
  ROBOTS_TIMEOUT_MS,
  ROBOTS_TTL_MIN_MS,
  ROBOTS_TTL_MS,
} from '../limits.js';
import { firstBytes } from './body.js';
import { openUrl } from './fetch-door.js';
import { pause } from './pause.js';
import { requestHeaders } from './request-headers.js';
import { parseRetryAfter } from './status.js';

/** @typedef {ReturnType<typeof robotsParser>} Rules */

/**
 * @typedef {object} Entry
 * @property {Rules | null} rules null allows everything
 * @property {number} bytes
 * @property {number} expiresAt milliseconds since the epoch
 * @property {number} staleAt from then on not even a failing origin makes it usable
 */

/** @typedef {{ until: number, retryAfterMs: number, reason: string }} Failure */

/** @type {Map<string, Entry>} */
const entries = new Map();
/** @type {Map<string, Failure>} */
const failures = new Map();
/** @type {Map<string, number>} origin to the time at which its fetch under way is given up */
const underWay = new Map();

const FOLLOWER_POLL_MS = 20;

/**
 * Judges a URL by its origin's robots.txt.
 * @param {URL} url
 * @param {string} userAgent
 * @param {{ env: Record<string, any>, signal: AbortSignal }} context
 * @returns {Promise<{ crawlDelayMs: number }>} the delay that the site asks for, capped
 * @throws {FatalError} robots_disallowed; RetryableError robots_unreachable, while the site cannot be asked
 */
export async function askRobots(url, userAgent, context) {
  const rules = await rulesOf(url.origin, context);
  if (!rules) return { crawlDelayMs: 0 };
  if (rules.isAllowed(url.href, userAgent) === false) {
    throw new FatalError('robots_disallowed', `robots.txt of ${url.host} forbids ${url.pathname}`);
  }
  const seconds = Number(rules.getCrawlDelay(userAgent) ?? 0);
  return { crawlDelayMs: Math.min(Math.max(seconds * 1000, 0), CRAWL_DELAY_MAX_MS) };
}

/**
 * @param {string} origin
 * @param {{ env: Record<string, any>, signal: AbortSignal }} context
 * @returns {Promise<Rules | null>}
 */
async function rulesOf(origin, context) {
  for (;;) {
    const now = Date.now();
    const entry = entries.get(origin);
    if (entry && now < entry.expiresAt) return entry.rules;
    const failure = failures.get(origin);
    if (failure && now < failure.until) return stale(entry, now, failure);
    const fetching = underWay.get(origin);
    if (fetching === undefined || fetching <= now) return refresh(origin, context);
    await pause(FOLLOWER_POLL_MS, context.signal);
  }
}

/**
 * A copy younger than 24 hours outlives its Cache-Control while the site cannot be asked; without one
 * everything is forbidden for now (RFC 9309 section 2.3.1.4).
 * @param {Entry | undefined} entry
 * @param {number} now
 * @param {Failure} failure
 * @returns {Rules | null}
 */
function stale(entry, now, failure) {
  if (entry && now < entry.staleAt) return entry.rules;
  const { retryAfterMs, reason } = failure;
  throw new RetryableError('robots_unreachable', reason, retryAfterMs > 0 ? { retryAfterMs } : {});
}

/**
 * @param {string} origin
 * @param {{ env: Record<string, any>, signal: AbortSignal }} context
 * @returns {Promise<Rules | null>}
 */
async function refresh(origin, context) {
  underWay.set(origin, Date.now() + ROBOTS_TIMEOUT_MS);
  // An invocation that is cut off never takes its mark away.
  forgetOldest(underWay, ROBOTS_CACHE_ENTRIES_MAX);
  try {
    const entry = await load(origin, context);
    failures.delete(origin);
    remember(origin, entry);
    return entry.rules;
  } catch (error) {
    if (!(error instanceof RetryableError) || context.signal.aborted) throw error;
    const retryAfterMs = error.retryAfterMs ?? ROBOTS_RETRY_MS;
    const reason = `robots.txt cannot be read: ${error.message}`;
    const now = Date.now();
    const failure = { until: now + Math.min(retryAfterMs, ROBOTS_RETRY_MS), retryAfterMs, reason };
    failures.set(origin, failure);
    forgetOldest(failures, ROBOTS_CACHE_ENTRIES_MAX);
    return stale(entries.get(origin), now, failure);
  } finally {
    underWay.delete(origin);
  }
}

/**
 * @param {string} origin
 * @param {{ env: Record<string, any>, signal: AbortSignal }} context
 * @returns {Promise<Entry>}
 * @throws {RetryableError} when the file is unreachable: 5xx, 429, timeout, no connection
 */
async function load(origin, { env, signal }) {
  const address = `${origin}/robots.txt`;
  const options = { env, signal, headers: requestHeaders({ accept: 'text/plain,*/*;q=0.1' }) };
  /** @type {import('./fetch-door.js').Opened} */
  let opened;
  try {
    opened = await openUrl(address, { ...options, timeoutMs: ROBOTS_TIMEOUT_MS });
  } catch (error) {
    // A redirect that leads nowhere we may go, or goes on for ever, leaves the site without the file.
    if (error instanceof FatalError) return entryOf(address, null, 0, ROBOTS_TTL_MS);
    throw error;
  }
  try {
    return await read(address, opened.response);
  } catch (error) {
    throw opened.explain(error);
  } finally {
    await opened.close();
  }
}

/**
 * @param {string} address
 * @param {Response} response
 * @returns {Promise<Entry>}
 */
async function read(address, response) {
  const { status, headers } = response;
  // RFC 9309 counts 429 among the codes that allow everything; a site that asks for fewer requests is
  // better served by waiting, which the RFC permits.
  if (status >= 500 || status === 429) {
    const retryAfterMs = parseRetryAfter(headers.get('retry-after'), Date.now()) ?? ROBOTS_RETRY_MS;
    throw new RetryableError('robots_unreachable', `${address} answered ${status}`, { retryAfterMs });
  }
  const ttlMs = timeToLive(headers.get('cache-control'));
  if (status < 200 || status >= 300) return entryOf(address, null, 0, ttlMs);
  const bytes = await firstBytes(response, ROBOTS_BYTES_MAX);
  return entryOf(address, wholeLines(bytes), bytes.byteLength, ttlMs);
}

/**
 * A file that was cut must not end in half a rule, which would forbid more than the whole one.
 * @param {Uint8Array} bytes
 */
function wholeLines(bytes) {
  const text = new TextDecoder().decode(bytes);
  return bytes.byteLength < ROBOTS_BYTES_MAX ? text : text.slice(0, text.lastIndexOf('\n') + 1);
}

/**
 * @param {string} address
 * @param {string | null} text null allows everything
 * @param {number} bytes
 * @param {number} ttlMs
 * @returns {Entry}
 */
function entryOf(address, text, bytes, ttlMs) {
  const now = Date.now();
  const rules = text === null ? null : robotsParser(address, text);
  return { rules, bytes, expiresAt: now + ttlMs, staleAt: now + ROBOTS_TTL_MS };
}

/**
 * @param {string | null} cacheControl
 * @returns {number} milliseconds
 */
function timeToLive(cacheControl) {
  const maxAge = /(?:^|[\s,])max-age\s*=\s*"?(\d+)/i.exec(cacheControl ?? '');
  if (!maxAge) return ROBOTS_TTL_MS;
  return Math.min(Math.max(Number(maxAge[1]) * 1000, ROBOTS_TTL_MIN_MS), ROBOTS_TTL_MS);
}

/**
 * @param {string} origin
 * @param {Entry} entry
 */
function remember(origin, entry) {
  entries.delete(origin);
  entries.set(origin, entry);
  let bytes = 0;
  for (const { bytes: size } of entries.values()) bytes += size;
  for (const [oldest, { bytes: size }] of entries) {
    if (bytes <= ROBOTS_CACHE_BYTES_MAX && entries.size <= ROBOTS_CACHE_ENTRIES_MAX) break;
    entries.delete(oldest);
    bytes -= size;
  }
}

/**
 * @param {Map<string, unknown>} map
 * @param {number} max
 */
function forgetOldest(map, max) {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}
