import { WorkflowEntrypoint } from 'cloudflare:workers';

/** The platform's own bound of createBatch. */
const BATCH_MAX = 100;

/** Instances that have done their step, in this isolate: there is one only, locally. */
let done = 0;

/** @extends {WorkflowEntrypoint<Env, { n: number }>} */
export class Noop extends WorkflowEntrypoint {
  /** @param {unknown} _event @param {import('cloudflare:workers').WorkflowStep} step */
  async run(_event, step) {
    const result = await step.do('noop', async () => ({ ok: true }));
    done += 1;
    return result;
  }
}

/** @typedef {{ NOOP: Workflow<{ n: number }> }} Env */

/** @param {Request} request @param {Env} env */
async function postBatch(request, env) {
  const { jobs } = /** @type {{ jobs: { payload: { n: number } }[] }} */ (await request.json());
  const instances = jobs.map(({ payload }) => ({ id: `noop-${payload.n}`, params: payload }));
  for (let from = 0; from < instances.length; from += BATCH_MAX)
    await env.NOOP.createBatch(instances.slice(from, from + BATCH_MAX));
  return Response.json({ created: instances.length }, { status: 201 });
}

export default {
  /** @param {Request} request @param {Env} env @returns {Promise<Response>} */
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    switch (`${request.method} ${pathname}`) {
      case 'POST /jobs/batch':
        return postBatch(request, env);
      case 'GET /done':
        return Response.json({ done });
      case 'GET /status': {
        const instance = await env.NOOP.get(`noop-${searchParams.get('n')}`);
        return Response.json(await instance.status());
      }
      case 'GET /health':
        return Response.json({ status: 'healthy' });
      default:
        return Response.json({ error: 'not found' }, { status: 404 });
    }
  },
};
