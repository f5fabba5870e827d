// E-mail addresses on a prospect's website: of its front page and of the pages on which companies tell how to
// reach them.

import { FatalError } from '../../errors.js';
import { CONTACT_PAGES_MAX } from '../limits.js';
import { isSameSite } from '../url.js';
import { visitPage } from '../visit.js';

/** @typedef {import('../../context.js').Context & import('../types.js').ScrapeContext} Context */

const SELECTORS = { mails: 'a[href^="mailto:"]@href' };
const CONTACT = /contact|kontakt|contatt|contacto|impressum|imprint|about|ueber-uns|über uns|legal/i;
const ADDRESS = /[a-z0-9][a-z0-9._%+-]{0,63}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}/gi;
/** Mailboxes that nobody reads, or that are no addresses. */
const UNREAD = new RegExp(
  '^(no-?reply|do-?not-?reply|mailer-daemon|postmaster|abuse|example|you|your|name)@' +
    String.raw`|@example\.|\.(png|jpe?g|gif|webp|svg)$`,
  'i',
);
/** Mailboxes that a company reads, the best first. */
const ROLES = ['info', 'contact', 'hello', 'office', 'sales', 'mail', 'kontakt'];

/**
 * @param {string} website
 * @param {Context} ctx
 * @returns {Promise<string | null>} the best address, or null where there is none
 */
export async function findAddress(website, ctx) {
  const front = await visitPage(website, ctx, { selectors: SELECTORS });
  const host = new URL(front.url).hostname.replace(/^www\./, '');
  const found = addressesOf(front);
  const links = front.links.filter(
    ({ url, text }) => CONTACT.test(`${url} ${text}`) && isSameSite(url, front.url),
  );
  for (const { url } of links.slice(0, CONTACT_PAGES_MAX)) {
    if (found.some((address) => rank(address, host) === 0)) break;
    try {
      found.push(...addressesOf(await visitPage(url, ctx, { selectors: SELECTORS })));
    } catch (error) {
      if (!(error instanceof FatalError)) throw error;
      ctx.log.debug('contact_page.skipped', { url, code: error.code });
    }
  }
  const [best = null] = [...new Set(found)].sort((a, b) => rank(a, host) - rank(b, host) || (a < b ? -1 : 1));
  return best;
}

/** @param {import('../types.js').Page} page */
function addressesOf({ selected, hints }) {
  const linked = (selected.mails ?? []).map((href) => decoded(href.replace(/^mailto:|\?.*$/gi, '')));
  const written = hints.text.match(ADDRESS) ?? [];
  return [...linked, ...written]
    .flatMap((text) => text.match(ADDRESS) ?? [])
    .map((address) => address.toLowerCase())
    .filter((address) => !UNREAD.test(address));
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Addresses of the site's own domain come first, among them those of the company before those of persons.
 * @param {string} address @param {string} host */
function rank(address, host) {
  const [box = '', domain = ''] = address.split('@');
  const own = host === domain || host.endsWith(`.${domain}`) || domain.endsWith(`.${host}`);
  const role = ROLES.indexOf(box);
  return (own ? 0 : 100) + (role >= 0 ? role : ROLES.length);
}
