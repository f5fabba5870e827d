// Reads the pages of a site.

import { crawlSite } from '../../../lib/crawl.js';
import { fitResult } from '../../../lib/result-size.js';

const MAX_PAGES = 10; // unless the payload says

/**
 * @param {{ url: string, maxPages?: number, selectors?: Record<string, string> }} payload
 * @param {import('../../../lib/types.js').ScrapeContext} ctx
 * @returns {Promise<Record<string, any>>} {pages: [{url, title, status, depth, description?, selected?}],
 *   pagesCrawled, errors: [{url, code, message}]}
 */
export default async function crawlWebsite({ url, maxPages = MAX_PAGES, selectors }, ctx) {
  const { pages, errors } = await crawlSite(url, ctx, { maxPages, ...(selectors ? { selectors } : {}) });
  return fitResult({ url, pages, pagesCrawled: pages.length, errors });
}
