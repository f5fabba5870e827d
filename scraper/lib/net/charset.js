// Which encoding a page is in: byte order mark, then Content-Type, then the page's own declaration in its
// first 1,024 bytes (WHATWG HTML Standard, "determining the character encoding").

import { PRESCAN_BYTES } from '../limits.js';

/**
 * The encoding that the first bytes and the header name, as the Encoding Standard calls it, or null when
 * neither does.
 * @param {Uint8Array} start the first bytes, PRESCAN_BYTES unless the body is shorter
 * @param {string | null} contentType
 * @returns {string | null}
 */
export function declaredCharset(start, contentType) {
  return byteOrderMark(start) ?? known(charsetParameter(contentType)) ?? pageDeclaration(start);
}

/** @param {Uint8Array} start */
function byteOrderMark(start) {
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return 'utf-8';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  return null;
}

/**
 * The charset parameter of a Content-Type, or of the content of a meta http-equiv.
 * @param {string | null} contentType
 * @returns {string}
 */
function charsetParameter(contentType) {
  const match = /charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))/i.exec(contentType ?? '');
  return match?.[1] ?? match?.[2] ?? match?.[3] ?? '';
}

/**
 * The encoding's own name for a label, or null for a label that nobody knows.
 * @param {string} label
 * @returns {string | null}
 */
function known(label) {
  if (label === '') return null;
  try {
    return new TextDecoder(label.trim()).encoding;
  } catch {
    return null;
  }
}

/**
 * @param {Uint8Array} start
 * @returns {string | null}
 */
function pageDeclaration(start) {
  const text = new TextDecoder('windows-1252').decode(start.subarray(0, PRESCAN_BYTES));
  const markup = text.replace(/<!--[\s\S]*?(?:-->|$)/g, '');
  const xml = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']+)["']/.exec(markup);
  for (const [, attributes = ''] of markup.matchAll(/<meta[\s/]([^>]*)/gi)) {
    const charset = known(metaCharset(attributes));
    if (charset) return readable(charset);
  }
  return xml ? readable(known(xml[1] ?? '')) : null;
}

/**
 * @param {string} attributes the inside of a meta tag
 * @returns {string}
 */
function metaCharset(attributes) {
  /** @type {Map<string, string>} */
  const values = new Map();
  for (const match of attributes.matchAll(/([^\s=/"'>]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g)) {
    const name = (match[1] ?? '').toLowerCase();
    if (!values.has(name)) values.set(name, match[2] ?? match[3] ?? match[4] ?? '');
  }
  const charset = values.get('charset');
  if (charset !== undefined) return charset;
  const isContentType = values.get('http-equiv')?.toLowerCase() === 'content-type';
  return isContentType ? charsetParameter(values.get('content') ?? null) : '';
}

/**
 * A declaration that could be read as ASCII cannot be true when it says UTF-16; the standard takes
 * UTF-8 then.
 * @param {string | null} charset
 */
function readable(charset) {
  if (charset === 'utf-16le' || charset === 'utf-16be') return 'utf-8';
  return charset === 'x-user-defined' ? 'windows-1252' : charset;
}
