// Finding the node that a page is about among its structured data.

import { isNode, typesOf } from './values.js';

/** @typedef {import('../types.js').SchemaNode} SchemaNode */

// Bounds on walking data that sites wrote: levels, and nodes of one page.
const DEPTH_MAX = 8;
const NODES_MAX = 5000;

// Members that lead to other things than the page's own: what else to buy, who sells, who wrote.
const ASIDE = new Set([
  'isRelatedTo',
  'isSimilarTo',
  'review',
  'reviews',
  'author',
  'publisher',
  'breadcrumb',
  'isPartOf',
]);

/**
 * All nodes, nested ones included, in the order in which they are met: outer before inner.
 * @param {SchemaNode[]} roots
 * @returns {SchemaNode[]}
 */
export function allNodes(roots) {
  /** @type {Set<SchemaNode>} */
  const seen = new Set();
  let level = roots;
  for (let depth = 0; depth < DEPTH_MAX && level.length > 0; depth += 1) {
    /** @type {SchemaNode[]} */
    const deeper = [];
    for (const node of level) {
      if (seen.has(node) || seen.size >= NODES_MAX) continue;
      seen.add(node);
      for (const [key, value] of Object.entries(node)) {
        if (!ASIDE.has(key)) deeper.push(...(Array.isArray(value) ? value : [value]).filter(isNode));
      }
    }
    level = deeper;
  }
  return [...seen];
}

/**
 * The nodes of the given types, those of the earliest type first, outer before inner.
 * @param {SchemaNode[]} roots
 * @param {readonly string[]} types
 * @returns {SchemaNode[]}
 */
export function nodesOfTypes(roots, types) {
  const nodes = allNodes(roots).map((node) => ({ node, types: typesOf(node) }));
  /** @type {Set<SchemaNode>} */
  const found = new Set();
  for (const type of types) {
    for (const candidate of nodes) {
      if (candidate.types.includes(type)) found.add(candidate.node);
    }
  }
  return [...found];
}
