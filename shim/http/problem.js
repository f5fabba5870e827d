// Answers that the shims give by themselves: problem documents (RFC 9457) as the core writes them.

/** Answers tell of one moment, and hold what a token gave access to. */
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** @type {Record<number, string>} */
const TITLES = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  500: 'Internal Server Error',
};

/**
 * @param {number} status
 * @param {string} body JSON text
 * @param {Record<string, string>} [headers]
 * @returns {Response} with the content type of a problem for a status of 400 and over
 */
export function jsonResponse(status, body, headers = {}) {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  return new Response(body, { status, headers: { ...HEADERS, 'content-type': type, ...headers } });
}

/** Error codes of the compatibility layer for what the shims decide. @type {Record<number, string>} */
const COMPAT_CODES = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'too_large',
  500: 'internal',
};

/**
 * @param {number} status one of those that the shims decide
 * @param {string} message one sentence for the caller
 * @param {Record<string, string>} [headers]
 * @returns {Response} as the compatibility layer words it (wasm/core/compat.h)
 */
function compatProblem(status, message, headers) {
  const error = { code: COMPAT_CODES[status], message, errors: [] };
  const body = JSON.stringify({ success: false, error });
  return jsonResponse(status, body, { ...headers, 'content-type': 'application/json' });
}

/** @param {string} path @returns {typeof problem} how answers at this address word what went wrong */
export const problemAt = (path) => (path.startsWith('/api/queue/') ? compatProblem : problem);

/**
 * @param {number} status one of those that the shims decide: 401, 403, 404, 405, 413, 500
 * @param {string} detail one sentence for the caller
 * @param {Record<string, string>} [headers]
 */
export function problem(status, detail, headers = {}) {
  const body = JSON.stringify({ type: 'about:blank', title: TITLES[status], status, detail });
  return jsonResponse(status, body, headers);
}
