// Which website is a prospect's: of the domain of its e-mail address, else of what a search engine finds. A
// page counts when it names the company.

import { FatalError } from '../../errors.js';
import { SEARCH_RESULTS_MAX, SEARCH_TIMEOUT_MS } from '../limits.js';
import { startDeadline } from '../net/deadline.js';
import { statusError } from '../net/status.js';
import { visitPage } from '../visit.js';

/** @typedef {import('./store.js').Prospect} Prospect */
/** @typedef {import('../../context.js').Context & import('../types.js').ScrapeContext} Context */

/** Mailboxes of anybody; their domains say nothing. */
const FREE_MAIL = new RegExp(
  String.raw`(^|\.)(gmail|googlemail|outlook|hotmail|live|yahoo|ymail|icloud|me|aol|gmx|web|mail|` +
    String.raw`proton|protonmail|t-online|zoho|yandex|qq|163)\.[a-z.]+$`,
);
/** Pages about companies that are not theirs. */
const NOT_OWN =
  /(^|\.)(facebook|instagram|linkedin|x|twitter|youtube|yelp|tripadvisor|wikipedia|pinterest)\.[a-z]+$/;
/** Legal forms and fillers that a page leaves out of a name. */
const FILLERS = new Set('gmbh ag kg ltd llc inc co corp sa srl bv oy ab the and und'.split(' '));

/**
 * @param {Prospect} prospect
 * @param {Context} ctx
 * @returns {Promise<string | null>} its front page, or null where none was found
 */
export async function findWebsite(prospect, ctx) {
  for (const url of await candidates(prospect, ctx)) {
    ctx.signal.throwIfAborted();
    const found = await confirm(url, prospect, ctx);
    if (found) return found;
  }
  return null;
}

/** @param {Prospect} prospect @param {Context} ctx @returns {Promise<string[]>} */
async function candidates({ name, email }, ctx) {
  const domain = email?.split('@').at(-1)?.toLowerCase() ?? '';
  if (domain !== '' && !FREE_MAIL.test(domain)) return [`https://${domain}/`, `https://www.${domain}/`];
  return search(name, ctx);
}

/**
 * Asks a search service in the words of Brave's. None is asked where none is configured.
 * @param {string} name @param {Context} ctx @returns {Promise<string[]>}
 */
async function search(name, { env, signal }) {
  if (!env.SEARCH_API_URL) return [];
  const url = new URL(String(env.SEARCH_API_URL));
  url.searchParams.set('q', name);
  url.searchParams.set('count', String(SEARCH_RESULTS_MAX));
  const deadline = startDeadline(SEARCH_TIMEOUT_MS, signal, 'The search service');
  try {
    const headers = { accept: 'application/json', 'x-subscription-token': String(env.SEARCH_API_KEY ?? '') };
    const response = await fetch(url, { headers, redirect: 'manual', signal: deadline.signal });
    const error = statusError(response.status, response.headers, 'The search service', Date.now());
    if (error) throw error;
    const results = /** @type {any} */ (await response.json())?.web?.results;
    return (Array.isArray(results) ? results : [])
      .slice(0, SEARCH_RESULTS_MAX)
      .map((entry) => String(entry?.url));
  } catch (error) {
    throw deadline.explain(error);
  } finally {
    deadline.clear();
  }
}

/**
 * @param {string} address @param {Prospect} prospect @param {Context} ctx
 * @returns {Promise<string | undefined>} the site's front page where it is the prospect's
 */
async function confirm(address, prospect, ctx) {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol) || NOT_OWN.test(url.hostname)) return undefined;
  try {
    const page = await visitPage(new URL('/', url).href, ctx);
    const text = [
      page.title,
      page.meta['og:site_name'],
      page.description,
      page.hints.heading,
      page.hints.text,
    ];
    return names(text.join(' '), prospect.name) ? page.url : undefined;
  } catch (error) {
    // What will not change is no site of theirs; anything else may be one on the next attempt.
    if (error instanceof FatalError) return undefined;
    throw error;
  }
}

/** @param {string} text @returns {string[]} its words without accents, punctuation and case */
const words = (text) =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? [];

/**
 * Whether all words of a company's name stand in a text.
 * @param {string} text @param {string} name
 */
export function names(text, name) {
  const known = new Set(words(text));
  const wanted = words(name).filter((word) => !FILLERS.has(word));
  return wanted.length > 0 && wanted.every((word) => known.has(word));
}
