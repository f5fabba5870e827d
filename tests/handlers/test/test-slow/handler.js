/**
 * Waits `ms` milliseconds; rejects when its signal aborts, unless `ignoreAbort` is set.
 *
 * @param {{ ms?: number, ignoreAbort?: boolean }} payload
 * @param {import('../../../../scraper/context.js').Context} ctx
 */
export default async ({ ms = 1000, ignoreAbort = false }, { signal }) => {
  await new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    if (ignoreAbort) return;
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
  return { waitedMs: ms };
};
