// One worker with D1 and a queue, each step of each job a statement of its own: how a job system on Workers
// is usually begun. The benchmarks compare Sluice with it.
import { handleBatch } from './consumer.js';
import { createJob, getStats } from './jobs.js';

const JOBS_MAX = 1000;

/**
 * @param {unknown} job of a request
 * @returns {import('./jobs.js').JobRequest}
 */
function checked(job) {
  const { type, payload } = /** @type {Record<string, unknown>} */ (Object(job));
  if (typeof type !== 'string' || type === '') throw new TypeError('type must be a string');
  if (typeof payload !== 'object' || payload === null) throw new TypeError('payload must be an object');
  return /** @type {import('./jobs.js').JobRequest} */ (job);
}

/** @param {Request} request @param {import('./jobs.js').Env} env */
async function postJob(request, env) {
  const jobId = await createJob(checked(await request.json()), env);
  return Response.json({ jobId, status: 'pending' }, { status: 201 });
}

/** @param {Request} request @param {import('./jobs.js').Env} env */
async function postBatch(request, env) {
  const { jobs } = /** @type {{ jobs: unknown[] }} */ (await request.json());
  if (!Array.isArray(jobs) || jobs.length > JOBS_MAX) throw new TypeError(`jobs: up to ${JOBS_MAX}`);
  const list = jobs.map(checked);
  // Side by side: one after the other would wait for each round trip.
  const ids = await Promise.all(list.map((job) => createJob(job, env)));
  return Response.json({ jobs: ids.map((jobId) => ({ jobId, status: 'pending' })) }, { status: 201 });
}

/** @param {Request} request @param {import('./jobs.js').Env} env @returns {Promise<Response>} */
async function route(request, env) {
  switch (`${request.method} ${new URL(request.url).pathname}`) {
    case 'POST /jobs':
      return postJob(request, env);
    case 'POST /jobs/batch':
      return postBatch(request, env);
    case 'GET /stats':
      return Response.json(await getStats(env));
    case 'GET /health':
      return Response.json({ status: 'healthy' });
    default:
      return Response.json({ error: 'not found' }, { status: 404 });
  }
}

export default {
  /** @param {Request} request @param {import('./jobs.js').Env} env */
  async fetch(request, env) {
    try {
      return await route(request, env);
    } catch (error) {
      const invalid = error instanceof TypeError || error instanceof SyntaxError;
      const { message } = /** @type {Error} */ (error);
      return Response.json({ error: message }, { status: invalid ? 422 : 500 });
    }
  },

  /** @param {MessageBatch<import('./jobs.js').JobMessage>} batch @param {import('./jobs.js').Env} env */
  queue(batch, env) {
    return handleBatch(batch, env);
  },
};
