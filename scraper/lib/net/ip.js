// IP addresses as numbers, and whether a block holds one.

import { GLOBAL_UNICAST_V6, SPECIAL_BLOCKS_V4, SPECIAL_BLOCKS_V6 } from './special-blocks.js';

/** @typedef {{ version: 4 | 6, value: bigint }} Address */
/** @typedef {{ block: string, name: string, source: string, first: bigint, last: bigint }} Block */

const BITS = { 4: 32, 6: 128 };

/**
 * Reads an address in the form the WHATWG URL parser leaves it in: dotted decimal, or IPv6 with or without
 * brackets (an embedded dotted quad is taken too). Anything else, names included, gives null.
 * @param {string} text
 * @returns {Address | null}
 */
export function parseAddress(text) {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (bare.includes(':')) {
    const value = parseV6(bare);
    return value === null ? null : { version: 6, value };
  }
  const value = parseV4(bare);
  return value === null ? null : { version: 4, value };
}

/**
 * @param {string} text
 * @returns {bigint | null}
 */
function parseV4(text) {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return null;
  const parts = match.slice(1).map(Number);
  if (parts.some((part) => part > 255)) return null;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

/**
 * @param {string} text
 * @returns {bigint | null}
 */
function parseV6(text) {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] ?? '');
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '') : [];
  if (!head || !tail) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...Array(missing).fill(0), ...tail];
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/**
 * @param {string} text groups between colons
 * @returns {number[] | null}
 */
function parseGroups(text) {
  if (text === '') return [];
  /** @type {number[]} */
  const groups = [];
  for (const part of text.split(':')) {
    if (part.includes('.')) {
      const quad = parseV4(part);
      if (quad === null) return null;
      groups.push(Number(quad >> 16n), Number(quad & 0xffffn));
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return null;
    }
  }
  return groups;
}

/**
 * First and last address of a block in CIDR notation. Throws a TypeError on anything else: the tables are
 * ours.
 * @param {string} block
 * @returns {{ version: 4 | 6, first: bigint, last: bigint }}
 */
export function blockRange(block) {
  const [base = '', length = ''] = block.split('/');
  const address = parseAddress(base);
  if (!address) throw new TypeError(`not an address block: ${block}`);
  const host = BigInt(BITS[address.version] - Number(length));
  const first = (address.value >> host) << host;
  return { version: address.version, first, last: first | ((1n << host) - 1n) };
}

/**
 * @param {readonly (readonly [string, string, string])[]} rows
 * @returns {Block[]}
 */
function compile(rows) {
  return rows.map(([block, name, source]) => ({ block, name, source, ...blockRange(block) }));
}

const BLOCKS = { 4: compile(SPECIAL_BLOCKS_V4), 6: compile(SPECIAL_BLOCKS_V6) };
const GLOBAL_V6 = blockRange(GLOBAL_UNICAST_V6);

/**
 * The narrowest special-purpose block that holds the address, or null when it is an ordinary public one.
 * IPv6 outside 2000::/3 is not handed out to anybody and counts as special.
 * @param {Address} address
 * @returns {Block | null}
 */
export function specialBlock({ version, value }) {
  const holding = BLOCKS[version].filter((block) => value >= block.first && value <= block.last);
  if (holding.length > 0) {
    return holding.reduce((best, block) =>
      block.last - block.first < best.last - best.first ? block : best,
    );
  }
  if (version === 6 && (value < GLOBAL_V6.first || value > GLOBAL_V6.last)) {
    return {
      block: '::/0',
      name: 'outside global unicast',
      source: 'RFC 4291',
      first: 0n,
      last: (1n << 128n) - 1n,
    };
  }
  return null;
}
