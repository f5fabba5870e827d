// The entries of a category page.

import { isSameSite, normaliseUrl } from '../url.js';
import { nodesOfTypes } from './find-nodes.js';
import { productNode } from './product.js';
import { absolute, defined, isNode, listOf, textFrom } from './values.js';

/** @typedef {import('../types.js').Card} Card */
/** @typedef {import('../types.js').Page} Page */
/** @typedef {import('../types.js').SchemaNode} SchemaNode */

const PRODUCT_PATH = /\/(products?|items?|p|dp|books?|shop|detail|catalogue|hotels?)\/[^/]+/i;

/**
 * Products listed on a page: from structured data, completed by the cards of the markup; where there are
 * neither, links that look like product pages.
 * @param {Page} page
 * @returns {Card[]} with distinct normalised URLs, in page order
 */
export function listingFrom(page) {
  const structured = [...itemLists(page), ...productNodes(page)];
  const cards = page.cards.filter((card) => isSameSite(card.url, page.url));
  const priced = cards.filter((card) => card.price !== undefined);
  // Among priced cards those without a price are banners and menus.
  const boxes = priced.length >= 2 ? priced : cards;
  const entries = structured.length >= 2 ? complete(structured, cards) : boxes;
  const found = entries.length > 0 ? entries : [...structured, ...productLinks(page)];
  return distinct(found, page.url);
}

/**
 * @param {Page} page
 * @returns {Card[]}
 */
function itemLists(page) {
  return nodesOfTypes([...page.jsonLd, ...page.microdata], ['ItemList', 'OfferCatalog']).flatMap((list) =>
    listOf(list.itemListElement)
      .filter(isNode)
      .map((element) => cardFor(isNode(element.item) ? { ...element, ...element.item } : element, page))
      .filter((card) => card !== null),
  );
}

/**
 * @param {Page} page
 * @returns {Card[]}
 */
function productNodes(page) {
  return nodesOfTypes([...page.jsonLd, ...page.microdata], ['Product', 'Book'])
    .map((node) => cardFor(node, page))
    .filter((card) => card !== null);
}

/**
 * @param {SchemaNode} node
 * @param {Page} page
 * @returns {Card | null}
 */
function cardFor(node, page) {
  const offer = listOf(node.offers)[0];
  const address = [node.url, node.item, offer?.url, node['@id']]
    .map((value) => textFrom(value))
    .find(Boolean);
  const url = address ? absolute(address, page.url) : undefined;
  if (!url || !isSameSite(url, page.url)) return null;
  const { name, image, price, currency } = productNode(node, page);
  return /** @type {Card} */ (defined({ name: name ?? '', url, image, price, currency }));
}

/**
 * @param {Card[]} entries
 * @param {Card[]} cards
 * @returns {Card[]}
 */
function complete(entries, cards) {
  const byUrl = new Map(cards.map((card) => [normaliseUrl(card.url), card]));
  return entries.map((entry) => {
    const card = byUrl.get(normaliseUrl(entry.url));
    return card ? { ...card, ...entry, name: entry.name || card.name } : entry;
  });
}

/**
 * @param {Page} page
 * @returns {Card[]}
 */
function productLinks(page) {
  const navigation = new Set(page.navigation.map((link) => link.url));
  return page.links
    .filter((link) => link.text !== '' && !navigation.has(link.url) && isSameSite(link.url, page.url))
    .filter((link) => PRODUCT_PATH.test(new URL(link.url).pathname))
    .map((link) => ({ name: link.text, url: link.url }));
}

/**
 * @param {Card[]} entries
 * @param {string} pageUrl
 * @returns {Card[]}
 */
function distinct(entries, pageUrl) {
  const own = normaliseUrl(pageUrl);
  /** @type {Map<string, Card>} */
  const byUrl = new Map();
  for (const entry of entries) {
    const url = normaliseUrl(entry.url);
    if (url === null || url === own) continue;
    const known = byUrl.get(url);
    byUrl.set(url, { ...entry, ...known, name: known?.name || entry.name, url });
  }
  return [...byUrl.values()].filter((entry) => entry.name);
}
