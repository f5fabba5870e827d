// A worker of somebody else, bound to the main worker's RPC: does the call that a request names.

/** @typedef {import('../../../types/index.js').QueueService} QueueService */
/** @typedef {import('../../../types/index.js').QueueBinding} QueueBinding */
/** @typedef {{ QUEUE: QueueBinding, QUEUE_BY_DEFAULT: Service<QueueService> }} Env */

/** @param {any} error */
function seen(error) {
  const { name, message } = error;
  return { name, message, own: { ...error }, isError: error instanceof Error };
}

export default {
  /**
   * @param {Request} request with {binding, method, args} as JavaScript
   * @param {Env} env
   */
  async fetch(request, env) {
    const { binding, method, args } = /** @type {any} */ (await request.json());
    const service = /** @type {any} */ (env)[binding];
    try {
      return Response.json({ value: await service[method](...args) });
    } catch (error) {
      return Response.json({ error: seen(error) });
    }
  },

  /**
   * As a caller's own code would read, so that the type checker compares it with the published types.
   * @param {ScheduledController} _controller
   * @param {Env} env
   */
  async scheduled(_controller, env) {
    const payload = { deep: { er: [1] } };
    const jobId = await env.QUEUE.enqueue({ type: 'test-noop', payload, tags: ['from-the-caller'] });
    const job = await env.QUEUE_BY_DEFAULT.getJob(jobId);
    const { jobs } = await env.QUEUE.listJobsPage({ tag: 'from-the-caller', limit: 1 });
    const [same] = jobs;
    if (job?.jobId !== same?.jobId || same?.payload.deep.er[0] !== 1)
      throw new Error('It is not the same job.');
  },
};
