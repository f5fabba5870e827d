// One streaming pass over a page: HTMLRewriter's tokens become elements that nest and end, whatever the
// markup looks like, for any number of collectors.

import { ATTRIBUTE_CHARS_MAX, CAPTURES_MAX, IMPLIED_END_DEPTH, TEXT_CHARS_MAX } from '../limits.js';
import { decodeAttribute, decodeText, tidy } from '../text.js';
import { closest } from './closest.js';
import { ENDS_HEADING, INLINE, impliedEnd, RAW_TEXT, UNREAD, VOID } from './tags.js';

/**
 * @typedef {object} Node
 * @property {string} name lower case
 * @property {Node | null} parent
 * @property {Record<string, string>} raw attributes as written, names in lower case
 * @property {boolean} open
 * @property {boolean} unread within a script, style or the like
 * @property {Capture[]} captures end with this element
 */

/**
 * @typedef {object} Capture
 * @property {Node} node whose text is gathered
 * @property {string} text so far
 * @property {number} max characters
 * @property {boolean} verbatim
 * @property {(text: string) => void} done
 */

/**
 * Hears of everything on the page, in order. A void element starts and ends at once.
 * @typedef {object} Collector
 * @property {(node: Node, walker: Walker) => void} [start]
 * @property {(node: Node, walker: Walker) => void} [end]
 * @property {(text: string, node: Node | null) => void} [text] visible text, decoded, white space as written
 */

/**
 * An attribute's value, decoded, or undefined when it is not there.
 * @param {Node} node
 * @param {string} name
 * @returns {string | undefined}
 */
export function attribute(node, name) {
  const value = Object.hasOwn(node.raw, name) ? node.raw[name] : undefined;
  return value === undefined ? undefined : decodeAttribute(value);
}

export class Walker {
  /** @param {Collector[]} collectors in the order in which they hear of an element */
  constructor(collectors) {
    this.collectors = collectors;
    /** @type {Node | null} innermost open element */
    this.top = null;
    /** @type {Node | null} the element that started last, void ones included */
    this.latest = null;
    /** @type {Set<Capture>} */
    this.capturing = new Set();
    this.pending = '';
  }

  /**
   * Calls `done` with the text of an element when it ends: tidied and cut, or as written when verbatim. Does
   * nothing while CAPTURES_MAX others are under way.
   * @param {Node} node
   * @param {(text: string) => void} done
   * @param {{ max?: number, verbatim?: boolean }} [options] max in characters
   */
  capture(node, done, { max = TEXT_CHARS_MAX, verbatim = false } = {}) {
    if (this.capturing.size >= CAPTURES_MAX) return;
    const capture = { node, text: '', max, verbatim, done };
    node.captures.push(capture);
    this.capturing.add(capture);
  }

  /**
   * Listens to everything that passes through a rewriter. Add other handlers after this one; they find the
   * element they are called for in `latest`.
   * @param {HTMLRewriter} rewriter
   */
  listen(rewriter) {
    rewriter.on('*', { element: (element) => this.#element(element) });
    rewriter.onDocument({ text: (chunk) => this.#text(chunk) });
  }

  /** Ends what is still open. To be called once, after the last chunk. */
  finish() {
    while (this.top) this.#pop(this.top);
  }

  /** @param {Element} element */
  #element(element) {
    const name = element.tagName;
    this.#closeImplied(name);
    const node = this.#open(name, element);
    this.latest = node;
    for (const collector of this.collectors) collector.start?.(node, this);
    if (VOID.has(name)) {
      this.#close(node);
      return;
    }
    try {
      element.onEndTag(() => this.#endTag(node));
      this.top = node;
    } catch {
      // Self-closing elements of SVG and MathML have no end tag to wait for.
      this.#close(node);
    }
  }

  /**
   * @param {string} name
   * @param {Element} element
   * @returns {Node}
   */
  #open(name, element) {
    /** @type {Record<string, string>} */
    const raw = {};
    for (const pair of element.attributes) {
      const [key = '', value = ''] = pair;
      raw[key.toLowerCase()] = value.slice(0, ATTRIBUTE_CHARS_MAX);
    }
    const unread = UNREAD.has(name) || this.top?.unread === true;
    if (!INLINE.has(name)) this.#separate();
    return { name, parent: this.top, raw, open: true, unread, captures: [] };
  }

  /** @param {Node} node */
  #endTag(node) {
    while (node.open && this.top) this.#pop(this.top);
  }

  /** @param {Node} node the innermost open element */
  #pop(node) {
    this.top = node.parent;
    this.#close(node);
  }

  /** @param {Node} node */
  #close(node) {
    node.open = false;
    if (!INLINE.has(node.name)) this.#separate();
    for (const capture of node.captures) {
      this.capturing.delete(capture);
      capture.done(capture.verbatim ? capture.text : tidy(capture.text));
    }
    for (const collector of this.collectors) collector.end?.(node, this);
  }

  /** @param {string} name of the element that starts */
  #closeImplied(name) {
    if (ENDS_HEADING.has(name)) this.#closeHeading();
    const rule = impliedEnd(name);
    if (!rule) return;
    /** @type {Node | null} */
    let outermost = null;
    let depth = 0;
    for (let node = this.top; node && depth < IMPLIED_END_DEPTH; node = node.parent) {
      if (rule.until.has(node.name)) break;
      if (rule.closes.has(node.name)) outermost = node;
      depth += 1;
    }
    if (outermost) this.#endTag(outermost);
  }

  #closeHeading() {
    const heading = closest(this.top, (node) => /^h[1-6]$/.test(node.name) || !INLINE.has(node.name));
    if (heading && /^h[1-6]$/.test(heading.name) && heading.captures.some(({ text }) => text.trim() !== '')) {
      this.#endTag(heading);
    }
  }

  #separate() {
    for (const capture of this.capturing) {
      if (!capture.verbatim && capture.text.length < capture.max) capture.text += ' ';
    }
  }

  /** @param {Text} chunk */
  #text(chunk) {
    this.pending += chunk.text;
    if (!chunk.lastInTextNode) return;
    const raw = this.pending;
    this.pending = '';
    const node = this.top;
    const text = node && RAW_TEXT.has(node.name) ? raw : decodeText(raw);
    for (const capture of this.capturing) {
      if (node?.unread && capture.node !== node) continue;
      if (capture.text.length < capture.max) capture.text = (capture.text + text).slice(0, capture.max);
    }
    if (node?.unread || node?.name === 'title') return;
    for (const collector of this.collectors) collector.text?.(text, node);
  }
}
