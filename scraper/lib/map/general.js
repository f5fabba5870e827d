// Pages of no particular kind: what their main thing says of itself.

import { openingHours } from './attraction.js';
import { fromMarkup, fromNode, fromOpenGraph, merge, placeFromNode } from './common.js';
import { allNodes } from './find-nodes.js';
import { defined, textFrom, typesOf } from './values.js';

/** @typedef {import('../types.js').Page} Page */
/** @typedef {import('../types.js').SchemaNode} SchemaNode */

// What describes the site or the page around the thing, not the thing.
const FRAME = new Set([
  'WebSite',
  'WebPage',
  'ItemPage',
  'CollectionPage',
  'AboutPage',
  'ContactPage',
  'FAQPage',
  'BreadcrumbList',
  'ListItem',
  'SearchAction',
  'ImageObject',
  'SiteNavigationElement',
  'WPHeader',
  'WPFooter',
  'Organization',
  'Person',
]);

/**
 * @param {Page} page
 * @returns {Record<string, any>}
 */
export function generalFrom(page) {
  const node = mainNode(page.jsonLd) ?? mainNode(page.microdata);
  const sources = node ? [generalNode(node, page)] : [];
  const { price: _price, currency: _currency, ...markup } = fromMarkup(page);
  return merge([...sources, openGraphExtras(page), fromOpenGraph(page), markup]);
}

/**
 * @param {SchemaNode[]} roots
 * @returns {SchemaNode | undefined}
 */
function mainNode(roots) {
  const nodes = allNodes(roots).filter((node) => typesOf(node).length > 0);
  const main = nodes.find(
    (node) => typesOf(node).some((type) => !FRAME.has(type)) && textFrom(node.name ?? node.headline),
  );
  return main ?? nodes.find((node) => textFrom(node.name ?? node.headline));
}

/**
 * @param {SchemaNode} node
 * @param {Page} page
 */
function generalNode(node, page) {
  return defined({
    type: typesOf(node)[0],
    ...fromNode(node, page),
    ...placeFromNode(node),
    author: textFrom(node.author),
    publishedAt: textFrom(node.datePublished),
    modifiedAt: textFrom(node.dateModified),
    startDate: textFrom(node.startDate),
    endDate: textFrom(node.endDate),
    brand: textFrom(node.brand),
    openingHours: openingHours(node),
  });
}

/** @param {Page} page */
function openGraphExtras({ meta, lang }) {
  return defined({
    author: meta['article:author'] ?? meta.author,
    publishedAt: meta['article:published_time'],
    modifiedAt: meta['article:modified_time'],
    siteName: meta['og:site_name'],
    language: lang,
  });
}
