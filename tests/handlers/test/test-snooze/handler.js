import { SnoozeError } from '../../../../scraper/errors.js';

/**
 * @param {{ times?: number, delayMs?: number }} payload
 * @param {import('../../../../scraper/context.js').Context} ctx
 */
export default async ({ times = 1, delayMs = 1000 }, { job, checkpointed = 0, checkpoint }) => {
  if (checkpointed === times) return { snoozed: times, attempt: job.attempt };
  await checkpoint(checkpointed + 1);
  throw new SnoozeError('not_yet', 'Not yet.', { delayMs });
};
