// Product cards: from boxes as read to names, addresses and prices.

import { moneyFrom, numberFrom } from '../money.js';
import { withoutFormer } from './price-names.js';

/** @typedef {import('../types.js').Card} Card */

/**
 * @param {import('./cards.js').RawCard[]} raw
 * @param {(href: string) => string} resolve absolute URL, or ""
 * @returns {Card[]} the first card of each URL
 */
export function cardsFrom(raw, resolve) {
  /** @type {Map<string, Card>} */
  const byUrl = new Map();
  for (const box of raw) {
    const url = resolve(box.href);
    const name = nameOf(box);
    if (url === '' || name === '' || byUrl.has(url)) continue;
    byUrl.set(url, { name, url, ...cardImage(box.image, resolve), ...cardPrice(box) });
  }
  return [...byUrl.values()];
}

/** @param {import('./cards.js').RawCard} box */
function nameOf({ heading, linkText, imageText }) {
  // A heading that ends in an ellipsis is the start of a longer name, which the link's title may tell.
  const start = heading.replace(/\s*(?:\.\.\.|…)$/, '');
  if (start !== heading && linkText.length > heading.length && linkText.startsWith(start)) return linkText;
  return heading || linkText || imageText;
}

/**
 * @param {string} image
 * @param {(href: string) => string} resolve
 * @returns {{ image?: string }}
 */
function cardImage(image, resolve) {
  const url = image === '' ? '' : resolve(image);
  return url === '' ? {} : { image: url };
}

/**
 * @param {import('./cards.js').RawCard} box
 * @returns {{ price?: number, currency?: string }}
 */
function cardPrice(box) {
  const money =
    moneyFrom(box.price) ?? (box.price === '' ? moneyFrom(withoutFormer(box.text, box.former)) : undefined);
  if (money) return money;
  const price = numberFrom(box.price);
  return price === undefined ? {} : { price };
}
