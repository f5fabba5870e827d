/** @typedef {import('../../../../scraper/locks.js').LockOptions} LockOptions */

/**
 * @param {{ key: string, holdMs: number, keep?: boolean, options?: LockOptions }} payload
 * @param {import('../../../../scraper/context.js').Context} ctx
 */
export default async ({ key, holdMs, keep = false, options }, ctx) => {
  const value = await ctx.acquireLock(key, options);
  const from = Date.now();
  await new Promise((resolve) => setTimeout(resolve, holdMs));
  const until = Date.now();
  if (value !== null && !keep) await ctx.releaseLock(key, value);
  return { value, from, until };
};
