// What the walker knows about HTML's elements (WHATWG HTML Standard, sections 13.1.2 and 13.2.6).

/** @param {string} words */
const setOf = (words) => new Set(words.split(' '));

/** Elements without content or end tag. */
export const VOID = setOf(
  'area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr',
);

/** Elements whose text is no text for a reader. */
export const UNREAD = setOf('script style template noscript noframes iframe object svg math');

/** Elements whose text may hold character references but no markup, or neither. */
export const RAW_TEXT = setOf('script style xmp iframe noembed noframes plaintext');

/** Elements that stand within a line: everything else separates words. */
export const INLINE = setOf(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark meter nobr output q ' +
    'ruby s samp slot small span strike strong sub sup time tt u var wbr img picture source',
);

/** A start tag of the key closes the open elements listed, up to the nearest one of `until`. */
/** @type {Record<string, { closes: Set<string>, until: Set<string> }>} */
const IMPLIED = {
  li: { closes: setOf('li'), until: setOf('ul ol menu') },
  dt: { closes: setOf('dt dd'), until: setOf('dl') },
  dd: { closes: setOf('dt dd'), until: setOf('dl') },
  tr: { closes: setOf('tr td th'), until: setOf('table') },
  td: { closes: setOf('td th'), until: setOf('tr table') },
  th: { closes: setOf('td th'), until: setOf('tr table') },
  tbody: { closes: setOf('thead tbody tfoot tr td th'), until: setOf('table') },
  tfoot: { closes: setOf('thead tbody tfoot tr td th'), until: setOf('table') },
  option: { closes: setOf('option'), until: setOf('select datalist') },
  optgroup: { closes: setOf('option optgroup'), until: setOf('select') },
  a: { closes: setOf('a'), until: setOf('td th table button object') },
  body: { closes: setOf('head'), until: setOf('html') },
};

const CLOSES_P = setOf(
  'address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer ' +
    'form h1 h2 h3 h4 h5 h6 header hgroup hr main menu nav ol p pre section table ul',
);
/** Elements that no heading holds once it has text: the heading's end tag was forgotten or misspelt. */
export const ENDS_HEADING = CLOSES_P;

const P_RULE = {
  closes: setOf('p'),
  until: setOf('button td th table caption object article section div body li'),
};

/**
 * Which open elements a start tag ends without their end tags, or null.
 * @param {string} name
 * @returns {{ closes: Set<string>, until: Set<string> } | null}
 */
export function impliedEnd(name) {
  return IMPLIED[name] ?? (CLOSES_P.has(name) ? P_RULE : null);
}
