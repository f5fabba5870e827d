// Which elements call themselves a price.

import { closest, naming } from './closest.js';

const PRICE_NAME = /(^|[\s_-])(price|prices|amount|cost|fare|rate|tarif|preis|prix|precio)([\s_-]|$)|price/;
const FORMER_WORDS =
  'old was before former previous strike striked rrp msrp list-?price original regular compare ' +
  'saving save discount';
const FORMER_NAME = new RegExp(`(^|[\\s_-])(${FORMER_WORDS.replaceAll(' ', '|')})([\\s_-]|$)`);

/** @param {import('./walk.js').Node} node */
export function isPriceName(node) {
  return PRICE_NAME.test(naming(node)) || node.raw.itemprop === 'price' || 'data-price' in node.raw;
}

/**
 * Whether an element shows a price that no longer holds: struck through, or named so.
 * @param {import('./walk.js').Node} node
 * @returns {boolean}
 */
export function isFormerPrice(node) {
  return (
    closest(node, (at) => at.name === 'del' || at.name === 's' || at.name === 'strike') !== null ||
    FORMER_NAME.test(naming(node))
  );
}

/**
 * A price's text without those former prices that it contains, if a number is left.
 * @param {string} text
 * @param {string[]} former texts of former prices
 * @returns {string}
 */
export function withoutFormer(text, former) {
  return former.reduce((rest, price) => {
    const shorter = price === '' ? rest : rest.replace(price, '').trim();
    return /\d/.test(shorter) ? shorter : rest;
  }, text);
}
