import { FatalError, RetryableError } from '../../../../scraper/errors.js';

/**
 * Throws until it has failed `failures` times: a FatalError where `fatal` is set, else a RetryableError.
 *
 * @param {{ failures?: number, fatal?: boolean, retryAfterMs?: number, message?: string }} payload
 * @param {import('../../../../scraper/context.js').Context} ctx
 */
export default async (payload, ctx) => {
  const { failures = 1, fatal, retryAfterMs, message = 'failing as told' } = payload;
  const { attempt } = ctx.job;
  if (attempt > failures) return { ok: true, attempt };
  if (fatal) throw new FatalError('told_to_fail', message);
  throw new RetryableError('told_to_fail', message, { retryAfterMs });
};
