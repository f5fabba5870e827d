// Sights, museums, parks and other places to visit.

import { fact, fromMarkup, fromNode, fromOpenGraph, merge, placeFromNode } from './common.js';
import { nodesOfTypes } from './find-nodes.js';
import { defined, enumerated, isNode, listOf, textFrom, textsFrom } from './values.js';

/** @typedef {import('../types.js').Page} Page */
/** @typedef {import('../types.js').SchemaNode} SchemaNode */

const TYPES = [
  'TouristAttraction',
  'Museum',
  'ArtGallery',
  'LandmarksOrHistoricalBuildings',
  'AmusementPark',
  'Zoo',
  'Aquarium',
  'Park',
  'Beach',
  'PlaceOfWorship',
  'Church',
  'StadiumOrArena',
  'TouristDestination',
  'EntertainmentBusiness',
  'CivicStructure',
  'Landform',
  'LocalBusiness',
  'Place',
];

/**
 * @param {Page} page
 * @returns {Record<string, any>}
 */
export function attractionFrom(page) {
  const nodes = [
    ...nodesOfTypes(page.jsonLd, TYPES).slice(0, 1),
    ...nodesOfTypes(page.microdata, TYPES).slice(0, 1),
  ];
  const sources = nodes.map((node) => attractionNode(node, page));
  return merge([...sources, fromOpenGraph(page), attractionMarkup(page), fromMarkup(page)]);
}

/**
 * @param {SchemaNode} node
 * @param {Page} page
 */
function attractionNode(node, page) {
  return defined({
    ...fromNode(node, page),
    ...placeFromNode(node),
    openingHours: openingHours(node),
    isFree:
      node.isAccessibleForFree === undefined
        ? undefined
        : /^true$/i.test(String(enumerated(node.isAccessibleForFree) ?? node.isAccessibleForFree)),
  });
}

/**
 * Opening hours as lines: "Mo-Fr 09:00-18:00" as the site wrote them, or made from specifications.
 * @param {SchemaNode} node
 * @returns {string[]}
 */
export function openingHours(node) {
  const written = textsFrom(listOf(node.openingHours).filter((entry) => !isNode(entry)));
  if (written.length > 0) return written;
  return listOf(node.openingHoursSpecification)
    .filter(isNode)
    .map((entry) => specificationLine(entry))
    .filter((line) => line !== '');
}

/** @param {SchemaNode} entry */
function specificationLine(entry) {
  const days = listOf(entry.dayOfWeek)
    .map((day) => (enumerated(day) ?? '').slice(0, 2))
    .join(',');
  const [opens, closes] = [textFrom(entry.opens)?.slice(0, 5), textFrom(entry.closes)?.slice(0, 5)];
  if (!opens && !closes) return days === '' ? '' : `${days} closed`;
  return `${days} ${opens ?? '?'}-${closes ?? '?'}`.trim();
}

/** @param {Page} page */
function attractionMarkup(page) {
  const hours = fact(page, /opening|hours|öffnungszeiten|horaires|horario/i);
  return defined({
    address: fact(page, /^(address|adresse|location|dirección)$/i) ?? page.hints.address,
    telephone: fact(page, /^(tele)?phone|^tel\b|^telefon/i) ?? page.hints.telephone,
    openingHours: hours ? [hours] : [],
  });
}
