// Reading a response body with a limit on its size.

import { FatalError } from '../../errors.js';

/**
 * The body's chunks as they arrive, decompressed. The size that Content-Length announces is judged first, so
 * that a huge file costs nothing.
 * @param {Response} response
 * @param {number} maxBytes
 * @returns {AsyncGenerator<Uint8Array, void, void>}
 * @throws {FatalError} too_large
 */
export async function* limitedChunks(response, maxBytes) {
  if (!response.body) return;
  const announced = Number(response.headers.get('content-length'));
  if (announced > maxBytes) {
    await response.body.cancel();
    throw tooLarge(maxBytes);
  }
  const reader = response.body.getReader();
  let total = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      total += value.byteLength;
      if (total > maxBytes) throw tooLarge(maxBytes);
      yield value;
    }
  } finally {
    // Without this an early end (too large, a consumer that stopped) would leave the connection open.
    await reader.cancel().catch(() => undefined);
  }
}

/** @param {number} maxBytes */
function tooLarge(maxBytes) {
  return new FatalError('too_large', `the body is larger than ${maxBytes} bytes`);
}

/**
 * The first `maxBytes` of a body; what follows is not read.
 * @param {Response} response
 * @param {number} maxBytes
 * @returns {Promise<Uint8Array>}
 */
export async function firstBytes(response, maxBytes) {
  if (!response.body) return new Uint8Array();
  const reader = response.body.getReader();
  /** @type {Uint8Array[]} */
  const chunks = [];
  let total = 0;
  try {
    while (total < maxBytes) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value.subarray(0, maxBytes - total));
      total += value.byteLength;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  return concat(chunks);
}

/**
 * @param {Uint8Array[]} chunks
 * @returns {Uint8Array}
 */
export function concat(chunks) {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
