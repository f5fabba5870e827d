// The headers of a request: ours, and those that a payload may add.

import { FatalError } from '../../errors.js';

/** Sent as User-Agent; the part before "/" is the product token that robots.txt rules are matched with. */
export const USER_AGENT = 'Sluice/1.0 (job queue; respects robots.txt)';

const ACCEPT =
  'text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.8,text/plain;q=0.7,*/*;q=0.1';

// A list of what may be set, since the rest is the transport's (Host, Content-Length, Connection and the
// other hop-by-hop fields) or claims to come from a proxy (Forwarded, CF-*).
const ALLOWED = new Set([
  'accept',
  'accept-language',
  'authorization',
  'cache-control',
  'cookie',
  'dnt',
  'if-modified-since',
  'if-none-match',
  'origin',
  'pragma',
  'referer',
  'sec-gpc',
  'upgrade-insecure-requests',
  'user-agent',
]);
const FORBIDDEN_X = /^x-(forwarded|real-ip|client-ip|original|rewrite|http-method)/;

// What a site was trusted with is not shown to another one that it redirects to.
const SAME_ORIGIN_ONLY = /^(authorization|cookie|origin|referer|x-.*)$/;

/**
 * @param {Record<string, string> | undefined} wanted `options.headers` of a payload
 * @returns {Headers}
 * @throws {FatalError} bad_header, for a name that may not be set or a value that is not one
 */
export function requestHeaders(wanted) {
  const headers = new Headers({ 'user-agent': USER_AGENT, accept: ACCEPT });
  for (const [name, value] of Object.entries(wanted ?? {})) {
    const lower = name.toLowerCase();
    if (!ALLOWED.has(lower) && (!lower.startsWith('x-') || FORBIDDEN_X.test(lower))) {
      throw new FatalError('bad_header', `the request header "${name}" cannot be set`);
    }
    try {
      headers.set(lower, value);
    } catch {
      throw new FatalError('bad_header', `the request header "${name}" has an invalid name or value`);
    }
  }
  return headers;
}

/**
 * The headers for the next hop of a redirect.
 * @param {Headers} headers
 * @param {URL} from
 * @param {URL} to
 * @returns {Headers}
 */
export function headersForHop(headers, from, to) {
  if (from.origin === to.origin) return headers;
  const kept = new Headers();
  for (const [name, value] of headers) {
    if (!SAME_ORIGIN_ONLY.test(name)) kept.append(name, value);
  }
  return kept;
}
