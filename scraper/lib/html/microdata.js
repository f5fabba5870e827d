// Microdata items, in the shape of JSON-LD nodes so that one mapping reads both.

import { MICRODATA_ITEMS_MAX } from '../limits.js';
import { attribute } from './walk.js';

/** @typedef {import('../types.js').SchemaNode} SchemaNode */
/** @typedef {import('./walk.js').Node} Node */
/** @typedef {import('./walk.js').Walker} Walker */

/** Where an element keeps the value of its itemprop (WHATWG HTML Standard, section 5.2.4). */
/** @type {Record<string, string>} */
const VALUE_ATTRIBUTE = {
  a: 'href',
  area: 'href',
  link: 'href',
  audio: 'src',
  embed: 'src',
  iframe: 'src',
  img: 'src',
  source: 'src',
  track: 'src',
  video: 'src',
  object: 'data',
  data: 'value',
  meter: 'value',
  time: 'datetime',
};

export class MicrodataCollector {
  constructor() {
    /** @type {SchemaNode[]} items that belong to no other */
    this.items = [];
    /** @type {{ node: Node, item: SchemaNode }[]} */
    this.open = [];
    this.count = 0;
  }

  /**
   * @param {Node} node
   * @param {Walker} walker
   */
  start(node, walker) {
    const names = (attribute(node, 'itemprop') ?? '').split(/\s+/).filter((name) => name !== '');
    const owner = this.open.at(-1)?.item;
    if ('itemscope' in node.raw && this.count < MICRODATA_ITEMS_MAX) {
      const item = itemFor(node);
      this.count += 1;
      this.open.push({ node, item });
      if (names.length > 0 && owner) add(owner, names, item);
      else this.items.push(item);
    } else if (names.length > 0 && owner) {
      this.#property(node, walker, owner, names);
    }
  }

  /** @param {Node} node */
  end(node) {
    if (this.open.at(-1)?.node === node) this.open.pop();
  }

  /**
   * @param {Node} node
   * @param {Walker} walker
   * @param {SchemaNode} owner
   * @param {string[]} names
   */
  #property(node, walker, owner, names) {
    const source = VALUE_ATTRIBUTE[node.name];
    // Sites put `content` on any element, and search engines read it there.
    const value = attribute(node, 'content') ?? (source ? attribute(node, source) : undefined);
    if (value !== undefined) add(owner, names, value.trim());
    else walker.capture(node, (text) => add(owner, names, text));
  }
}

/**
 * @param {Node} node
 * @returns {SchemaNode}
 */
function itemFor(node) {
  const types = (attribute(node, 'itemtype') ?? '').split(/\s+/).filter((type) => type !== '');
  const id = attribute(node, 'itemid');
  return {
    ...(types.length > 0 ? { '@type': types.length === 1 ? types[0] : types } : {}),
    ...(id ? { '@id': id } : {}),
  };
}

/**
 * @param {SchemaNode} item
 * @param {string[]} names
 * @param {string | SchemaNode} value
 */
function add(item, names, value) {
  if (value === '') return;
  for (const name of names) {
    const key = name.includes('/') ? (name.split('/').at(-1) ?? name) : name;
    if (key.startsWith('@') || key === '__proto__') continue;
    if (!Object.hasOwn(item, key)) item[key] = value;
    else if (Array.isArray(item[key])) item[key].push(value);
    else item[key] = [item[key], value];
  }
}
