// What navigation, category and product jobs have in common: their result.

import { fitResult } from './result-size.js';

/**
 * @param {number} startedAt milliseconds since the epoch
 * @param {Record<string, any>[]} items
 * @param {string[]} errors
 * @param {Record<string, any>} [more]
 * @returns {Record<string, any>} {success, itemsProcessed, errors, duration (ms), items} and `more`
 */
export function layerResult(startedAt, items, errors, more = {}) {
  const duration = Date.now() - startedAt;
  const result = {
    success: errors.length === 0,
    itemsProcessed: items.length,
    errors,
    duration,
    items,
    ...more,
  };
  return fitResult(result);
}
