// Flights and their fares.

import { fact, fromMarkup, fromNode, fromOpenGraph, merge } from './common.js';
import { allNodes, nodesOfTypes } from './find-nodes.js';
import { defined, isNode, listOf, offerFrom, textFrom, typesOf } from './values.js';

/** @typedef {import('../types.js').Page} Page */
/** @typedef {import('../types.js').SchemaNode} SchemaNode */

const FLIGHTS_MAX = 50;

/**
 * The fields of the first flight; with several on the page all of them as `flights`.
 * @param {Page} page
 * @returns {Record<string, any>}
 */
export function flightFrom(page) {
  const nodes = flightNodes(page.jsonLd);
  const structured = (nodes.length > 0 ? nodes : flightNodes(page.microdata)).slice(0, FLIGHTS_MAX);
  const flights = structured.map(({ flight, offer }) => flightNode(flight, offer, page));
  const first = flights[0];
  const merged = merge([
    ...(first ? [first] : []),
    flightMarkup(page),
    fromOpenGraph(page),
    fromMarkup(page),
  ]);
  return flights.length > 1 ? { ...merged, flights } : merged;
}

/**
 * Flights with the offer or reservation that they are part of.
 * @param {SchemaNode[]} roots
 * @returns {{ flight: SchemaNode, offer: SchemaNode | undefined }[]}
 */
function flightNodes(roots) {
  /** @type {Map<SchemaNode, SchemaNode | undefined>} */
  const byFlight = new Map();
  for (const outer of allNodes(roots)) {
    for (const inner of [...listOf(outer.itemOffered), ...listOf(outer.reservationFor)]) {
      if (isNode(inner) && typesOf(inner).includes('Flight')) byFlight.set(inner, outer);
    }
  }
  for (const flight of nodesOfTypes(roots, ['Flight'])) {
    if (!byFlight.has(flight)) byFlight.set(flight, undefined);
  }
  return [...byFlight].map(([flight, offer]) => ({ flight, offer }));
}

/**
 * @param {SchemaNode} flight
 * @param {SchemaNode | undefined} offer
 * @param {Page} page
 */
function flightNode(flight, offer, page) {
  const carrier = listOf(flight.provider ?? flight.airline ?? flight.carrier ?? flight.seller)[0];
  const total = listOf(offer?.totalPrice)[0];
  const price = offer ? offerFrom([{ ...offer, price: offer.price ?? total?.price ?? total }]) : {};
  return defined({
    ...fromNode(flight, page),
    ...price,
    airline: textFrom(carrier),
    flightNumber: flightNumber(textFrom(flight.flightNumber), textFrom(carrier?.iataCode)),
    from: airport(flight.departureAirport),
    fromName: airportName(flight.departureAirport),
    to: airport(flight.arrivalAirport),
    toName: airportName(flight.arrivalAirport),
    departureTime: textFrom(flight.departureTime),
    arrivalTime: textFrom(flight.arrivalTime),
    duration: textFrom(flight.estimatedFlightDuration),
  });
}

/**
 * "LH400" whether the number came with its airline's code or without.
 * @param {string | undefined} number
 * @param {string | undefined} code
 */
function flightNumber(number, code) {
  const compact = number?.replace(/\s+/g, '');
  return compact && code && /^\d+$/.test(compact) ? `${code}${compact}` : compact;
}

/**
 * The IATA code of an airport where it is given, else its name.
 * @param {any} value
 */
function airport(value) {
  const first = listOf(value)[0];
  return textFrom(first?.iataCode) ?? textFrom(first);
}

/** @param {any} value */
function airportName(value) {
  const first = listOf(value)[0];
  return textFrom(first?.iataCode) ? textFrom(first?.name) : undefined;
}

/** @param {Page} page */
function flightMarkup(page) {
  const { times, text } = page.hints;
  const route = /\(([A-Z]{3})\)[^()]{1,80}\(([A-Z]{3})\)/.exec(`${page.hints.heading} ${page.title} ${text}`);
  const number = /\b([A-Z]{2}|[A-Z]\d|\d[A-Z])\s?(\d{2,4})\b/.exec(
    fact(page, /flight|flug|vol|vuelo/i) ?? `${page.hints.heading} ${text}`,
  );
  return defined({
    airline: fact(page, /airline|carrier|operated by|fluggesellschaft|compagnie/i),
    flightNumber: number ? `${number[1]}${number[2]}` : undefined,
    from: code(fact(page, /^(from|departure airport|origin|von|de)$/i)) ?? route?.[1],
    to: code(fact(page, /^(to|arrival airport|destination|nach|à)$/i)) ?? route?.[2],
    departureTime: times[0] ?? fact(page, /^(departs|departure|departure time|abflug|départ)$/i),
    arrivalTime: times[1] ?? fact(page, /^(arrives|arrival|arrival time|ankunft|arrivée)$/i),
    duration: fact(page, /duration|flight time|dauer|durée/i),
  });
}

/**
 * "London Heathrow (LHR)" is "LHR".
 * @param {string | undefined} text
 */
function code(text) {
  return text ? (/\b([A-Z]{3})\b/.exec(text)?.[1] ?? text) : undefined;
}
