// The links of a page, and which of them are its navigation or lead to the next page.

import { LINKS_MAX, NAV_LINKS_MAX } from '../limits.js';
import { closest, naming } from './closest.js';
import { attribute } from './walk.js';

/** @typedef {import('../types.js').Link} Link */
/** @typedef {import('./walk.js').Node} Node */
/** @typedef {import('./walk.js').Walker} Walker */

// Anchors kept while reading; the bounds of a result apply after duplicates are gone.
const ANCHORS_MAX = 5000;

const NAV_NAME =
  /(^|[\s_-])(nav|navbar|navigation|menu|mainmenu|megamenu|categor(y|ies)|departments?)($|[\s_-])/;
const NOT_MAIN_NAME = /breadcrumb|pagination|pager|footer|social|language|account|skip/;
const NEXT_WORDS =
  'next( page)?|older( posts)?|more results|weiter|nächste( seite)?|suivante?|siguiente|' +
  'successiv[ao]|volgende';
const NEXT_TEXT = new RegExp(`^(${NEXT_WORDS}|›|»|→|>|>>)( ?[›»→>])*$`, 'i');
const NEXT_NAME = /(^|[\s_-])(next|pagination__next|pager-next|next-page)($|[\s_-])/;

/** @typedef {{ href: string, text: string, rel: string, nav: boolean, next: number }} Anchor */

export class LinkCollector {
  constructor() {
    /** @type {Anchor[]} */
    this.anchors = [];
  }

  /**
   * @param {Node} node
   * @param {Walker} walker
   */
  start(node, walker) {
    if ((node.name !== 'a' && node.name !== 'area') || this.anchors.length >= ANCHORS_MAX) return;
    const href = attribute(node, 'href')?.trim() ?? '';
    if (href === '' || href.startsWith('#')) return;
    const rel = (attribute(node, 'rel') ?? '').toLowerCase();
    const label = attribute(node, 'aria-label') ?? attribute(node, 'title') ?? attribute(node, 'alt') ?? '';
    const anchor = { href, text: '', rel, nav: isNavigation(node), next: 0 };
    this.anchors.push(anchor);
    walker.capture(
      node,
      (text) => {
        anchor.text = text || label.trim();
        anchor.next = nextStrength(node, rel, text, label);
      },
      { max: 500 },
    );
  }

  /**
   * @param {(href: string) => string} resolve absolute URL, or ""
   * @returns {{ links: Link[], navigation: Link[], next: string }} first occurrence of each URL,
   *   in page order
   */
  result(resolve) {
    const best = this.anchors.reduce(
      (top, anchor) => (anchor.next > (top?.next ?? 0) ? anchor : top),
      noAnchor,
    );
    return {
      links: distinct(this.anchors, resolve, LINKS_MAX),
      navigation: distinct(
        this.anchors.filter((anchor) => anchor.nav && anchor.text !== ''),
        resolve,
        NAV_LINKS_MAX,
      ),
      next: best ? resolve(best.href) : '',
    };
  }
}

const noAnchor = /** @type {Anchor | null} */ (null);

/**
 * @param {Anchor[]} anchors
 * @param {(href: string) => string} resolve
 * @param {number} max
 * @returns {Link[]}
 */
function distinct(anchors, resolve, max) {
  /** @type {Map<string, Link>} */
  const byUrl = new Map();
  for (const { href, text, rel } of anchors) {
    const url = resolve(href);
    if (url === '') continue;
    const known = byUrl.get(url);
    // A picture and its caption often link to the same page one after the other; the caption has the name.
    if (known) known.text ||= text;
    else if (byUrl.size < max) byUrl.set(url, linkFor(url, text, rel));
  }
  return [...byUrl.values()];
}

/**
 * @param {string} url
 * @param {string} text
 * @param {string} rel
 * @returns {Link}
 */
function linkFor(url, text, rel) {
  /** @type {Link} */
  const link = { url, text };
  if (rel !== '') link.rel = rel;
  if (/(^|\s)nofollow(\s|$)/.test(rel)) link.nofollow = true;
  return link;
}

/** @param {Node} node */
function isNavigation(node) {
  const inside = closest(node, (at) => {
    if (at.name === 'nav' || at.raw.role === 'navigation') return true;
    return at.name !== 'a' && at.name !== 'body' && NAV_NAME.test(naming(at));
  });
  if (!inside) return false;
  return !closest(
    node,
    (at) =>
      at.name === 'footer' || NOT_MAIN_NAME.test(`${naming(at)} ${at.raw['aria-label'] ?? ''}`.toLowerCase()),
  );
}

/**
 * How sure it is that a link leads to the next page: 3 by rel, 2 by its text, 1 by its class, 0 not.
 * @param {Node} node
 * @param {string} rel
 * @param {string} text
 * @param {string} label
 * @returns {number}
 */
function nextStrength(node, rel, text, label) {
  if (rel.split(/\s+/).includes('next')) return 3;
  if (/disabled/.test(naming(node)) || node.raw['aria-disabled'] === 'true') return 0;
  if (NEXT_TEXT.test(text) || NEXT_TEXT.test(label.trim())) return 2;
  const named = NEXT_NAME.test(naming(node)) || (node.parent && NEXT_NAME.test(naming(node.parent)));
  return named ? 1 : 0;
}
