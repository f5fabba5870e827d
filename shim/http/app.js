// HTTP: authorises, reads the body, calls the route's flow and answers with what it says.
import { Hono } from 'hono';
import { log } from '../log.js';
import { authorise } from './auth.js';
import { readBody } from './body.js';
import { jsonResponse, problemAt } from './problem.js';
import { routes } from './routes.js';

/** @typedef {import('./routes.js').Route} Route */
/** @typedef {import('hono').Context<{ Bindings: Record<string, any> }>} Context */

/**
 * @param {Context} c
 * @param {Route} route
 * @returns {Promise<Response | undefined>} the refusal, if any (RFC 6750 names its challenges)
 */
async function refusal(c, { scope, path }) {
  const problem = problemAt(path);
  if (!scope) return undefined;
  const verdict = await authorise(c.req.raw, c.env, scope);
  if (verdict === 'allowed') return undefined;
  if (verdict === 'unknown') {
    const challenge = { 'www-authenticate': 'Bearer realm="sluice"' };
    return problem(401, 'A valid bearer token is needed.', challenge);
  }
  const challenge = `Bearer realm="sluice", error="insufficient_scope", scope="${scope}"`;
  return problem(403, `The token needs the scope ${scope}.`, { 'www-authenticate': challenge });
}

/**
 * @param {Route} route
 * @param {import('../step.js').Reply} reply
 */
function respond(route, reply) {
  /** @type {Record<string, string>} */
  const headers = {};
  if (route.contentType) headers['content-type'] = route.contentType;
  if (reply.retryAfter) headers['retry-after'] = String(reply.retryAfter);
  if (route.locate && reply.status === 201) headers.location = `/jobs/${JSON.parse(reply.body).jobId}`;
  return jsonResponse(reply.status, reply.body, headers);
}

/** @param {Route} route */
function handler(route) {
  return async (/** @type {Context} */ c) => {
    const refused = await refusal(c, route);
    if (refused) return refused;
    let body = new Uint8Array();
    if (route.bodyMax) {
      const read = await readBody(c.req.raw, route.bodyMax);
      if (!read) return problemAt(route.path)(413, `The body is larger than ${route.bodyMax} bytes.`);
      body = read;
    }
    const key = c.req.header('idempotency-key');
    const id = c.req.param('id') ?? '';
    return respond(route, await route.answer({ env: c.env, id, filter: c.req.query(), body, key }));
  };
}

/**
 * Answers the methods that a path has no route for: OPTIONS tells those that it has.
 * @param {string} path
 */
function otherMethods(path) {
  const methods = routes.filter((route) => route.path === path).map((route) => route.method);
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  return (/** @type {Context} */ c) => {
    if (c.req.method === 'OPTIONS') return new Response(null, { status: 204, headers: { allow } });
    return problemAt(path)(405, `${c.req.method} is not possible here; allowed: ${allow}.`, { allow });
  };
}

function makeApp() {
  /** @type {Hono<{ Bindings: Record<string, any> }>} */
  const app = new Hono();
  for (const route of routes) app.on(route.method, route.path, handler(route));
  for (const path of new Set(routes.map((route) => route.path))) app.all(path, otherMethods(path));
  app.notFound((c) => problemAt(c.req.path)(404, 'There is nothing at this address.'));
  app.onError((error, c) => {
    const { method, path } = c.req;
    log(c.env, 'error', 'http.failed', { method, path, message: error.message, stack: error.stack });
    return problemAt(path)(500, 'Something went wrong here; it has been logged.');
  });
  return app;
}

export const app = makeApp();
