// Reading schema.org values, which sites give as text, number, node, or a list of them.

import { currencyFrom, numberFrom } from '../money.js';
import { plainText, tidy } from '../text.js';

/** @typedef {import('../types.js').SchemaNode} SchemaNode */

const TEXT_MAX = 5000; // characters of one field
const LIST_MAX = 100; // entries of one field

/**
 * @param {any} value
 * @returns {any[]} the value's entries; none for null and undefined
 */
export function listOf(value) {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/**
 * The types of a node without their vocabulary: "https://schema.org/Hotel" is "Hotel".
 * @param {any} node
 * @returns {string[]}
 */
export function typesOf(node) {
  return listOf(node?.['@type'])
    .filter((type) => typeof type === 'string')
    .map((type) => type.replace(/[/#]+$/, '').replace(/^.*[/#:]/, ''));
}

/**
 * The first text in a value: of a node its name, else its value. Undefined when there is none.
 * @param {any} value
 * @returns {string | undefined}
 */
export function textFrom(value) {
  for (const entry of listOf(value)) {
    const inner = isNode(entry) ? (entry['@value'] ?? entry.name ?? entry.value) : entry;
    if (typeof inner === 'number') return String(inner);
    const text =
      typeof inner === 'string' ? plainText(inner).slice(0, TEXT_MAX) : isNode(inner) ? textFrom(inner) : '';
    if (text) return text;
  }
  return undefined;
}

/**
 * @param {any} value
 * @returns {string[]} distinct texts; one text with commas or line ends is not split
 */
export function textsFrom(value) {
  const texts = listOf(value)
    .map((entry) => textFrom(entry))
    .filter((text) => text !== undefined);
  return [...new Set(texts)].slice(0, LIST_MAX);
}

/** @param {any} value */
export function isNode(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/**
 * @param {any} value
 * @returns {number | undefined}
 */
export function numberOf(value) {
  const first = listOf(value)[0];
  return numberFrom(isNode(first) ? (first['@value'] ?? first.value) : first);
}

/**
 * The address of the first picture in a value, absolute.
 * @param {any} value
 * @param {string} base
 * @returns {string | undefined}
 */
export function imageFrom(value, base) {
  for (const entry of listOf(value)) {
    const source = isNode(entry) ? (entry.url ?? entry.contentUrl ?? entry['@id']) : entry;
    const text = typeof source === 'string' ? source : textFrom(source);
    const url = text ? absolute(text, base) : undefined;
    if (url) return url;
  }
  return undefined;
}

/**
 * @param {string} text
 * @param {string} base
 * @returns {string | undefined}
 */
export function absolute(text, base) {
  try {
    const url = new URL(text.trim(), base);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A postal address on one line.
 * @param {any} value
 * @returns {string | undefined}
 */
export function addressFrom(value) {
  const first = listOf(value)[0];
  if (!isNode(first)) return textFrom(first);
  const city = [textFrom(first.postalCode), textFrom(first.addressLocality)].filter(Boolean).join(' ');
  const parts = [
    textFrom(first.streetAddress),
    city,
    textFrom(first.addressRegion),
    textFrom(first.addressCountry),
  ];
  const line = tidy(parts.filter(Boolean).join(', '));
  return line === '' ? textFrom(first.name) : line;
}

/**
 * @param {any} node with `geo`, or latitude and longitude of its own
 * @returns {{ latitude: number, longitude: number } | undefined}
 */
export function geoFrom(node) {
  const place = listOf(node?.geo)[0] ?? node;
  const latitude = coordinate(place?.latitude, 90);
  const longitude = coordinate(place?.longitude, 180);
  return latitude === undefined || longitude === undefined ? undefined : { latitude, longitude };
}

/**
 * @param {any} value
 * @param {number} limit
 */
function coordinate(value, limit) {
  const number = Number.parseFloat(String(listOf(value)[0] ?? ''));
  return Number.isFinite(number) && Math.abs(number) <= limit ? number : undefined;
}

/**
 * @param {any} value an AggregateRating or Rating
 * @returns {{ rating?: number, ratingCount?: number, bestRating?: number }}
 */
export function ratingFrom(value) {
  const first = listOf(value)[0];
  if (!isNode(first)) return {};
  const best = numberOf(first.bestRating);
  return defined({
    rating: numberOf(first.ratingValue),
    ratingCount: numberOf(first.ratingCount) ?? numberOf(first.reviewCount),
    // Five is what a rating is out of unless it says otherwise.
    bestRating: best === 5 ? undefined : best,
  });
}

/**
 * The lowest price among offers, with its currency and availability.
 * @param {any} value Offer, AggregateOffer, or a list
 * @returns {{ price?: number, currency?: string, availability?: string }}
 */
export function offerFrom(value) {
  const offers = listOf(value)
    .filter(isNode)
    .map((offer) => oneOffer(offer));
  const priced = offers.filter((offer) => offer.price !== undefined);
  if (priced.length === 0) return offers[0] ?? {};
  return priced.reduce((best, offer) => ((offer.price ?? 0) < (best.price ?? 0) ? offer : best));
}

/**
 * @param {SchemaNode} offer
 * @returns {{ price?: number, currency?: string, availability?: string }}
 */
function oneOffer(offer) {
  const specification = listOf(offer.priceSpecification)[0];
  const price = numberOf(offer.price) ?? numberOf(offer.lowPrice) ?? numberOf(specification?.price);
  const nested = offerFrom(offer.offers);
  return defined({
    price: price ?? nested.price,
    currency:
      currencyFrom(textFrom(offer.priceCurrency)) ??
      currencyFrom(textFrom(specification?.priceCurrency)) ??
      (typeof offer.price === 'string' ? currencyFrom(offer.price) : undefined) ??
      nested.currency,
    availability: enumerated(offer.availability) ?? nested.availability,
  });
}

/**
 * The member of a schema.org enumeration: "http://schema.org/InStock" is "InStock".
 * @param {any} value
 * @returns {string | undefined}
 */
export function enumerated(value) {
  const first = listOf(value)[0];
  const text = isNode(first) ? (first['@id'] ?? textFrom(first)) : textFrom(first);
  return typeof text === 'string' ? text.replace(/^.*[/#]/, '') || undefined : undefined;
}

/**
 * A copy without undefined members, empty texts and empty lists.
 * @template {Record<string, any>} T
 * @param {T} fields
 * @returns {Partial<T>}
 */
export function defined(fields) {
  const kept = Object.entries(fields).filter(
    ([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0),
  );
  return /** @type {Partial<T>} */ (Object.fromEntries(kept));
}
