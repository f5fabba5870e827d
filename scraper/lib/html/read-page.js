// A page's bytes, once through HTMLRewriter, into all that is known of it.

import { FatalError } from '../../errors.js';
import { PAGE_TEXT_CHARS_MAX } from '../limits.js';
import { plainText } from '../text.js';
import { absoluteUrl } from '../url.js';
import { cardsFrom } from './card-fields.js';
import { CardCollector } from './cards.js';
import { HeadCollector } from './head.js';
import { HintCollector } from './hints.js';
import { JsonLdCollector, parseJsonLd } from './json-ld.js';
import { LinkCollector } from './links.js';
import { MicrodataCollector } from './microdata.js';
import { collectSelected } from './selectors.js';
import { Walker } from './walk.js';

/** @typedef {import('../types.js').Page} Page */

/**
 * @param {AsyncIterable<string>} texts the page's markup in pieces
 * @param {{ url: string, status: number, selectors?: Record<string, string> }} options url is the page's own
 * @returns {Promise<Page>}
 * @throws {FatalError} bad_selector, unreadable_markup; whatever reading `texts` throws
 */
export async function readPage(texts, { url, status, selectors = {} }) {
  const head = new HeadCollector();
  const jsonLd = new JsonLdCollector();
  const microdata = new MicrodataCollector();
  const links = new LinkCollector();
  const cards = new CardCollector();
  const hints = new HintCollector();
  const walker = new Walker([head, jsonLd, microdata, links, cards, hints]);
  const rewriter = new HTMLRewriter();
  walker.listen(rewriter);
  const selected = collectSelected(rewriter, walker, selectors);
  await pass(rewriter, texts);
  walker.finish();

  const base = absoluteUrl(head.base, url) || url;
  const resolve = (/** @type {string} */ href) => absoluteUrl(href, base);
  const anchors = links.result(resolve);
  return {
    url,
    status,
    title: head.title,
    description: plainText(head.meta.description ?? head.meta['og:description'] ?? ''),
    canonical: resolve(head.canonical),
    lang: head.lang,
    meta: head.meta,
    jsonLd: jsonLd.nodes,
    microdata: microdata.items,
    links: anchors.links,
    navigation: anchors.navigation,
    cards: cardsFrom(cards.cards, resolve),
    next: resolve(head.next) || anchors.next,
    hints: withResolvedImage(hints.result(), resolve),
    selected,
  };
}

/**
 * Sends text through a rewriter for its handlers' sake; what comes out is thrown away.
 * @param {HTMLRewriter} rewriter
 * @param {AsyncIterable<string>} texts
 */
async function pass(rewriter, texts) {
  const { readable, writable } = new IdentityTransformStream();
  const headers = { 'content-type': 'text/html; charset=utf-8' };
  const rewritten = rewriter.transform(new Response(readable, { headers }));
  const source = recorded(texts);
  const ends = await Promise.allSettled([write(source.texts(), writable), drain(rewritten)]);
  // A failing source fails both ends of the stream; its own error says why.
  if (source.failure) throw source.failure.error;
  for (const end of ends.reverse()) {
    if (end.status === 'rejected') throw unreadable(end.reason);
  }
}

/**
 * HTMLRewriter gives up on markup that nests too deep for its memory; another attempt would meet the same.
 * @param {unknown} error
 */
function unreadable(error) {
  return new FatalError('unreadable_markup', error instanceof Error ? error.message : String(error));
}

/** @param {AsyncIterable<string>} texts */
function recorded(texts) {
  const source = {
    failure: /** @type {{ error: unknown } | null} */ (null),
    async *texts() {
      try {
        yield* texts;
      } catch (error) {
        source.failure = { error };
        throw error;
      }
    },
  };
  return source;
}

/**
 * @param {AsyncIterable<string>} texts
 * @param {WritableStream} writable
 */
async function write(texts, writable) {
  const encoder = new TextEncoder();
  const writer = writable.getWriter();
  try {
    for await (const text of texts) await writer.write(encoder.encode(text));
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => undefined);
    throw error;
  }
}

/** @param {Response} response */
async function drain(response) {
  const reader = response.body?.getReader();
  while (reader && !(await reader.read()).done);
}

/**
 * @param {import('../types.js').Hints} hints
 * @param {(href: string) => string} resolve
 */
function withResolvedImage(hints, resolve) {
  return { ...hints, image: resolve(hints.image) };
}

/**
 * A page that is no markup: JSON is read as JSON-LD, other text only as text.
 * @param {string} text
 * @param {{ url: string, status: number, isJson: boolean }} options
 * @returns {Page}
 */
export function plainPage(text, { url, status, isJson }) {
  const { hints } = new HintCollector();
  return {
    url,
    status,
    title: '',
    description: '',
    canonical: '',
    lang: '',
    meta: {},
    jsonLd: isJson ? parseJsonLd(text) : [],
    microdata: [],
    links: [],
    navigation: [],
    cards: [],
    next: '',
    hints: isJson ? hints : { ...hints, text: text.slice(0, PAGE_TEXT_CHARS_MAX) },
    selected: {},
  };
}
