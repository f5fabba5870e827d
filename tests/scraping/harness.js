// The handlers in a real workerd, and real sites for them on 127.0.0.1.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * @typedef {{ name: string, code: string, message: string, retryAfterMs?: number, delayMs?: number }} Failure
 */

/**
 * @typedef {object} Outcome
 * @property {any} [result]
 * @property {Failure} [error]
 * @property {number[]} progress
 * @property {any[]} checkpoints
 * @property {any[]} enqueued
 */

/**
 * Starts workerd with the handlers. `run` gives a handler a payload, `runAll` several
 * at once in one invocation.
 */
export async function startHandlers() {
  const bundle = await build({
    entryPoints: [`${here}/worker.js`],
    bundle: true,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    write: false,
    logLevel: 'error',
  });
  const contents = bundle.outputFiles[0]?.text ?? '';
  const miniflare = new Miniflare({
    workers: [
      {
        config: {
          name: 'handlers',
          compatibilityDate: '2026-11-01',
          manifest: { mainModule: 'worker.js', modules: { 'worker.js': { type: 'esm', contents } } },
        },
      },
    ],
  });
  await miniflare.ready;

  /**
   * @param {object[]} tasks
   * @returns {Promise<Outcome[]>}
   */
  const runAll = async (tasks) => {
    const defaults = { env: { HOST_DELAY_MS: '0', ALLOW_PRIVATE_HOSTS: 'true' } };
    const body = JSON.stringify(tasks.map((task) => ({ ...defaults, ...task })));
    const response = await miniflare.dispatchFetch('http://handlers/', { method: 'POST', body });
    return /** @type {Promise<Outcome[]>} */ (response.json());
  };
  return {
    runAll,
    /**
     * @param {string} type
     * @param {object} payload
     * @param {object} [more]
     * @returns {Promise<Outcome>}
     */
    run: async (type, payload, more = {}) => {
      const [outcome] = await runAll([{ type, payload, ...more }]);
      if (!outcome) throw new Error('no outcome');
      return outcome;
    },
    dispose: () => miniflare.dispose(),
  };
}

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:http').ServerResponse} Response */
/** @typedef {{ status?: number, headers?: Record<string, string>, body?: string | Buffer }} Answer */
/** @typedef {string | Buffer | Answer | ((request: Request, response: Response) => void)} Route */

/**
 * Serves routes by path and query on a free port; anything else, robots.txt included, is 404.
 * @param {Record<string, Route>} routes
 */
export async function startSite(routes) {
  /** @type {{ path: string, at: number, headers: import('node:http').IncomingHttpHeaders }[]} */
  const requests = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push({ path, at: Date.now(), headers: request.headers });
    answer(routes[path], request, response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    requests,
    routes,
    /** @param {string} path */
    count: (path) => requests.filter((request) => request.path === path).length,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * @param {Route | undefined} route
 * @param {Request} request
 * @param {Response} response
 */
function answer(route, request, response) {
  if (typeof route === 'function') {
    route(request, response);
    return;
  }
  const { status = 200, headers = {}, body = '' } = asAnswer(route);
  response.writeHead(status, { 'content-type': 'text/html', ...headers });
  response.end(body);
}

/**
 * @param {string | Buffer | Answer | undefined} route
 * @returns {Answer}
 */
function asAnswer(route) {
  if (route === undefined) return { status: 404 };
  if (typeof route === 'string') return { body: route };
  return Buffer.isBuffer(route) ? { body: /** @type {Buffer} */ (route) } : /** @type {Answer} */ (route);
}

/**
 * A fixture's bytes as they are on disk.
 * @param {string} name
 */
export function fixture(name) {
  return readFileSync(`${here}/fixtures/${name}`);
}
