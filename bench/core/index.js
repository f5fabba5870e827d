// The benchmark `core`: what the core's decisions cost inside workerd. D1 is not part of it: it answers with
// rows that were recorded.
import { build } from '../../scripts/build.mjs';
import { median, rounded } from '../lib/statistics.js';
import { formatTable } from '../lib/table.js';
import { NAME, startServer } from './server.js';

/**
 * @typedef {import('../../scripts/bench.mjs').BenchOptions} Options
 * @typedef {import('./worker.js').Measured} Measured
 */

/** Samples are long: workerd's clock has whole milliseconds. */
const EFFORT = { warmUpMs: 1000, samples: 15, sampleMs: 100, stagesMs: 2000 };
const QUICK = { warmUpMs: 300, samples: 5, sampleMs: 50, stagesMs: 500 };

/**
 * One run, in a worker of its own.
 * @param {string} folder @param {object} effort
 * @returns {Promise<Record<string, Measured>>}
 */
async function measure(folder, effort) {
  const server = await startServer(folder);
  try {
    const request = { method: 'POST', body: JSON.stringify(effort) };
    const response = await server.getWorker(NAME).fetch('/', request);
    const text = await response.text();
    if (response.status !== 200) throw new Error(text);
    return JSON.parse(text);
  } finally {
    await server.close();
  }
}

/**
 * Medians over all runs, in microseconds per job.
 * @param {Measured[]} runs of one case
 */
function summary(runs) {
  const [first] = runs;
  const middle = (/** @type {(run: Measured) => number} */ of) => rounded(median(runs.map(of)), 2);
  const us = Object.keys(first.us).map((who) => [who, middle((run) => run.us[who] / run.jobs)]);
  const stages = Object.keys(first.stages).map((stage) => [
    stage,
    middle((run) => ((run.stages[stage] ?? 0) * run.us.core) / run.jobs),
  ]);
  return { jobs: first.jobs, us: Object.fromEntries(us), stages: Object.fromEntries(stages) };
}

/** @param {Options} options */
export async function run({ print, runs, quick, folder, only }) {
  await build({ bundles: false });
  /** @type {Record<string, Measured>[]} */
  const all = [];
  for (let n = 1; n <= runs; n++) {
    all.push(await measure(folder, { ...(quick ? QUICK : EFFORT), only }));
    print(`run ${n} of ${runs} is done`);
  }
  const cases = Object.keys(all[0]).map((name) => [name, summary(all.map((one) => one[name]))]);
  return { cases: Object.fromEntries(cases) };
}

/** @param {Record<string, any>} result @returns {string[]} */
export function table({ cases }) {
  /** @type {[string, ReturnType<typeof summary>][]} */
  const all = Object.entries(cases);
  const stages = [...new Set(all.flatMap(([, one]) => Object.keys(one.stages)))];
  return formatTable(
    ['µs per job', 'jobs', 'core', ...stages],
    all.map(([name, one]) => [name, one.jobs, one.us.core, ...stages.map((stage) => one.stages[stage])]),
  );
}
