// JSON-LD scripts, read the way that sites write them.

import { JSON_LD_CHARS_MAX, JSON_LD_SCRIPTS_MAX } from '../limits.js';
import { attribute } from './walk.js';

/** @typedef {import('../types.js').SchemaNode} SchemaNode */

export class JsonLdCollector {
  constructor() {
    /** @type {SchemaNode[]} */
    this.nodes = [];
    this.scripts = 0;
  }

  /**
   * @param {import('./walk.js').Node} node
   * @param {import('./walk.js').Walker} walker
   */
  start(node, walker) {
    if (node.name !== 'script' || this.scripts >= JSON_LD_SCRIPTS_MAX) return;
    if (!/^\s*application\/ld\+json\b/i.test(attribute(node, 'type') ?? '')) return;
    this.scripts += 1;
    const add = (/** @type {string} */ text) => {
      this.nodes.push(...parseJsonLd(text));
    };
    walker.capture(node, add, { max: JSON_LD_CHARS_MAX, verbatim: true });
  }
}

/**
 * The nodes of one script, arrays and @graph flattened, references within a graph resolved. What cannot be
 * read, even after mending, gives none: other sources are left.
 * @param {string} text
 * @returns {SchemaNode[]}
 */
export function parseJsonLd(text) {
  const value = parse(text) ?? parse(mend(text));
  /** @type {SchemaNode[]} */
  const nodes = [];
  flatten(value, nodes);
  const byId = new Map(
    nodes.filter((node) => typeof node['@id'] === 'string').map((node) => [node['@id'], node]),
  );
  return nodes.map((node) => resolve(node, byId));
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Undoes what templates do to JSON: comment and CDATA wrappers, a trailing semicolon, raw line breaks within
 * strings, commas before a closing bracket.
 * @param {string} text
 * @returns {string}
 */
function mend(text) {
  const bare = text
    .replace(/^\s*(?:<!--|(?:\/\/|\/\*)?\s*<!\[CDATA\[\s*(?:\*\/)?)/, '')
    .replace(/(?:-->|(?:\/\/|\/\*)?\s*\]\]>\s*(?:\*\/)?)\s*$/, '')
    .replace(/;\s*$/, '');
  // A string, or a comma that only white space parts from a closing bracket.
  return bare.replace(/"(?:[^"\\]|\\[\s\S])*"|,(?=\s*[}\]])/g, (part) =>
    part === ',' ? '' : part.replace(/[\u0000-\u001f]+/g, ' '),
  );
}

/**
 * @param {any} value
 * @param {SchemaNode[]} nodes
 */
function flatten(value, nodes) {
  if (Array.isArray(value)) {
    for (const entry of value) flatten(entry, nodes);
  } else if (value && typeof value === 'object') {
    if ('@graph' in value) flatten(value['@graph'], nodes);
    if ('@type' in value || !('@graph' in value)) nodes.push(value);
  }
}

/**
 * Replaces members that only refer ({"@id": …}) by the node they refer to, one level deep: deeper ones are
 * resolved when their own node is read, and cycles cannot arise.
 * @param {SchemaNode} node
 * @param {Map<string, SchemaNode>} byId
 * @returns {SchemaNode}
 */
function resolve(node, byId) {
  const refer = (/** @type {any} */ value) => {
    const id =
      value && typeof value === 'object' && Object.keys(value).length === 1 ? value['@id'] : undefined;
    return typeof id === 'string' ? (byId.get(id) ?? value) : value;
  };
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, Array.isArray(value) ? value.map(refer) : refer(value)]),
  );
}
