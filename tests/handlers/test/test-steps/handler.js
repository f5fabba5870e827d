/**
 * @param {{ data: unknown }} payload
 * @param {import('../../../../scraper/context.js').Context} ctx
 */
export default async ({ data }, { job, checkpointed, checkpoint, progress }) => {
  if (checkpointed !== undefined) return { checkpointed, attempt: job.attempt };
  progress(40);
  await checkpoint(data);
  throw new Error('failing after the checkpoint');
};
