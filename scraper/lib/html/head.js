// The head of a page: title, meta, canonical, language, base, next page.

import { attribute } from './walk.js';

/** @typedef {import('./walk.js').Node} Node */
/** @typedef {import('./walk.js').Walker} Walker */

const META_MAX = 300;

export class HeadCollector {
  constructor() {
    this.title = '';
    this.lang = '';
    this.base = '';
    this.canonical = '';
    this.next = '';
    /** @type {Record<string, string>} */
    this.meta = {};
    this.metaCount = 0;
  }

  /**
   * @param {Node} node
   * @param {Walker} walker
   */
  start(node, walker) {
    if (node.name === 'title') this.#title(node, walker);
    else if (node.name === 'html') this.lang ||= attribute(node, 'lang') ?? attribute(node, 'xml:lang') ?? '';
    else if (node.name === 'base') this.base ||= attribute(node, 'href') ?? '';
    else if (node.name === 'meta') this.#meta(node);
    else if (node.name === 'link') this.#link(node);
  }

  /**
   * @param {Node} node
   * @param {Walker} walker
   */
  #title(node, walker) {
    // SVG has titles as well.
    if (node.unread || node.parent?.unread) return;
    walker.capture(node, (text) => {
      this.title ||= text;
    });
  }

  /** @param {Node} node */
  #meta(node) {
    const name = (attribute(node, 'property') ?? attribute(node, 'name') ?? '').trim().toLowerCase();
    const content = attribute(node, 'content')?.trim() ?? '';
    if (name === '' || content === '' || Object.hasOwn(this.meta, name) || this.metaCount >= META_MAX) return;
    this.meta[name] = content;
    this.metaCount += 1;
  }

  /** @param {Node} node */
  #link(node) {
    const rels = (attribute(node, 'rel') ?? '').toLowerCase().split(/\s+/);
    const href = attribute(node, 'href') ?? '';
    if (rels.includes('canonical')) this.canonical ||= href;
    if (rels.includes('next')) this.next ||= href;
  }
}
