// Shapes that the scraping modules share; types only.

/**
 * What a handler is given (contract: job types), as far as scraping uses it.
 * @typedef {object} ScrapeContext
 * @property {{ jobId: string, correlationId?: string | null, [name: string]: unknown }} job
 * @property {Record<string, any>} env worker bindings and variables; variables are strings
 * @property {AbortSignal} signal aborts on timeout, cancel and lost lease
 * @property {(percent: number) => unknown} [progress]
 * @property {(data: unknown) => unknown} [checkpoint]
 * @property {any} [checkpointed] what an earlier attempt checkpointed
 * @property {(jobs: ChildJob[]) => unknown} [enqueue] adds jobs; repeated unique keys add nothing
 */

/**
 * @typedef {object} ChildJob
 * @property {string} type
 * @property {Record<string, unknown>} payload
 * @property {string} uniqueKey
 * @property {string} [correlationId]
 */

/**
 * How a page is asked for: the `options` of a payload.
 * @typedef {object} ScrapeOptions
 * @property {Record<string, string>} [selectors] name to CSS selector, `selector@attribute` for an attribute
 * @property {number} [maxPages]
 * @property {number} [timeoutMs] milliseconds for one request
 * @property {boolean} [respectRobots] default true
 * @property {Record<string, string>} [headers]
 */

/** @typedef {{ url: string, code: string, message: string }} PageError */

/** @typedef {{ url: string, text: string, rel?: string, nofollow?: true }} Link */

/** @typedef {{ name: string, url: string, image?: string, price?: number, currency?: string }} Card */

/**
 * A schema.org node from JSON-LD, or from microdata in the same shape.
 * @typedef {{ [name: string]: any }} SchemaNode
 */

/**
 * Weak signs read off a page's markup; used where it has no structured data.
 * @typedef {object} Hints
 * @property {string} heading text of the first h1
 * @property {string} image first image in the main part, as written
 * @property {string[]} prices texts of elements that are called a price, current ones first
 * @property {string[]} ratings texts of elements that are called a rating
 * @property {string[]} times datetime values, in page order
 * @property {string[]} amenities
 * @property {string} telephone
 * @property {string} address
 * @property {{ label: string, value: string }[]} facts from definition lists, tables and "label: value" lines
 * @property {string} text visible text, cut
 */

/**
 * All that one pass over a page yields.
 * @typedef {object} Page
 * @property {string} url where the page was found in the end
 * @property {number} status
 * @property {string} title
 * @property {string} description
 * @property {string} canonical absolute, or ""
 * @property {string} lang
 * @property {Record<string, string>} meta first content by lower-case name or property (Open Graph too)
 * @property {SchemaNode[]} jsonLd
 * @property {SchemaNode[]} microdata
 * @property {Link[]} links
 * @property {Link[]} navigation
 * @property {Card[]} cards
 * @property {string} next absolute URL of the next page of a list, or ""
 * @property {Hints} hints
 * @property {Record<string, string[]>} selected
 */

export {};
