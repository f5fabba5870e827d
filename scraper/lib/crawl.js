// A crawl of one site, breadth first, that can go on where an earlier attempt stopped.

import { FatalError, RetryableError } from '../errors.js';
import { CHECKPOINT_PAGES, CRAWL_QUEUE_MAX, CRAWL_TRIES_PER_PAGE, RESULT_BYTES_MAX } from './limits.js';
import { isSameSite, normaliseUrl } from './url.js';
import { visitPage } from './visit.js';

/** @typedef {import('./types.js').Page} Page */
/**
 * @typedef {object} CrawledPage
 * @property {string} url
 * @property {string} title
 * @property {number} status
 * @property {number} depth links from the first page
 * @property {string} [description]
 * @property {Record<string, string[]>} [selected]
 * @property {true} [truncated] the selected texts did not fit the result
 */
/** @typedef {import('./types.js').PageError} PageError */

/**
 * What a crawl has to remember; plain JSON.
 * @typedef {object} CrawlState
 * @property {string} site URL of the first page, where redirects have led
 * @property {{ url: string, depth: number }[]} found all URLs, in the order in which they are visited
 * @property {number} position of the next URL in `found`
 * @property {CrawledPage[]} pages
 * @property {PageError[]} errors
 * @property {number} selectedChars characters of all selected texts so far
 */

// Files that no page is.
const FILE_ENDINGS =
  '7z avi bmp css csv docx? exe gif gz ico jpe?g js m4a mov mp[34] pdf png pptx? rar svg tgz webm webp ' +
  'woff2? xlsx? zip';
const FILE = new RegExp(`\\.(?:${FILE_ENDINGS.replaceAll(' ', '|')})$`, 'i');

/**
 * Visits pages of a site until maxPages are read or none is left. A page that fails is noted and passed over;
 * if the first one fails, so does the crawl.
 * @param {string} start
 * @param {import('./types.js').ScrapeContext} ctx
 * @param {{ maxPages: number, selectors?: Record<string, string> }} options
 * @returns {Promise<{ pages: CrawledPage[], errors: PageError[] }>}
 */
export async function crawlSite(start, ctx, { maxPages, selectors }) {
  const state = stateFrom(ctx.checkpointed) ?? newState(start);
  const tries = maxPages * CRAWL_TRIES_PER_PAGE;
  while (state.pages.length < maxPages && state.position < Math.min(state.found.length, tries)) {
    const target = state.found[state.position];
    if (!target) break;
    const page = await tryPage(target.url, ctx, state, selectors);
    state.position += 1;
    if (page && accept(state, page, target)) addLinks(state, page, target.depth + 1, maxPages);
    await report(ctx, state, maxPages);
  }
  return { pages: state.pages, errors: state.errors };
}

/**
 * @param {string} start
 * @returns {CrawlState}
 */
function newState(start) {
  return {
    site: '',
    found: [{ url: normaliseUrl(start) ?? start, depth: 0 }],
    position: 0,
    pages: [],
    errors: [],
    selectedChars: 0,
  };
}

/**
 * @param {any} data what a checkpoint of ours holds, or null
 * @returns {CrawlState | null}
 */
function stateFrom(data) {
  if (!data || !Array.isArray(data.found) || !Array.isArray(data.pages) || !Array.isArray(data.errors))
    return null;
  return /** @type {CrawlState} */ (structuredClone(data));
}

/**
 * @param {string} url
 * @param {import('./types.js').ScrapeContext} ctx
 * @param {CrawlState} state
 * @param {Record<string, string> | undefined} selectors
 * @returns {Promise<Page | null>} null when the page failed and that is noted
 */
async function tryPage(url, ctx, state, selectors) {
  try {
    // A crawl has one request at a time and all the time of its job, so it never gives up its turn.
    return await visitPage(url, ctx, {
      maxWaitMs: Number.POSITIVE_INFINITY,
      ...(selectors ? { selectors } : {}),
    });
  } catch (error) {
    const isAboutPage = error instanceof FatalError || error instanceof RetryableError;
    if (!isAboutPage || state.position === 0 || error.code === 'bad_selector') throw error;
    state.errors.push({ url, code: error.code, message: error.message });
    return null;
  }
}

/**
 * Notes a page, unless redirects led off the site or to a page that is noted already.
 * @param {CrawlState} state
 * @param {Page} page
 * @param {{ url: string, depth: number }} target
 * @returns {boolean}
 */
function accept(state, page, target) {
  state.site ||= page.url;
  const url = normaliseUrl(page.url) ?? page.url;
  if (!isSameSite(url, state.site) || state.pages.some((known) => known.url === url)) return false;
  const { title, status, description, selected } = page;
  state.pages.push({
    url,
    title,
    status,
    depth: target.depth,
    ...(description === '' ? {} : { description }),
    ...kept(state, selected),
  });
  return true;
}

/**
 * The selected texts, until a result could not hold more of them; memory has to hold them all that long.
 * @param {CrawlState} state
 * @param {Record<string, string[]>} selected
 * @returns {{ selected?: Record<string, string[]>, truncated?: true }}
 */
function kept(state, selected) {
  if (Object.keys(selected).length === 0) return {};
  const chars = Object.values(selected)
    .flat()
    .reduce((sum, text) => sum + text.length, 0);
  if (state.selectedChars + chars > RESULT_BYTES_MAX) return { truncated: true };
  state.selectedChars += chars;
  return { selected };
}

/**
 * @param {CrawlState} state
 * @param {Page} page
 * @param {number} depth
 * @param {number} maxPages
 */
function addLinks(state, page, depth, maxPages) {
  // More than what could be visited is kept, since some of it fails; but not all that a large site links.
  const max = Math.min(CRAWL_QUEUE_MAX, maxPages * 50);
  const known = new Set(state.found.map(({ url }) => url));
  known.add(normaliseUrl(page.url) ?? page.url);
  for (const link of page.links) {
    const url = normaliseUrl(link.url);
    if (!url || known.has(url) || state.found.length >= max) continue;
    if (link.nofollow || !isSameSite(url, state.site) || FILE.test(new URL(url).pathname)) continue;
    known.add(url);
    state.found.push({ url, depth });
  }
}

/**
 * @param {import('./types.js').ScrapeContext} ctx
 * @param {CrawlState} state
 * @param {number} maxPages
 */
async function report(ctx, state, maxPages) {
  const left = Math.min(state.found.length - state.position, maxPages - state.pages.length);
  const total = state.pages.length + Math.max(left, 0);
  await ctx.progress?.(total === 0 ? 100 : Math.round((100 * state.pages.length) / total));
  if (left > 0 && state.position % CHECKPOINT_PAGES === 0) await ctx.checkpoint?.(structuredClone(state));
}
