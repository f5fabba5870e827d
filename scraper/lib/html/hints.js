// Weak signs of what a page is about, for pages without structured data.

import { FACTS_MAX, PAGE_TEXT_CHARS_MAX } from '../limits.js';
import { tidy } from '../text.js';
import { closest, naming } from './closest.js';
import { imageSource } from './image.js';
import { isFormerPrice, isPriceName, withoutFormer } from './price-names.js';
import { attribute } from './walk.js';

/** @typedef {import('./walk.js').Node} Node */
/** @typedef {import('./walk.js').Walker} Walker */

const LIST_MAX = 50;
const AMENITY = /amenit|facilit|ausstattung|équipements|servicios/i;
const ASIDE = new Set(['nav', 'header', 'footer', 'aside']);
const FACT_LINE = /^([\p{L}][\p{L} /&-]{1,30}):\s*(\S.{0,200})$/u;

export class HintCollector {
  constructor() {
    /** @type {import('../types.js').Hints} */
    this.hints = {
      heading: '',
      image: '',
      prices: [],
      ratings: [],
      times: [],
      amenities: [],
      telephone: '',
      address: '',
      facts: [],
      text: '',
    };
    /** @type {string[]} */
    this.formerPrices = [];
    this.heading = ''; // text of the latest heading of any level
    this.label = ''; // text of the latest dt or th, waiting for its value
  }

  /**
   * @param {Node} node
   * @param {Walker} walker
   */
  start(node, walker) {
    this.#structure(node, walker);
    this.#values(node, walker);
    this.#facts(node, walker);
  }

  /**
   * @param {string} text
   * @param {Node | null} node
   */
  text(text, node) {
    if (this.hints.text.length >= PAGE_TEXT_CHARS_MAX || closest(node, (at) => ASIDE.has(at.name))) return;
    const piece = tidy(text);
    if (piece !== '') this.hints.text = `${this.hints.text} ${piece}`.slice(0, PAGE_TEXT_CHARS_MAX);
  }

  /**
   * @param {Node} node
   * @param {Walker} walker
   */
  #structure(node, walker) {
    const { hints } = this;
    if (/^h[1-6]$/.test(node.name)) {
      walker.capture(node, (text) => {
        this.heading = text;
        if (node.name === 'h1') hints.heading ||= text;
      });
    } else if (node.name === 'img' && hints.image === '' && !closest(node, (at) => ASIDE.has(at.name))) {
      if (Number(node.raw.width ?? 100) >= 50) hints.image = imageSource(node);
    } else if (node.name === 'li' && hints.amenities.length < LIST_MAX && this.#isAmenity(node)) {
      walker.capture(node, (text) => {
        if (text !== '' && text.length <= 80) hints.amenities.push(text);
      });
    }
  }

  /** @param {Node} node */
  #isAmenity(node) {
    if (closest(node.parent, (at) => AMENITY.test(naming(at)))) return true;
    return AMENITY.test(this.heading) && !closest(node, (at) => ASIDE.has(at.name));
  }

  /**
   * @param {Node} node
   * @param {Walker} walker
   */
  #values(node, walker) {
    const { hints } = this;
    if (isFormerPrice(node)) {
      walker.capture(node, (text) => push(this.formerPrices, text), { max: 100 });
    } else if (isPriceName(node)) {
      walker.capture(node, (text) => {
        const written = /\d/.test(text) ? text : (node.raw['data-price'] ?? '');
        push(hints.prices, withoutFormer(written, this.formerPrices));
      });
    }
    if (/rating|review|score|stars/.test(naming(node))) {
      const label = attribute(node, 'aria-label') ?? attribute(node, 'title') ?? '';
      walker.capture(node, (text) => push(hints.ratings, `${label} ${text}`.trim()), { max: 300 });
    }
    if (node.name === 'time') {
      push(hints.times, attribute(node, 'datetime') ?? '');
    } else if (node.name === 'a' && /^tel:/i.test(node.raw.href ?? '')) {
      hints.telephone ||= telephone(attribute(node, 'href') ?? '');
    } else if (node.name === 'address' || /(^|[\s_-])(address|adr)([\s_-]|$)/.test(naming(node))) {
      walker.capture(node, (text) => {
        hints.address ||= text.slice(0, 300);
      });
    }
  }

  /**
   * Pairs from <dt>/<dd>, from rows with a heading cell or two cells, and from short "label: value" lines.
   * @param {Node} node
   * @param {Walker} walker
   */
  #facts(node, walker) {
    const isLabel = node.name === 'dt' || node.name === 'th';
    if (node.name === 'tr') this.label = '';
    if (isLabel) {
      walker.capture(node, (text) => {
        this.label = text;
      });
    } else if (node.name === 'dd' || node.name === 'td') {
      walker.capture(node, (text) => {
        if (this.label !== '') this.#fact(this.label, text);
        // Without a heading cell the first cell of a row is the label.
        this.label = this.label === '' && node.name === 'td' ? text : '';
      });
    } else if (node.name === 'li' || node.name === 'p' || node.name === 'div' || node.name === 'span') {
      walker.capture(
        node,
        (text) => {
          const line = FACT_LINE.exec(text);
          if (line) this.#fact(line[1] ?? '', line[2] ?? '');
        },
        { max: 250 },
      );
    }
  }

  /**
   * @param {string} label
   * @param {string} value
   */
  #fact(label, value) {
    const { facts } = this.hints;
    if (label === '' || value === '' || label.length > 60 || value.length > 300 || facts.length >= FACTS_MAX)
      return;
    const name = label.replace(/\s*:$/, '');
    // A line is often wrapped in several elements, and each of them reads the same.
    if (facts.at(-1)?.label !== name || facts.at(-1)?.value !== value) facts.push({ label: name, value });
  }

  /** @returns {import('../types.js').Hints} */
  result() {
    return {
      ...this.hints,
      prices: [...this.hints.prices, ...this.formerPrices],
      text: this.hints.text.trim(),
    };
  }
}

/**
 * @param {string[]} list
 * @param {string} text
 */
function push(list, text) {
  if (text !== '' && text.length <= 300 && list.length < LIST_MAX) list.push(text);
}

/** @param {string} href */
function telephone(href) {
  try {
    return decodeURIComponent(href.slice(4)).trim();
  } catch {
    return href.slice(4).trim();
  }
}
