// The main worker's HTTP interface, as the demo uses it.

/** @typedef {Record<string, any>} Json */

/** An answer that is not what was asked for. */
export class ApiError extends Error {
  /**
   * @param {string} what
   * @param {number} status
   * @param {string} body
   */
  constructor(what, status, body) {
    super(`${what} answered ${status}: ${body.slice(0, 1000)}`);
    this.status = status;
  }
}

/**
 * @param {string} url of the main worker
 * @param {string} token
 */
export function connect(url, token) {
  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<any>} the answer's JSON; throws an ApiError for anything but 2xx
   */
  const call = async (method, path, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) throw new ApiError(`${method} ${path}`, response.status, text);
    return JSON.parse(text);
  };
  return {
    get: (/** @type {string} */ path) => call('GET', path),
    post: (/** @type {string} */ path, /** @type {unknown} */ body) => call('POST', path, body),
  };
}

/** @typedef {ReturnType<typeof connect>} Api */
