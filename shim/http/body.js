// Request bodies: whole, untouched, and never more of them in memory than is allowed.

/**
 * Reads a request's body. Reading stops at the first byte over the limit; a declared length over it is
 * refused before any byte is read.
 *
 * @param {Request} request
 * @param {number} bytesMax
 * @returns {Promise<Uint8Array<ArrayBuffer> | undefined>} undefined: the body is longer than `bytesMax`
 */
export async function readBody(request, bytesMax) {
  if (Number(request.headers.get('content-length')) > bytesMax) {
    await request.body?.cancel();
    return undefined;
  }
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const chunks = [];
  let size = 0;
  // Leaving the loop early cancels the stream.
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return join(chunks, size);
}

/**
 * @param {Uint8Array<ArrayBuffer>[]} chunks
 * @param {number} size of all of them, in bytes
 */
function join(chunks, size) {
  if (chunks.length === 1) return chunks[0];
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
