// URLs as identities: one spelling per page, and which pages belong to one site.

// Parameters that only tell the site where a visitor came from.
const TRACKING = /^utm_/i;

/**
 * One spelling for URLs that name the same page: lower-case host without trailing dot, no default port, no
 * fragment, no utm_* parameters; path, and order of the rest of the query, stay. Null for what is no http(s)
 * URL.
 * @param {string} text
 * @param {string} [base]
 * @returns {string | null}
 */
export function normaliseUrl(text, base) {
  const url = parseHttpUrl(text, base);
  if (!url) return null;
  url.hash = '';
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.replace(/\.+$/, '');
  if (url.search !== '') url.search = withoutTracking(url.search);
  return url.href;
}

/**
 * Works on the text, since URLSearchParams would rewrite the escapes of what it keeps.
 * @param {string} search with its "?"
 * @returns {string}
 */
function withoutTracking(search) {
  return search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && !TRACKING.test(pair))
    .join('&');
}

/**
 * An absolute http(s) URL without credentials, or null.
 * @param {string} text
 * @param {string} [base]
 * @returns {URL | null}
 */
export function parseHttpUrl(text, base) {
  try {
    const url = new URL(text.trim(), base);
    const isHttp = url.protocol === 'http:' || url.protocol === 'https:';
    return isHttp && url.username === '' && url.password === '' ? url : null;
  } catch {
    return null;
  }
}

/**
 * `text` made absolute, without fragment, or "" when it leads to no http(s) page.
 * @param {string | undefined} text
 * @param {string} base
 * @returns {string}
 */
export function absoluteUrl(text, base) {
  const url = text ? parseHttpUrl(text, base) : null;
  if (!url) return '';
  url.hash = '';
  return url.href;
}

/**
 * Whether two URLs are on one site: the same host and port, "www." aside. http and https on their default
 * ports are one site.
 * @param {string} left
 * @param {string} right
 * @returns {boolean}
 */
export function isSameSite(left, right) {
  const one = parseHttpUrl(left);
  const other = parseHttpUrl(right);
  return one !== null && other !== null && siteOf(one) === siteOf(other);
}

/** @param {URL} url */
function siteOf(url) {
  return `${url.hostname.replace(/\.+$/, '').replace(/^www\./, '')}:${url.port}`;
}
