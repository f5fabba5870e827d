// Which part works and which does not.
import { log } from '../log.js';
import { query } from './query.js';

/** @typedef {Record<string, any>} Env */

/** A scraper that answers later than this is not there for whoever asks. */
const PING_MS = 2000;

/**
 * Whether the scraper answers, with a core that runs.
 * @param {Env} env @returns {Promise<'ok' | 'failing'>}
 */
async function scraperStatus(env) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${PING_MS} ms.`)), PING_MS);
  });
  try {
    await Promise.race([env.SCRAPER.ping(), late]);
    return 'ok';
  } catch (error) {
    log(env, 'warn', 'scraper.unreachable', { message: /** @type {Error} */ (error).message });
    return 'failing';
  } finally {
    clearTimeout(timer);
  }
}

/** @param {Env} env @returns {Promise<import('../step.js').Reply>} 200, or 503 without a database */
export async function health(env) {
  return query(env, { kind: 'health', scraper: await scraperStatus(env) });
}
