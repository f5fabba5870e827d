// What is compared, by its name in the figures.
import { startBaseline } from './systems/baseline.js';
import { startBullmq } from './systems/bullmq.js';
import { startPgboss } from './systems/pgboss.js';
import { startSluice } from './systems/sluice.js';
import { startWorkflows } from './systems/workflows.js';

/**
 * @typedef {object} Place
 * @property {string} folder an empty folder for whatever it keeps on disk
 * @property {(line: string) => void} print
 */

/**
 * @typedef {object} Running
 * @property {(from: number, count: number) => Promise<void>} enqueue that many no-op jobs at once, numbered
 *   from `from` on; at most BULK of them
 * @property {(total: number) => boolean | Promise<boolean>} finished whether that many jobs have been done
 *   since the start; asked often, so that it must cost the system next to nothing
 * @property {(total: number) => Promise<void>} verify throws unless the system itself says so, job for job
 * @property {() => Promise<void>} stop
 */

/**
 * @typedef {object} System
 * @property {string} title for people
 * @property {number} jobs of a round: fewer for slow ones, since jobs per second is what counts
 * @property {(place: Place) => Promise<Running>} start
 */

/** Jobs of one call. */
export const BULK = 1000;

/** @type {Record<string, System>} */
export const systems = {
  sluice: { title: 'Sluice', jobs: 10_000, start: startSluice },
  baseline: { title: 'one statement a step, same platform', jobs: 1000, start: startBaseline },
  bullmq: {
    title: 'BullMQ, Redis in memory only',
    jobs: 10_000,
    start: (place) => startBullmq(place, { durable: false }),
  },
  bullmq_aof: {
    title: 'BullMQ, Redis appending each second',
    jobs: 10_000,
    start: (place) => startBullmq(place, { durable: true }),
  },
  workflows: { title: 'Cloudflare Workflows, one step', jobs: 500, start: startWorkflows },
  pgboss: { title: 'pg-boss, PostgreSQL', jobs: 10_000, start: startPgboss },
};
