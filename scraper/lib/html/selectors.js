// Custom CSS selectors of a payload.

import { FatalError } from '../../errors.js';
import { SELECTED_CHARS_MAX, SELECTED_MAX } from '../limits.js';
import { VOID } from './tags.js';
import { attribute } from './walk.js';

/** @typedef {import('./walk.js').Node} Node */
/** @typedef {import('./walk.js').Walker} Walker */

// What stands for the text of an element that cannot have any, best first.
const VOID_VALUES = ['content', 'value', 'src', 'href', 'alt'];
const WITH_ATTRIBUTE = /^(.*[^\s])@([a-z_:][\w:.-]*)$/is;

/**
 * Makes a rewriter collect what `selectors` match: for each name the trimmed texts in page order, empty ones
 * left out. `css@name` collects the values of an attribute. Selectors are those of HTMLRewriter: type, class,
 * id, attribute, :not(), :nth-child() and the like, descendant and child combinators, lists.
 * It implies no end tags: an <li> that nobody closed is the parent of the next one to ">" and :nth-child().
 * @param {HTMLRewriter} rewriter
 * @param {Walker} walker must listen already
 * @param {Record<string, string>} selectors
 * @returns {Record<string, string[]>} filled as the page passes, at most SELECTED_MAX texts each
 *   and SELECTED_CHARS_MAX characters together
 * @throws {FatalError} bad_selector
 */
export function collectSelected(rewriter, walker, selectors) {
  /** @type {Record<string, string[]>} */
  const selected = {};
  const budget = { chars: SELECTED_CHARS_MAX };
  for (const [name, selector] of Object.entries(selectors)) {
    const [, css = selector, wanted] = WITH_ATTRIBUTE.exec(selector) ?? [];
    /** @type {string[]} */
    const texts = [];
    const add = (/** @type {string} */ text) => {
      if (text === '' || texts.length >= SELECTED_MAX || text.length > budget.chars) return;
      budget.chars -= text.length;
      texts.push(text);
    };
    Object.defineProperty(selected, name, { value: texts, enumerable: true });
    try {
      rewriter.on(css, { element: () => gather(walker, wanted, add) });
    } catch (error) {
      const reason = error instanceof Error ? error.message.replace(/^Parser error: /, '') : String(error);
      throw new FatalError('bad_selector', `selector "${name}" (${selector}): ${reason}`);
    }
  }
  return selected;
}

/**
 * @param {Walker} walker
 * @param {string | undefined} wanted attribute, or undefined for the text
 * @param {(text: string) => void} add
 */
function gather(walker, wanted, add) {
  const node = walker.latest;
  if (!node) return;
  if (wanted) add(attribute(node, wanted.toLowerCase())?.trim() ?? '');
  else if (VOID.has(node.name) || !node.open) add(voidValue(node));
  else walker.capture(node, add);
}

/** @param {Node} node */
function voidValue(node) {
  const name = VOID_VALUES.find((candidate) => candidate in node.raw);
  return name ? (attribute(node, name)?.trim() ?? '') : '';
}
