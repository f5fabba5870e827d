/** By job type. @type {Record<string, (payload: object, env: import('./jobs.js').Env) => unknown>} */
export const handlers = {
  'bench-noop': () => ({ ok: true }),
};
