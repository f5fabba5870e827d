/**
 * @param {string | ArrayBuffer} data a text is taken as UTF-8
 * @returns {Promise<string>} its SHA-256 in hexadecimal
 */
export async function sha256(data) {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
