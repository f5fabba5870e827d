// The minute cron: what is due is moved, then the scraper is told to poll, so that a polled job whose time has come
// starts on the same tick.
import { sweep } from './flows/sweep.js';
import { log } from './log.js';

/** @param {Record<string, any>} env */
export async function tick(env) {
  try {
    await sweep(env);
  } finally {
    await startPoll(env);
  }
}

/**
 * The next tick polls again whatever became of this one.
 * @param {Record<string, any>} env
 */
async function startPoll(env) {
  try {
    await env.SCRAPER.poll();
  } catch (error) {
    log(env, 'warn', 'poll.failed', { message: /** @type {Error} */ (error).message });
  }
}
