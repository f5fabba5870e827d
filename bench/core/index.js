// The benchmark `core`: what its decisions cost inside workerd, and what the same ones cost in plain
// TypeScript (bench/typescript). D1 is not part of it: it answers with rows that were recorded, and nothing
// is timed before both have decided the same from them.
import path from 'node:path';
import { build } from '../../scripts/build.mjs';
import { root, runOrThrow } from '../../scripts/tools.mjs';
import { installPeers } from '../lib/peers.js';
import { median, rounded } from '../lib/statistics.js';
import { formatTable } from '../lib/table.js';
import { NAME, startServer } from './server.js';

/**
 * @typedef {import('../../scripts/bench.mjs').BenchOptions} Options
 * @typedef {import('./bench.js').Benched} Benched
 * @typedef {import('./bench.js').Measured} Measured
 */

/** Samples are long: workerd's clock has whole milliseconds. */
const EFFORT = { warmUpMs: 1000, samples: 15, sampleMs: 100, stagesMs: 2000 };
const QUICK = { warmUpMs: 200, samples: 3, sampleMs: 40, stagesMs: 300 };
/** Differences that are shown. */
const SHOWN = 10;

/** Builds what is compared, and makes sure that it is typed. */
async function prepare() {
  await build({ bundles: false });
  await installPeers();
  for (const folder of ['bench/typescript', 'bench/core']) {
    await runOrThrow('tsc', ['--pretty', 'false', '-p', path.join(root, folder)]);
  }
}

/**
 * One run, in a worker of its own.
 * @param {string} folder @param {object} wish
 * @returns {Promise<Benched>}
 */
async function measure(folder, wish) {
  const server = await startServer(folder);
  try {
    const request = { method: 'POST', body: JSON.stringify(wish) };
    const response = await server.getWorker(NAME).fetch('/', request);
    const text = await response.text();
    if (response.status !== 200) throw new Error(text);
    return JSON.parse(text);
  } finally {
    await server.close();
  }
}

/** @param {Benched} benched */
function assertAlike({ differences, compared }) {
  if (differences.length === 0) return;
  const shown = differences.slice(0, SHOWN).join('\n');
  throw new Error(`${differences.length} of ${compared} calls come out differently:\n${shown}`);
}

/**
 * Medians over all runs, in microseconds per job.
 * @param {Measured[]} runs of one case
 */
function summary(runs) {
  const [first] = runs;
  const middle = (/** @type {(run: Measured) => number} */ of) => rounded(median(runs.map(of)), 2);
  const stages = Object.keys(first.stages).map((stage) => [
    stage,
    middle((run) => ((run.stages[stage] ?? 0) * run.us.core) / run.jobs),
  ]);
  return {
    jobs: first.jobs,
    us: middle((run) => run.us.core / run.jobs),
    ts_us: middle((run) => run.us.typescript / run.jobs),
    stages: Object.fromEntries(stages),
  };
}

/** @param {Options} options `only`: names of cases (plain.js) */
export async function run({ print, runs, quick, folder, only }) {
  await prepare();
  /** @type {Benched[]} */
  const all = [];
  for (let n = 1; n <= runs; n++) {
    const benched = await measure(folder, { ...(quick ? QUICK : EFFORT), only });
    assertAlike(benched);
    all.push(benched);
    print(`run ${n} of ${runs}: ${benched.compared} calls decided alike, and timed`);
  }
  const [{ cases: first, compared }] = all;
  /** @type {Record<string, any>} */
  const out = { compared };
  for (const flow of Object.keys(first)) {
    const { us, ts_us, stages, jobs } = summary(all.map(({ cases }) => cases[flow]));
    Object.assign(out, { [`${flow}_us`]: us, [`ts_${flow}_us`]: ts_us });
    out.stages = { ...out.stages, [flow]: stages };
    out.jobs = { ...out.jobs, [flow]: jobs };
  }
  return out;
}

/** @param {Record<string, any>} result @returns {string[]} */
export function table(result) {
  /** @type {[string, number][]} */
  const flows = Object.entries(result.jobs);
  const stages = [...new Set(flows.flatMap(([flow]) => Object.keys(result.stages[flow])))];
  const rows = flows.map(([flow, jobs]) => [
    flow,
    jobs,
    result[`${flow}_us`],
    result[`ts_${flow}_us`],
    ...stages.map((stage) => result.stages[flow][stage]),
  ]);
  return formatTable(['µs per job', 'jobs', 'core', 'TypeScript', ...stages], rows);
}
