// Reads one page, or a list of pages, and maps it to the fields that its kind has.

import { LINKS_MAX, SELECTED_MAX } from '../../../lib/limits.js';
import { extractData } from '../../../lib/map/extract.js';
import { fitResult } from '../../../lib/result-size.js';
import { visitSeries } from '../../../lib/series.js';

/** @typedef {import('../../../lib/types.js').Page} Page */
/** @typedef {import('../../../lib/types.js').ScrapeOptions} ScrapeOptions */

/**
 * @param {{ url: string, scrapeType: string, options?: ScrapeOptions }} payload
 * @param {import('../../../lib/types.js').ScrapeContext} ctx
 * @returns {Promise<Record<string, any>>} {url, finalUrl, scrapeType, title, data, selected, links}; of
 *   several pages also `pages`, their URLs, and `errors`, with selected texts and links of all of them
 */
export default async function scrapeRequest({ url, scrapeType, options = {} }, ctx) {
  const { first, pages, errors } = await visitSeries(url, ctx, options);
  return fitResult({
    url,
    finalUrl: first.url,
    scrapeType,
    title: first.title,
    data: extractData(first, scrapeType),
    selected: allSelected(pages),
    links: allLinks(pages),
    ...(pages.length > 1 ? { pages: pages.map((page) => page.url) } : {}),
    ...(errors.length > 0 ? { errors } : {}),
  });
}

/** @param {Page[]} pages */
function allSelected(pages) {
  const names = Object.keys(pages[0]?.selected ?? {});
  const texts = (/** @type {string} */ name) => pages.flatMap((page) => page.selected[name] ?? []);
  return Object.fromEntries(names.map((name) => [name, texts(name).slice(0, SELECTED_MAX)]));
}

/** @param {Page[]} pages */
function allLinks(pages) {
  const byUrl = new Map(pages.flatMap((page) => page.links).map((link) => [link.url, link]));
  return [...byUrl.values()].slice(0, LINKS_MAX);
}
