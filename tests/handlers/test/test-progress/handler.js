/**
 * @param {{ ms: number }} payload how long it runs after its last word
 * @param {import('../../../../scraper/context.js').Context} ctx
 */
export default async ({ ms }, { heartbeat, progress }) => {
  progress(10);
  const told = heartbeat();
  await new Promise((resolve) => setTimeout(resolve, 100));
  progress(20);
  await told;
  await new Promise((resolve) => setTimeout(resolve, ms));
};
