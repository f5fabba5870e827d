// Reads one product page.

import { layerResult } from '../../../lib/layer.js';
import { extractData } from '../../../lib/map/extract.js';
import { looksLikeProduct } from '../../../lib/map/product.js';
import { visitPage } from '../../../lib/visit.js';

/**
 * @param {{ target_url: string, metadata?: Record<string, any> }} payload
 * @param {import('../../../lib/types.js').ScrapeContext} ctx
 * @returns {Promise<Record<string, any>>} one item {url, name, price, …}, or none and an error
 */
export default async function product({ target_url: url }, ctx) {
  const startedAt = Date.now();
  const page = await visitPage(url, ctx);
  const data = extractData(page, 'product');
  if (!looksLikeProduct(page, data)) return layerResult(startedAt, [], ['no product data found']);
  return layerResult(startedAt, [{ url: page.url, ...data }], []);
}
