// From the bytes of a body to text, chunk by chunk.

import { PRESCAN_BYTES } from '../limits.js';
import { concat } from './body.js';
import { declaredCharset } from './charset.js';

const BEYOND_ASCII = /[^\x00-\x7f]/;

/**
 * Decodes a body in the encoding that it declares. One that declares none is taken for UTF-8 until its first
 * bytes beyond ASCII prove otherwise, then for windows-1252, which is what such pages are in.
 * @param {AsyncIterable<Uint8Array>} chunks
 * @param {string | null} contentType
 * @returns {AsyncGenerator<string, void, void>} never an empty string
 */
export async function* decodeText(chunks, contentType) {
  /** @type {((bytes: Uint8Array, last: boolean) => string) | null} */
  let decode = null;
  /** @type {Uint8Array[]} */
  const held = [];
  let heldBytes = 0;
  for await (const chunk of chunks) {
    let bytes = chunk;
    if (!decode) {
      held.push(chunk);
      heldBytes += chunk.byteLength;
      if (heldBytes < PRESCAN_BYTES) continue;
      bytes = concat(held);
      decode = decoderFor(declaredCharset(bytes, contentType));
    }
    const text = decode(bytes, false);
    if (text !== '') yield text;
  }
  const rest = decode ? new Uint8Array() : concat(held);
  decode ??= decoderFor(declaredCharset(rest, contentType));
  const text = decode(rest, true);
  if (text !== '') yield text;
}

/**
 * @param {string | null} charset
 * @returns {(bytes: Uint8Array, last: boolean) => string}
 */
function decoderFor(charset) {
  if (charset === null) return undeclaredDecoder();
  const decoder = new TextDecoder(charset);
  return (bytes, last) => decoder.decode(bytes, { stream: !last });
}

/**
 * ASCII reads the same in both encodings, so the choice can wait for the first byte beyond it.
 * @returns {(bytes: Uint8Array, last: boolean) => string}
 */
function undeclaredDecoder() {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  /** @type {TextDecoder | null} */
  let chosen = null;
  /** @type {Uint8Array} bytes that the strict decoder keeps back: the start of a character */
  let tail = new Uint8Array();

  return (bytes, last) => {
    if (chosen) return chosen.decode(bytes, { stream: !last });
    try {
      const text = strict.decode(bytes, { stream: !last });
      if (BEYOND_ASCII.test(text)) {
        chosen = new TextDecoder('utf-8');
        chosen.decode(incompleteTail(bytes), { stream: true });
      } else {
        tail = text === '' ? concat([tail, bytes]) : incompleteTail(bytes);
      }
      return text;
    } catch {
      const all = concat([tail, bytes]);
      chosen = new TextDecoder(mostlyUtf8(all) ? 'utf-8' : 'windows-1252');
      return chosen.decode(all, { stream: !last });
    }
  };
}

/**
 * Whether bytes that are not quite UTF-8 hold more characters beyond ASCII than broken ones.
 * @param {Uint8Array} bytes
 */
function mostlyUtf8(bytes) {
  let good = 0;
  let broken = 0;
  for (const character of new TextDecoder('utf-8').decode(bytes)) {
    if (character === '\ufffd') broken += 1;
    else if (character > '\x7f') good += 1;
  }
  return good > broken;
}

/**
 * The bytes of an unfinished UTF-8 character at the end of otherwise valid bytes; up to 3.
 * @param {Uint8Array} bytes
 */
function incompleteTail(bytes) {
  for (let back = 1; back <= Math.min(3, bytes.byteLength); back += 1) {
    const byte = bytes[bytes.byteLength - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? bytes.slice(bytes.byteLength - back) : new Uint8Array();
  }
  return new Uint8Array();
}
