// Text of a page as a reader sees it.

import { decodeHTML, decodeHTMLAttribute } from 'entities/decode';

/**
 * Resolves character references, by the rules for text.
 * @param {string} raw
 * @returns {string}
 */
export function decodeText(raw) {
  return raw.includes('&') ? decodeHTML(raw) : raw;
}

/**
 * Resolves character references, by the rules for attribute values: "?a=1&copy=2" stays as it is.
 * @param {string} raw
 * @returns {string}
 */
export function decodeAttribute(raw) {
  return raw.includes('&') ? decodeHTMLAttribute(raw) : raw;
}

/**
 * White space collapsed to single spaces and trimmed; no-break spaces count as spaces, invisible characters
 * are dropped.
 * @param {string} text
 * @returns {string}
 */
export function tidy(text) {
  return text
    .replace(/[\u200b\u200c\u2060\ufeff\u00ad]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/**
 * Text from a value that may hold markup and references of its own, as many sites put into JSON-LD and meta.
 * @param {string} value
 * @returns {string}
 */
export function plainText(value) {
  const decoded = decodeText(value);
  const bare = /<[a-z/!]/i.test(decoded)
    ? decodeText(decoded.replace(/<(?:[^<>"']|"[^"]*"|'[^']*')*>/g, ' '))
    : decoded;
  return tidy(bare);
}
