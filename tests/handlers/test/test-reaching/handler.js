import { RetryableError } from '../../../../scraper/errors.js';

/** @param {{ down?: boolean }} payload */
export default async ({ down }) => {
  if (down) throw new RetryableError('down', 'It is down.', { breaker: true });
};
