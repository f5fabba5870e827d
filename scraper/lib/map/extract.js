// From a page to the fields that a kind of job asks for.

import { attractionFrom } from './attraction.js';
import { flightFrom } from './flight.js';
import { generalFrom } from './general.js';
import { hotelFrom } from './hotel.js';
import { productFrom } from './product.js';

/** @type {Record<string, (page: import('../types.js').Page) => Record<string, any>>} */
const MAPPINGS = {
  hotel: hotelFrom,
  flight: flightFrom,
  attraction: attractionFrom,
  general: generalFrom,
  product: productFrom,
};

/**
 * The fields found, absent ones left out. Each comes from the best source that has it: JSON-LD, then
 * microdata, then Open Graph, then the markup.
 * @param {import('../types.js').Page} page
 * @param {string} kind hotel, flight, attraction, general or product; anything else counts as general
 * @returns {Record<string, any>}
 */
export function extractData(page, kind) {
  const mapping = Object.hasOwn(MAPPINGS, kind) ? MAPPINGS[kind] : undefined;
  return (mapping ?? generalFrom)(page);
}
