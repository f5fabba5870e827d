// Which URLs may be fetched at all. Asked before every request, redirects included.
//
// A name that resolves to a private address passes: a Worker cannot see what the platform's resolver
// answers, and a look-up of our own (DNS over HTTPS) could be answered differently from the one that the
// request then uses. On Cloudflare's network such a request leads nowhere, since fetch() there reaches
// public addresses only. On a workerd of your own, let its network service deny private addresses.

import { FatalError } from '../../errors.js';
import { URL_LENGTH_MAX } from '../limits.js';
import { parseAddress, specialBlock } from './ip.js';

// Names that only a local network answers: RFC 6761 (localhost), RFC 6762 (local), RFC 8375 (home.arpa),
// ICANN 2024-07-29 (internal); localdomain and lan are what routers hand out.
const LOCAL_SUFFIXES = ['localhost', 'local', 'internal', 'home.arpa', 'localdomain', 'lan'];

// Ports from 1024 that the WHATWG Fetch Standard blocks ("bad ports"); of those below 1024 only 80 and 443
// are open.
const BAD_PORTS = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697,
  10080,
]);

/**
 * Parses and judges a URL. Returns it without fragment.
 * @param {string} text absolute URL
 * @param {string | undefined} allowPrivateHosts the variable ALLOW_PRIVATE_HOSTS: "" refuses all, "true" or
 *   "*" allows all, else a comma list of host or host:port
 * @returns {URL}
 * @throws {FatalError} invalid_url, private_address or blocked_port
 */
export function checkUrl(text, allowPrivateHosts) {
  const url = parse(text);
  if (isAllowedPrivate(url, allowPrivateHosts)) return url;
  const reason = privateReason(url.hostname);
  if (reason) throw new FatalError('private_address', `${url.hostname} is not a public host: ${reason}`);
  const port = effectivePort(url);
  if (port !== 80 && port !== 443 && (port < 1024 || BAD_PORTS.has(port))) {
    throw new FatalError('blocked_port', `port ${port} is not one that web pages are served on`);
  }
  return url;
}

/**
 * @param {string} text
 * @returns {URL}
 */
function parse(text) {
  if (text.length > URL_LENGTH_MAX) {
    throw new FatalError('invalid_url', `the URL is longer than ${URL_LENGTH_MAX} characters`);
  }
  /** @type {URL} */
  let url;
  try {
    url = new URL(text);
  } catch {
    throw new FatalError('invalid_url', `not an absolute URL: ${text}`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new FatalError('invalid_url', `only http and https are fetched, not ${url.protocol}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new FatalError('invalid_url', 'credentials in a URL are refused; send an Authorization header');
  }
  url.hash = '';
  return url;
}

/**
 * Why a host is not public, or "". `hostname` is as the URL parser leaves it: integer, octal, hexadecimal
 * and full-width spellings of IPv4 have become dotted decimal, IPv6 is in brackets.
 * @param {string} hostname
 * @returns {string}
 */
export function privateReason(hostname) {
  const host = hostname.replace(/\.+$/, '').toLowerCase();
  const address = parseAddress(host);
  if (address) {
    const block = specialBlock(address);
    return block ? `${block.block}, ${block.name} (${block.source})` : '';
  }
  if (LOCAL_SUFFIXES.some((suffix) => host === suffix || host.endsWith(`.${suffix}`))) {
    return 'a name of the local network';
  }
  return host.includes('.') ? '' : 'a name without a domain';
}

/**
 * @param {URL} url
 * @param {string | undefined} allowPrivateHosts
 */
function isAllowedPrivate(url, allowPrivateHosts) {
  const allowed = (allowPrivateHosts ?? '').trim().toLowerCase();
  if (allowed === '') return false;
  if (allowed === 'true' || allowed === '*') return true;
  const host = url.hostname.replace(/\.+$/, '').toLowerCase();
  const bare = host.replace(/^\[|\]$/g, '');
  const port = effectivePort(url);
  return allowed
    .split(',')
    .map((entry) => entry.trim())
    .some((entry) => entry === host || entry === bare || entry === `${host}:${port}`);
}

/** @param {URL} url */
function effectivePort(url) {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
