/**
 * Waits `ms` milliseconds; rejects when its signal aborts.
 *
 * @param {{ ms?: number }} payload
 * @param {import('../../../../scraper/context.js').Context} ctx
 */
export default async ({ ms = 0 }, { signal }) => {
  await new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
};
