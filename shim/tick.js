// The crons. Each minute what is due is moved, schedules whose time has come are run, then the scraper is
// told to poll, so that a polled job whose time has come starts on the same tick. Other crons let a producer
// enqueue what it finds.
import { runSchedules } from './flows/schedules.js';
import { sweep } from './flows/sweep.js';
import { log } from './log.js';

/**
 * Crons that begin a producer; those of outreach are opt-in (wrangler.jsonc).
 * @type {Record<string, string>}
 */
const PRODUCERS = {
  '*/5 8-18 * * 1-6': 'mail',
  '*/15 8-18 * * 1-6': 'enrichment',
  '17 3 * * *': 'cleanup',
};

/** Not a time: what ends a local system sends it first; nothing else reaches both workers from outside. */
const STOP = 'stop';

/**
 * @param {Record<string, any>} env
 * @param {string} cron as wrangler.jsonc has it
 */
export async function onCron(env, cron) {
  if (cron === STOP) return env.SCRAPER.stop();
  const producer = PRODUCERS[cron];
  if (producer) await env.SCRAPER.produce(producer);
  else await tick(env);
}

/** None of the three waits for another's success. @param {Record<string, any>} env */
async function tick(env) {
  let ticks = true;
  try {
    ticks = await sweep(env);
  } finally {
    try {
      if (ticks) await runSchedules(env);
    } finally {
      await startPoll(env);
    }
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
