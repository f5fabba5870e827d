// Hotels and other lodging.

import { currencyFrom, moneyFrom } from '../money.js';
import { fact, fromMarkup, fromNode, fromOpenGraph, merge, placeFromNode } from './common.js';
import { nodesOfTypes } from './find-nodes.js';
import { defined, listOf, numberOf, textFrom, textsFrom } from './values.js';

/** @typedef {import('../types.js').Page} Page */
/** @typedef {import('../types.js').SchemaNode} SchemaNode */

const TYPES = [
  'Hotel',
  'Resort',
  'Hostel',
  'Motel',
  'BedAndBreakfast',
  'VacationRental',
  'Campground',
  'SkiResort',
  'LodgingBusiness',
  'Apartment',
  'Accommodation',
];

/**
 * @param {Page} page
 * @returns {Record<string, any>}
 */
export function hotelFrom(page) {
  const nodes = [
    ...nodesOfTypes(page.jsonLd, TYPES).slice(0, 1),
    ...nodesOfTypes(page.microdata, TYPES).slice(0, 1),
  ];
  return merge([
    ...nodes.map((node) => hotelNode(node, page)),
    fromOpenGraph(page),
    hotelMarkup(page),
    fromMarkup(page),
  ]);
}

/**
 * @param {SchemaNode} node
 * @param {Page} page
 */
function hotelNode(node, page) {
  return defined({
    ...priceRange(node),
    ...fromNode(node, page),
    ...placeFromNode(node),
    starRating: numberOf(listOf(node.starRating)[0]?.ratingValue ?? node.starRating),
    amenities: listOf(node.amenityFeature)
      .filter((feature) => feature?.value !== false && feature?.value !== 'false')
      .flatMap((feature) => textsFrom(feature?.name ?? feature)),
    checkIn: clock(textFrom(node.checkinTime)),
    checkOut: clock(textFrom(node.checkoutTime)),
  });
}

/**
 * "$120 - $300" tells a lowest price, "$$$" only itself.
 * @param {SchemaNode} node
 */
function priceRange(node) {
  const range = textFrom(node.priceRange);
  const money = range ? moneyFrom(range) : undefined;
  const currency = currencyFrom(textFrom(node.currenciesAccepted));
  return { priceRange: range, ...(money ?? (currency ? { currency } : {})) };
}

/** @param {Page} page */
function hotelMarkup(page) {
  const { hints } = page;
  return defined({
    address: fact(page, /^(address|adresse|location|dirección)$/i) ?? hints.address,
    telephone: fact(page, /^(tele)?phone|^tel\b|^telefon/i) ?? hints.telephone,
    amenities: hints.amenities,
    checkIn: clock(fact(page, /check[\s-]?in/i)),
    checkOut: clock(fact(page, /check[\s-]?out/i)),
  });
}

/**
 * A time of day as HH:MM where the text has one ("from 3 pm", "15:00:00"), else the text.
 * @param {string | undefined} text
 * @returns {string | undefined}
 */
export function clock(text) {
  const match = /\b(\d{1,2})(?:[:.h](\d{2}))?(?::\d{2})?\s*([ap])\.?m\b|\b(\d{1,2})[:.h](\d{2})/i.exec(
    text ?? '',
  );
  if (!match) return text;
  const half = match[3]?.toLowerCase();
  const written = Number(match[1] ?? match[4]);
  const hour = half ? (written % 12) + (half === 'p' ? 12 : 0) : written;
  if (hour > 23) return text;
  return `${String(hour).padStart(2, '0')}:${match[2] ?? match[5] ?? '00'}`;
}
