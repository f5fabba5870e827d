// Who may do what under a secret that each request brings along.
import { authorise } from '../../../shim/http/auth.js';

export default {
  /** @param {Request} request with the headers x-secret, x-scope and authorization */
  async fetch(request) {
    const secret = request.headers.get('x-secret');
    const env = secret === null ? {} : { SLUICE_TOKENS: secret };
    const scope = /** @type {import('../../../shim/http/auth.js').Scope} */ (request.headers.get('x-scope'));
    return new Response(await authorise(request, env, scope));
  },
};
