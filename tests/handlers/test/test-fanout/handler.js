/**
 * @param {{ jobs: Record<string, unknown>[] }} payload
 * @param {import('../../../../scraper/context.js').Context} ctx
 */
export default async ({ jobs }, { enqueue }) => ({ jobIds: await enqueue(jobs) });
