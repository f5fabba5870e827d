// No-op jobs from the first enqueue to the last completion, through Sluice and what it is compared with.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../scripts/tools.mjs';
import { median, rounded } from '../lib/statistics.js';
import { formatTable } from '../lib/table.js';
import { BULK, systems } from './systems.js';

/** @typedef {import('../../scripts/bench.mjs').BenchOptions} BenchOptions */
/** @typedef {import('./systems.js').Running} Running */

/** Of a round's jobs, done before the first one is timed: compilers are at work then. */
const WARM_UP = 0.1;
const QUICK_JOBS = 200;
const POLL_MS = 20;
const ROUND_MS = 600_000;

/** @param {number} ms @returns {Promise<void>} */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One system, started, and what it has done so far. */
class Contestant {
  /** @type {number[]} jobs per second of each round */
  figures = [];
  /** Jobs since its start. */
  #total = 0;

  /** @param {string} name @param {number} jobs of a round @param {Running} running */
  constructor(name, jobs, running) {
    this.name = name;
    this.jobs = jobs;
    this.running = running;
  }

  /**
   * Enqueues jobs in bulk, one call after the other, and waits until the last of them is done.
   *
   * @param {number} count
   * @returns {Promise<{ enqueuedMs: number, ms: number }>} until all were enqueued, and until all were done
   */
  async go(count) {
    const began = performance.now();
    for (let from = 0; from < count; from += BULK)
      await this.running.enqueue(this.#total + from, Math.min(BULK, count - from));
    const enqueuedMs = performance.now() - began;
    this.#total += count;
    while (!(await this.running.finished(this.#total))) {
      if (performance.now() - began > ROUND_MS)
        throw new UserError(`${this.name}: ${count} jobs are not done after ${ROUND_MS / 1000} s`);
      await sleep(POLL_MS);
    }
    const ms = performance.now() - began;
    await this.running.verify(this.#total);
    return { enqueuedMs, ms };
  }

  /** @returns {Promise<string>} what it came to, in words */
  async round() {
    const { enqueuedMs, ms } = await this.go(this.jobs);
    const rate = rounded((this.jobs / ms) * 1000, 1);
    this.figures.push(rate);
    const times = `enqueued after ${rounded(enqueuedMs)} ms, done after ${rounded(ms)} ms`;
    return `${this.name} ${rate} jobs/s (${times})`;
  }
}

/**
 * Starts a system in a folder of its own.
 *
 * @param {string} name
 * @param {BenchOptions} options
 */
async function enter(name, { folder, print, quick }) {
  const { title, jobs, start } = systems[name];
  print(`${name}: ${title}`);
  const place = path.join(folder, name);
  mkdirSync(place);
  return new Contestant(name, quick ? QUICK_JOBS : jobs, await start({ folder: place, print }));
}

/**
 * @param {BenchOptions} options only: names of `systems`
 * @returns {Promise<Record<string, any>>}
 */
export async function run(options) {
  const names = options.only.length > 0 ? options.only : Object.keys(systems);
  const unknown = names.filter((name) => !Object.hasOwn(systems, name));
  if (unknown.length > 0) throw new UserError(`e2e has ${Object.keys(systems).join(', ')}`);
  /** @type {Contestant[]} */
  const contestants = [];
  try {
    for (const name of names) contestants.push(await enter(name, options));
    for (const contestant of contestants) await contestant.go(Math.ceil(contestant.jobs * WARM_UP));
    // In turn, so that whatever the machine does meanwhile strikes all alike.
    for (let round = 1; round <= options.runs; round++) {
      for (const contestant of contestants)
        options.print(`round ${round} of ${options.runs}: ${await contestant.round()}`);
    }
  } finally {
    await Promise.allSettled(contestants.map(({ running }) => running.stop()));
  }
  return resultOf(contestants);
}

/** @param {Contestant[]} contestants */
function resultOf(contestants) {
  const each = (/** @type {(contestant: Contestant) => [string, unknown]} */ entry) =>
    Object.fromEntries(contestants.map(entry));
  return {
    ...each(({ name, figures }) => [`${name}_jobs_per_s`, median(figures)]),
    jobs: each(({ name, jobs }) => [name, jobs]),
    runs: each(({ name, figures }) => [name, figures]),
  };
}

/** @param {Record<string, any>} result of `run` @returns {string[]} */
export function table(result) {
  const own = result.sluice_jobs_per_s;
  const rows = Object.keys(result.jobs).map((name) => {
    const rate = result[`${name}_jobs_per_s`];
    const figures = result.runs[name];
    const ratio = own === undefined ? undefined : own / rate;
    return [systems[name].title, result.jobs[name], rate, Math.min(...figures), Math.max(...figures), ratio];
  });
  return formatTable(['no-op jobs, enqueue to done', 'jobs', 'jobs/s', 'min', 'max', 'Sluice is ×'], rows);
}
