// Reads a site's main navigation: the links to its categories.

import { follow } from '../../../lib/follow.js';
import { layerResult } from '../../../lib/layer.js';
import { navigationFrom } from '../../../lib/map/navigation.js';
import { visitPage } from '../../../lib/visit.js';

/**
 * @param {{ target_url: string, metadata?: Record<string, any> }} payload
 * @param {import('../../../lib/types.js').ScrapeContext} ctx
 * @returns {Promise<Record<string, any>>} items {name, url}; with metadata.follow a category job for each
 */
export default async function navigation({ target_url: url, metadata = {} }, ctx) {
  const startedAt = Date.now();
  const page = await visitPage(url, ctx);
  const items = navigationFrom(page);
  const errors = items.length === 0 ? ['no navigation links found'] : [];
  const leads = items.map((item) => ({ type: 'category', url: item.url, metadata: { category: item.name } }));
  const enqueued = await follow(ctx, metadata, leads);
  return layerResult(startedAt, items, errors, metadata.follow === true ? { enqueued } : {});
}
