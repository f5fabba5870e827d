// A page and the pages that follow it by pagination.

import { FatalError } from '../errors.js';
import { isSameSite, normaliseUrl } from './url.js';
import { visitPage } from './visit.js';

/** @typedef {import('./types.js').Page} Page */
/** @typedef {import('./types.js').PageError} PageError */

/**
 * Visits a page and, while options.maxPages allows, the next pages of its list on the same site. A later page
 * that is gone ends the series; one that fails for now fails the job, which is tried again as a whole.
 * @param {string} url
 * @param {import('./types.js').ScrapeContext} ctx
 * @param {import('./types.js').ScrapeOptions} options
 * @returns {Promise<{ first: Page, pages: Page[], errors: PageError[] }>}
 *   pages has `first` at its head
 */
export async function visitSeries(url, ctx, options) {
  const maxPages = options.maxPages ?? 1;
  const first = await visitPage(url, ctx, options);
  const pages = [first];
  const seen = new Set([normaliseUrl(url), normaliseUrl(first.url)]);
  let latest = first;
  while (pages.length < maxPages && latest.next !== '' && isSameSite(latest.next, first.url)) {
    const next = normaliseUrl(latest.next);
    if (seen.has(next)) break;
    seen.add(next);
    try {
      latest = await visitPage(latest.next, ctx, options);
    } catch (error) {
      if (!(error instanceof FatalError)) throw error;
      return { first, pages, errors: [{ url: latest.next, code: error.code, message: error.message }] };
    }
    pages.push(latest);
    await ctx.progress?.(Math.round((100 * pages.length) / maxPages));
  }
  return { first, pages, errors: [] };
}
