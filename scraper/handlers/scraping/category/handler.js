// Reads one page of a product listing.

import { follow } from '../../../lib/follow.js';
import { layerResult } from '../../../lib/layer.js';
import { FOLLOW_PAGES_MAX } from '../../../lib/limits.js';
import { listingFrom } from '../../../lib/map/listing.js';
import { isSameSite } from '../../../lib/url.js';
import { visitPage } from '../../../lib/visit.js';

/**
 * @param {{ target_url: string, metadata?: Record<string, any> }} payload
 * @param {import('../../../lib/types.js').ScrapeContext} ctx
 * @returns {Promise<Record<string, any>>} items {name, url, price?, currency?, image?}, and nextPage where
 *   there is one; with metadata.follow a product job for each item and a category job for the next page, up
 *   to metadata.maxPages (default and bound FOLLOW_PAGES_MAX) pages in a chain
 */
export default async function category({ target_url: url, metadata = {} }, ctx) {
  const startedAt = Date.now();
  const page = await visitPage(url, ctx);
  const items = listingFrom(page);
  const nextPage = page.next !== '' && isSameSite(page.next, page.url) ? page.next : undefined;
  const errors = items.length === 0 ? ['no product links found'] : [];
  const enqueued = await follow(ctx, metadata, leadsFrom(items, nextPage, metadata));
  return layerResult(startedAt, items, errors, {
    ...(nextPage ? { nextPage } : {}),
    ...(metadata.follow === true ? { enqueued } : {}),
  });
}

/**
 * @param {import('../../../lib/types.js').Card[]} items
 * @param {string | undefined} nextPage
 * @param {Record<string, any>} metadata
 * @returns {import('../../../lib/follow.js').Lead[]}
 */
function leadsFrom(items, nextPage, metadata) {
  const number = Number.isInteger(metadata.page) ? metadata.page : 1;
  const maxPages = Number.isInteger(metadata.maxPages)
    ? Math.min(metadata.maxPages, FOLLOW_PAGES_MAX)
    : FOLLOW_PAGES_MAX;
  const products = items.map((item) => ({ type: 'product', url: item.url }));
  if (!nextPage || number >= maxPages) return products;
  return [...products, { type: 'category', url: nextPage, metadata: { page: number + 1 } }];
}
