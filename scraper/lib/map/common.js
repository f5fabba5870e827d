// Fields that every kind of thing has, from each kind of source.

import { currencyFrom, moneyFrom, numberFrom } from '../money.js';
import {
  absolute,
  addressFrom,
  defined,
  geoFrom,
  imageFrom,
  offerFrom,
  ratingFrom,
  textFrom,
} from './values.js';

/** @typedef {import('../types.js').Page} Page */
/** @typedef {import('../types.js').SchemaNode} SchemaNode */
/** @typedef {Record<string, any>} Fields */

/**
 * @param {SchemaNode} node
 * @param {Page} page
 * @returns {Fields}
 */
export function fromNode(node, page) {
  return defined({
    name: textFrom(node.name) ?? textFrom(node.headline),
    description: textFrom(node.description),
    image: imageFrom(node.image ?? node.photo ?? node.primaryImageOfPage, page.url),
    ...offerFrom(node.offers ?? node.makesOffer),
    ...ratingFrom(node.aggregateRating),
  });
}

/**
 * @param {SchemaNode} node of a place
 * @returns {Fields}
 */
export function placeFromNode(node) {
  return defined({
    address: addressFrom(node.address),
    geo: geoFrom(node),
    telephone: textFrom(node.telephone),
  });
}

/**
 * @param {Page} page
 * @returns {Fields}
 */
export function fromOpenGraph({ meta, url }) {
  const amount = meta['product:sale_price:amount'] ?? meta['product:price:amount'] ?? meta['og:price:amount'];
  const currency =
    meta['product:sale_price:currency'] ?? meta['product:price:currency'] ?? meta['og:price:currency'];
  const place = { latitude: meta['place:location:latitude'], longitude: meta['place:location:longitude'] };
  return defined({
    name: textFrom(meta['og:title'] ?? meta['twitter:title']),
    description: textFrom(meta['og:description'] ?? meta['twitter:description']),
    image: absolute(meta['og:image:secure_url'] ?? meta['og:image'] ?? meta['twitter:image'] ?? '//', url),
    price: numberFrom(amount),
    currency: currencyFrom(currency),
    geo: geoFrom(place),
  });
}

/**
 * What can be guessed from a page without structured data.
 * @param {Page} page
 * @returns {Fields}
 */
export function fromMarkup(page) {
  return defined({
    name: page.hints.heading || withoutSiteName(page.title),
    description: page.description,
    image: page.hints.image,
    ...priceFromMarkup(page),
    ...ratingFromMarkup(page),
  });
}

/**
 * "Grand Hotel | Rooms.example" is "Grand Hotel".
 * @param {string} title
 */
function withoutSiteName(title) {
  return title.split(/\s[|–—·•-]\s/)[0] ?? title;
}

/**
 * @param {Page} page
 * @returns {{ price?: number, currency?: string }}
 */
export function priceFromMarkup({ hints }) {
  const labelled = hints.facts.filter(({ label }) => /price|fare|cost|preis|prix|precio|rate\b/i.test(label));
  const texts = [...hints.prices, ...labelled.map(({ value }) => value)];
  for (const text of [...texts, hints.text]) {
    const money = moneyFrom(text);
    if (money) return money;
  }
  const price = texts.map((text) => numberFrom(text)).find((number) => number !== undefined);
  return price === undefined ? {} : { price };
}

/**
 * @param {Page} page
 * @returns {{ rating?: number, ratingCount?: number, bestRating?: number }}
 */
function ratingFromMarkup({ hints }) {
  for (const text of hints.ratings) {
    const outOf = /(\d+(?:[.,]\d+)?)\s*(?:\/|out of|von|sur|de)\s*(5|10|100)\b/i.exec(text);
    const bare = /^(\d[.,]\d)\b/.exec(text);
    if (!outOf && !bare) continue;
    const count = /([\d.,]+)\s*(?:reviews?|ratings?|votes?|bewertungen|avis)/i.exec(text);
    const best = Number(outOf?.[2] ?? 5);
    return defined({
      rating: numberFrom(outOf?.[1] ?? bare?.[1]),
      ratingCount: count ? numberFrom(count[1]) : undefined,
      bestRating: best === 5 ? undefined : best,
    });
  }
  return {};
}

/**
 * The value of the first label that matches.
 * @param {Page} page
 * @param {RegExp} label
 * @returns {string | undefined}
 */
export function fact({ hints }, label) {
  return hints.facts.find((entry) => label.test(entry.label))?.value;
}

/**
 * Fields of several sources, the first that has one winning. A price brings its own currency, so that no
 * amount ends up with another source's currency.
 * @param {Fields[]} sources best first
 * @returns {Fields}
 */
export function merge(sources) {
  /** @type {Fields} */
  const merged = {};
  for (const source of sources) {
    const hadPrice = merged.price !== undefined;
    for (const [key, value] of Object.entries(source)) {
      if (key === 'currency' && hadPrice && merged.price !== source.price) continue;
      if (!Object.hasOwn(merged, key)) merged[key] = value;
    }
  }
  if (merged.price === undefined) delete merged.currency;
  return merged;
}
