// Texts that are bound: JSON put together by hand where parts of it are JSON already.
import { PARAM_BYTES_MAX } from './limits.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** UTF-8 bytes of a text. */
export const byteLength = (text: string): number => encoder.encode(text).length;

/** A JSON string, or null for what is not there. */
export const quoted = (text: string | undefined): string => (text ? JSON.stringify(text) : 'null');

/** Rows of JSON in arrays that D1 takes. */
export function arraysOf(rows: readonly string[]): string[] {
  const arrays: string[] = [];
  let first = 0;
  let size = 0;
  for (let n = 0; n < rows.length; n++) {
    const { length } = rows[n] ?? '';
    // A text has at most three bytes for each of its units.
    if (size > 0 && (size + length) * 3 > PARAM_BYTES_MAX) {
      arrays.push(`[${rows.slice(first, n).join(',')}]`);
      first = n;
      size = 0;
    }
    size += length + 1;
  }
  if (rows.length > first) arrays.push(`[${rows.slice(first).join(',')}]`);
  return arrays;
}

/** At most so many UTF-8 bytes of a text, cut at a character's start. */
export function cut(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  const encoded = encoder.encode(text);
  if (encoded.length <= bytes) return text;
  let end = bytes;
  while (end > 0 && ((encoded[end] ?? 0) & 0xc0) === 0x80) end--;
  return decoder.decode(encoded.subarray(0, end));
}
