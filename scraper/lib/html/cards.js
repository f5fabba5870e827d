// Product cards of a listing: boxes that hold a link with a price or a picture.

import { CARDS_MAX } from '../limits.js';
import { moneyFrom } from '../money.js';
import { closest, naming } from './closest.js';
import { imageSource } from './image.js';
import { isFormerPrice, isPriceName, withoutFormer } from './price-names.js';
import { attribute } from './walk.js';

/** @typedef {import('./walk.js').Node} Node */
/** @typedef {import('./walk.js').Walker} Walker */

/**
 * A card as read, URLs as written.
 * @typedef {object} RawCard
 * @property {string} href
 * @property {string} heading
 * @property {string} linkText longest text of a link in the card
 * @property {string} image
 * @property {string} imageText
 * @property {string} price text of the element called a price, else ""
 * @property {string[]} former texts of prices that no longer hold
 * @property {string} text all text of the card
 */

/** @typedef {{ node: Node, card: RawCard, inner: boolean, headingHref: string }} OpenCard */

const BOX = new Set(['li', 'article', 'div', 'section', 'tr', 'td', 'a']);
const BOX_NAME =
  /(^|[\s_-])(product|item|card|result|tile|listing|book|hotel|offer|grid-cell|pod)s?([\s_-]|$)/;
const LIST_NAME =
  /(^|[\s_-])(products|items|cards|results|tiles|listings|list|grid|container|wrapper|row)([\s_-]|$)/;
const NAME_NAME = /(^|[\s_-])(title|name|heading)([\s_-]|$)/;

export class CardCollector {
  constructor() {
    /** @type {RawCard[]} */
    this.cards = [];
    /** @type {OpenCard[]} */
    this.open = [];
  }

  /**
   * @param {Node} node
   * @param {Walker} walker
   */
  start(node, walker) {
    if (BOX.has(node.name) && isBox(node)) this.#openCard(node, walker);
    if (this.open.length === 0) return;
    if (node.name === 'a') this.#link(node, walker);
    if (node.name === 'img') this.#image(node);
    if (/^h[1-6]$/.test(node.name) || NAME_NAME.test(naming(node))) this.#heading(node, walker);
    if (isFormerPrice(node)) this.#formerPrice(node, walker);
    else if (isPriceName(node)) this.#price(node, walker);
  }

  /** @param {Node} node */
  end(node) {
    const last = this.open.at(-1);
    if (last?.node !== node) return;
    this.open.pop();
    const outer = this.open.at(-1);
    // A box around boxes is the list, not a card.
    if (last.inner) {
      if (outer) outer.inner = true;
      return;
    }
    const { card } = last;
    if (last.headingHref !== '') card.href = last.headingHref;
    if (card.href === '' || (card.price === '' && card.image === '' && !moneyFrom(card.text))) return;
    if (outer) outer.inner = true;
    if (this.cards.length < CARDS_MAX) this.cards.push(card);
  }

  /**
   * @param {Node} node
   * @param {Walker} walker
   */
  #openCard(node, walker) {
    /** @type {RawCard} */
    const card = {
      href: '',
      heading: '',
      linkText: '',
      image: '',
      imageText: '',
      price: '',
      former: [],
      text: '',
    };
    this.open.push({ node, card, inner: false, headingHref: '' });
    walker.capture(node, (text) => {
      card.text = text;
    });
  }

  /**
   * @param {Node} node
   * @param {Walker} walker
   */
  #link(node, walker) {
    const href = attribute(node, 'href')?.trim() ?? '';
    const open = this.open.at(-1);
    if (!open || href === '' || /^(#|javascript:|mailto:|tel:)/i.test(href)) return;
    const { card } = open;
    card.href ||= href;
    if (open.headingHref === '' && closest(node.parent, (at) => /^h[1-6]$/.test(at.name)))
      open.headingHref = href;
    const title = attribute(node, 'title') ?? '';
    walker.capture(node, (text) => {
      // The text is cut with an ellipsis where a title tells the whole name.
      const full = title !== '' && (text === '' || /(\.\.\.|…)$/.test(text)) ? title : text;
      if (full.length > card.linkText.length && full.length <= 200) card.linkText = full;
    });
  }

  /** @param {Node} node */
  #image(node) {
    const card = this.open.at(-1)?.card;
    if (card?.image !== '') return;
    card.image = imageSource(node);
    card.imageText = attribute(node, 'alt')?.trim() ?? '';
  }

  /**
   * @param {Node} node
   * @param {Walker} walker
   */
  #heading(node, walker) {
    const card = this.open.at(-1)?.card;
    if (!card || this.open.at(-1)?.node === node) return;
    walker.capture(node, (text) => {
      card.heading ||= text;
    });
  }

  /**
   * @param {Node} node
   * @param {Walker} walker
   */
  #formerPrice(node, walker) {
    const former = this.open.at(-1)?.card.former;
    walker.capture(node, (text) => former?.push(text), { max: 100 });
  }

  /**
   * @param {Node} node
   * @param {Walker} walker
   */
  #price(node, walker) {
    const card = this.open.at(-1)?.card;
    if (!card) return;
    const content = attribute(node, 'content');
    walker.capture(node, (text) => {
      if (/\d/.test(text)) card.price ||= withoutFormer(text, card.former);
      else if (content) card.price ||= content;
    });
  }
}

/** @param {Node} node */
function isBox(node) {
  if (node.name === 'article' || node.name === 'li' || node.name === 'tr') return true;
  const name = naming(node);
  return BOX_NAME.test(name) && !LIST_NAME.test(name);
}
