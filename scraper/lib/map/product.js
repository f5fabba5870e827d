// Products.

import { fact, fromMarkup, fromNode, fromOpenGraph, merge } from './common.js';
import { nodesOfTypes } from './find-nodes.js';
import { defined, enumerated, offerFrom, textFrom } from './values.js';

/** @typedef {import('../types.js').Page} Page */
/** @typedef {import('../types.js').SchemaNode} SchemaNode */

const TYPES = [
  'Product',
  'ProductGroup',
  'IndividualProduct',
  'ProductModel',
  'Book',
  'Vehicle',
  'SoftwareApplication',
];

/**
 * @param {Page} page
 * @returns {Record<string, any>}
 */
export function productFrom(page) {
  const nodes = [
    ...nodesOfTypes(page.jsonLd, TYPES).slice(0, 1),
    ...nodesOfTypes(page.microdata, TYPES).slice(0, 1),
  ];
  const sources = nodes.map((node) => productNode(node, page));
  return merge([...sources, productGraph(page), fromOpenGraph(page), productMarkup(page), fromMarkup(page)]);
}

/**
 * Whether a page shows signs of selling one thing: structured data, or a price.
 * @param {Page} page
 * @param {Record<string, any>} data what was found
 */
export function looksLikeProduct(page, data) {
  const structured = nodesOfTypes([...page.jsonLd, ...page.microdata], TYPES).length > 0;
  return (
    data.name !== undefined &&
    (structured || data.price !== undefined || /product/.test(page.meta['og:type'] ?? ''))
  );
}

/**
 * @param {SchemaNode} node
 * @param {Page} page
 * @returns {Record<string, any>}
 */
export function productNode(node, page) {
  // A group of variants is priced by them.
  const variants = node.offers === undefined && node.hasVariant !== undefined ? [node.hasVariant].flat() : [];
  return defined({
    ...offerFrom(variants.flatMap((variant) => variant?.offers ?? [])),
    ...fromNode(node, page),
    brand: textFrom(node.brand ?? node.manufacturer),
    sku: textFrom(node.sku) ?? textFrom(node.productID) ?? textFrom(node.mpn),
    gtin: textFrom(node.gtin13 ?? node.gtin ?? node.gtin14 ?? node.gtin12 ?? node.gtin8 ?? node.isbn),
    category: textFrom(node.category),
    color: textFrom(node.color),
    author: textFrom(node.author),
    condition: enumerated(node.itemCondition),
  });
}

/** @param {Page} page */
function productGraph({ meta }) {
  return defined({
    brand: meta['product:brand'] ?? meta['og:brand'],
    availability: availability(meta['product:availability'] ?? meta['og:availability']),
    sku: meta['product:retailer_item_id'],
    condition: meta['product:condition'],
  });
}

/** @param {Page} page */
function productMarkup(page) {
  const stock = fact(page, /availability|stock|verfügbarkeit|disponibilité/i);
  return defined({
    brand: fact(page, /^(brand|manufacturer|marke|marque|marca)$/i),
    sku: fact(
      page,
      /^(sku|(item|article) (no|number)|art\.?-?nr|model( number)?|product code|ref(erence)?|upc)\b/i,
    ),
    gtin: fact(page, /^(gtin|ean|isbn(-1[03])?)$/i),
    availability: availability(stock) ?? stockText(page.hints.text),
  });
}

/**
 * The schema.org word for what a site says about its stock.
 * @param {string | undefined} text
 * @returns {string | undefined}
 */
function availability(text) {
  if (!text) return undefined;
  const words = text.toLowerCase().replace(/[\s_-]+/g, '');
  if (/outofstock|soldout|unavailable|notavailable|oos|ausverkauft|épuisé/.test(words)) return 'OutOfStock';
  if (/preorder/.test(words)) return 'PreOrder';
  if (/backorder/.test(words)) return 'BackOrder';
  if (/instock|available|lieferbar|auflager|enstock/.test(words)) return 'InStock';
  return enumerated(text);
}

/** @param {string} text */
function stockText(text) {
  if (/\b(out of stock|sold out|currently unavailable)\b/i.test(text)) return 'OutOfStock';
  return /\bin stock\b/i.test(text) ? 'InStock' : undefined;
}
