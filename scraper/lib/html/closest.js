// Looking up from an element.

import { IMPLIED_END_DEPTH } from '../limits.js';

/**
 * The element itself or its nearest ancestor that passes the test, within IMPLIED_END_DEPTH levels.
 * @template {{ parent: T | null }} T
 * @param {T | null} node
 * @param {(node: T) => boolean} test
 * @returns {T | null}
 */
export function closest(node, test) {
  let depth = 0;
  for (let at = node; at && depth < IMPLIED_END_DEPTH; at = at.parent) {
    if (test(at)) return at;
    depth += 1;
  }
  return null;
}

/**
 * Class and id of an element in one lower-case string, for telling names.
 * @param {import('./walk.js').Node} node
 * @returns {string}
 */
export function naming(node) {
  return `${node.raw.class ?? ''} ${node.raw.id ?? ''}`.toLowerCase();
}
