// Keeping results small enough to be stored.

import { RESULT_BYTES_MAX } from './limits.js';

// What is tried one after the other: list entries and characters of a text that are kept.
const STEPS = [
  { entries: 500, chars: 5000 },
  { entries: 250, chars: 2000 },
  { entries: 125, chars: 1000 },
  { entries: 60, chars: 500 },
  { entries: 30, chars: 250 },
  { entries: 10, chars: 100 },
];

/**
 * The result as it is when it fits, else a copy with lists and texts cut and `truncated: true`.
 * @param {Record<string, any>} result
 * @param {number} [maxBytes] of its JSON in UTF-8
 * @returns {Record<string, any>}
 */
export function fitResult(result, maxBytes = RESULT_BYTES_MAX) {
  if (jsonBytes(result) <= maxBytes) return result;
  for (const step of STEPS) {
    const cut = { ...shrink(result, step), truncated: true };
    if (jsonBytes(cut) <= maxBytes) return cut;
  }
  const { selected: _selected, links: _links, items: _items, pages: _pages, ...rest } = result;
  return { ...shrink(rest, { entries: 5, chars: 100 }), truncated: true };
}

/** @param {unknown} value */
function jsonBytes(value) {
  return new TextEncoder().encode(JSON.stringify(value)).byteLength;
}

/**
 * @param {any} value
 * @param {{ entries: number, chars: number }} step
 * @returns {any}
 */
function shrink(value, step) {
  if (typeof value === 'string') return cutText(value, step.chars);
  if (Array.isArray(value)) return value.slice(0, step.entries).map((entry) => shrink(entry, step));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shrink(member, step)]));
}

/**
 * @param {string} text
 * @param {number} length in UTF-16 units; a character is not split
 */
function cutText(text, length) {
  if (text.length <= length) return text;
  return `${text.slice(0, length).replace(/[\ud800-\udbff]$/, '')}…`;
}
