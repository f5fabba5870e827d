// The categories that a site's navigation names.

import { isSameSite, normaliseUrl } from '../url.js';

// Pages that every site has and that list nothing.
const SERVICE_WORDS =
  'about account basket blog careers cart checkout contact cookies? faq help impressum jobs legal log-?in ' +
  'log-?out press privacy register search shipping sign-?in sign-?up support terms wishlist';
const SERVICE = new RegExp(`/(${SERVICE_WORDS.replaceAll(' ', '|')})(/|\\.|$)`, 'i');
const CATEGORY_DEPTH = 2; // levels of the path at which categories live

/**
 * Links of the page's navigation on the same site; where the markup names none, all links to pages near the
 * root. Pages of the kind of /login and /cart are left out.
 * @param {import('../types.js').Page} page
 * @returns {{ name: string, url: string }[]} with distinct normalised URLs, in page order
 */
export function navigationFrom(page) {
  const own = new Set([normaliseUrl(page.url), normaliseUrl('/', page.url)]);
  const marked = page.navigation.filter((link) => isCategory(link.url, page.url, own));
  const links =
    marked.length > 0
      ? marked
      : page.links.filter((link) => isNearRoot(link.url) && isCategory(link.url, page.url, own));
  /** @type {Map<string, { name: string, url: string }>} */
  const byUrl = new Map();
  for (const { text, url: written } of links) {
    const url = normaliseUrl(written);
    if (url && text !== '' && !byUrl.has(url)) byUrl.set(url, { name: text, url });
  }
  return [...byUrl.values()];
}

/**
 * @param {string} url
 * @param {string} pageUrl
 * @param {Set<string | null>} own the page itself and the root
 */
function isCategory(url, pageUrl, own) {
  return isSameSite(url, pageUrl) && !own.has(normaliseUrl(url)) && !SERVICE.test(new URL(url).pathname);
}

/** @param {string} url */
function isNearRoot(url) {
  return new URL(url).pathname.split('/').filter((part) => part !== '').length <= CATEGORY_DEPTH;
}
