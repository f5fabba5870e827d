// Where a picture really is, on pages that load theirs late.

import { attribute } from './walk.js';

/**
 * The source of an img as written, or "". Placeholders in data: URLs give way to the real source that scripts
 * would put in.
 * @param {import('./walk.js').Node} node
 * @returns {string}
 */
export function imageSource(node) {
  const late =
    attribute(node, 'data-src') ?? attribute(node, 'data-original') ?? attribute(node, 'data-lazy-src');
  const source = attribute(node, 'src');
  const set = attribute(node, 'srcset') ?? attribute(node, 'data-srcset');
  const candidates = [late, source, set?.trim().split(/[\s,]+/)[0]];
  return (
    candidates
      .map((candidate) => candidate?.trim() ?? '')
      .find((text) => text !== '' && !/^data:/i.test(text)) ?? ''
  );
}
