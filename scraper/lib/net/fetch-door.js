// The one place that sends requests to sites.

import { FatalError } from '../../errors.js';
import { REDIRECTS_MAX } from '../limits.js';
import { checkUrl } from './address-guard.js';
import { startDeadline } from './deadline.js';
import { headersForHop } from './request-headers.js';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * @typedef {object} OpenOptions
 * @property {Record<string, any>} env ALLOW_PRIVATE_HOSTS is read
 * @property {AbortSignal} signal the job's
 * @property {Headers} headers
 * @property {number} timeoutMs for each hop, from the request to the end of its body
 * @property {(url: URL) => Promise<() => void>} [admit] asked before each hop, after the address guard; may
 *   wait or refuse by throwing; what it returns is called when that hop is over
 */

/** @typedef {OpenOptions & { method?: string, body?: string }} SendOptions method: GET unless given */

/**
 * @typedef {object} Opened
 * @property {Response} response final, whatever its status; its body is still under the time limit
 * @property {URL} url where it came from
 * @property {(error: unknown) => unknown} explain the error to throw for one met while reading the body
 * @property {() => Promise<void>} close must be called when done; ends timers, frees what is unread
 */

/**
 * Sends a GET and follows redirects by hand, so that every hop is judged like the first.
 * @param {string} address
 * @param {OpenOptions} options
 * @returns {Promise<Opened>}
 * @throws {FatalError} invalid_url, private_address, blocked_port, bad_redirect, too_many_redirects;
 *   RetryableError timeout, connection_failed; whatever `admit` throws; the job signal's reason
 */
export async function openUrl(address, options) {
  let url = checkUrl(address, options.env.ALLOW_PRIVATE_HOSTS);
  let headers = options.headers;
  for (let hops = 0; ; hops += 1) {
    const opened = await openHop(url, headers, options);
    if (!REDIRECTS.has(opened.response.status)) return opened;
    await opened.close();
    if (hops === REDIRECTS_MAX) {
      throw new FatalError('too_many_redirects', `${address} redirects more than ${REDIRECTS_MAX} times`);
    }
    const next = checkUrl(redirectTarget(opened.response, url), options.env.ALLOW_PRIVATE_HOSTS);
    headers = headersForHop(headers, url, next);
    url = next;
  }
}

/**
 * Sends one request and takes whatever answers it, a redirect too.
 * @param {string} address
 * @param {SendOptions} options
 * @returns {Promise<Opened>}
 * @throws {FatalError} invalid_url, private_address, blocked_port; RetryableError timeout,
 *   connection_failed; the job signal's reason
 */
export async function openOnce(address, options) {
  return openHop(checkUrl(address, options.env.ALLOW_PRIVATE_HOSTS), options.headers, options);
}

/**
 * @param {URL} url
 * @param {Headers} headers
 * @param {SendOptions} options
 * @returns {Promise<Opened>}
 */
async function openHop(url, headers, options) {
  const release = (await options.admit?.(url)) ?? (() => undefined);
  const deadline = startDeadline(options.timeoutMs, options.signal, url.href);
  /** @type {Response | undefined} */
  let response;
  const close = async () => {
    deadline.clear();
    release();
    // A body that a reader holds is that reader's to cancel.
    if (response?.body && !response.body.locked) await response.body.cancel().catch(() => undefined);
  };
  try {
    const { method = 'GET', body = null } = options;
    response = await fetch(url, { method, headers, body, redirect: 'manual', signal: deadline.signal });
  } catch (error) {
    await close();
    throw deadline.explain(error);
  }
  return { response, url, explain: deadline.explain, close };
}

/**
 * @param {Response} response
 * @param {URL} from
 * @returns {string}
 */
function redirectTarget(response, from) {
  const location = response.headers.get('location');
  if (!location) throw new FatalError('bad_redirect', `${from.href} redirects without saying where`);
  try {
    return new URL(location, from).href;
  } catch {
    throw new FatalError('bad_redirect', `${from.href} redirects to what is no URL`);
  }
}
