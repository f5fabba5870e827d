// What a job costs: round trips and rows from D1's own figures, queue operations, CPU time, and list prices.
import { build } from '../../scripts/build.mjs';
import { sleep } from '../../tests/worker/harness.js';
import { startMeteredBaseline, startMeteredSluice } from '../lib/metered.js';
import { PER_MILLION, PRICES_AS_OF } from '../lib/prices.js';
import { median } from '../lib/statistics.js';
import { formatTable } from '../lib/table.js';
import { bill } from './bill.js';
import { baseline, ours, runBatch } from './cases.js';

/**
 * @typedef {import('../../scripts/bench.mjs').BenchOptions} BenchOptions
 * @typedef {import('../lib/metered.js').RunningSystem} RunningSystem
 * @typedef {import('./bill.js').Bill} Bill
 * @typedef {import('./cases.js').Case} Case
 */

const JOBS = 100;
const BATCHES = 10;
const UPKEEP_JOBS = 1000;

/** Retries that the platform gives a message, by queue (wrangler.jsonc, scraper/wrangler.jsonc). */
const MAX_RETRIES = { 'background-jobs': 3, 'background-jobs-dlq': 100 };

/** A day of 864 ms. */
const SHORT_RETENTION_DAYS = '0.00001';

/**
 * Counts what batches of one kind of job use: after one that warms everything up, so many in each run.
 *
 * @param {RunningSystem} system
 * @param {string} kind
 * @param {Case} one
 * @param {{ runs: number, quick: boolean, table: string }} how table: where the jobs are
 * @returns {Promise<Bill>} its CPU time is the median of the runs
 */
async function measure(system, kind, one, { runs, quick, table }) {
  const batches = quick ? 1 : Math.min(BATCHES, one.batches ?? BATCHES);
  let serial = 0;
  const batch = () => runBatch(system, one, { jobs: JOBS, name: `${kind}-${serial++}`, table });
  await batch();
  await system.metered.takeUsage();
  const cpuMs = [];
  for (let run = 0; run < runs; run++) {
    const before = system.metered.cpuMs();
    for (let n = 0; n < batches; n++) await batch();
    cpuMs.push((system.metered.cpuMs() - before) * runs);
  }
  const jobs = JOBS * batches * runs;
  return bill(await system.metered.takeUsage(), { jobs, cpuMs: median(cpuMs), maxRetries: MAX_RETRIES });
}

/**
 * Measures all kinds: on a system whose queues deliver at once, and, where messages come one by one, on one
 * whose queues wait for more as they do in production, though not so long.
 *
 * @param {Record<string, Case>} cases
 * @param {(batchTimeout: number) => Promise<RunningSystem>} start
 * @param {BenchOptions} options
 * @param {{ table: string, name?: string }} what
 * @returns {Promise<Record<string, Bill>>}
 */
async function measureAll(cases, start, { runs, quick, print }, { table, name = '' }) {
  /** @type {Record<string, Bill>} */
  const bills = {};
  for (const batchTimeout of [0, 1]) {
    const system = await start(batchTimeout);
    try {
      for (const [kind, one] of Object.entries(cases)) {
        if (Number(one.gathers ?? false) !== batchTimeout) continue;
        print(`${name}${kind}: ${one.what}`);
        bills[kind] = await measure(system, kind, one, { runs, quick, table });
      }
    } finally {
      await system.stop();
    }
  }
  return Object.fromEntries(Object.keys(cases).map((kind) => [kind, /** @type {Bill} */ (bills[kind])]));
}

/** @param {BenchOptions} options */
function measureOurs(options) {
  const vars = { POLL_BATCH: String(JOBS), RESEND_AFTER_MS: '900000', LOG_LEVEL: 'info' };
  const start = (/** @type {number} */ batchTimeout) =>
    startMeteredSluice(options.folder, { vars, batchTimeout });
  return measureAll(ours, start, options, { table: 'jobs' });
}

/** @param {BenchOptions} options */
function measureBaseline(options) {
  const start = (/** @type {number} */ batchTimeout) =>
    startMeteredBaseline(options.folder, { batchTimeout });
  return measureAll(baseline, start, options, { table: 'job_queue', name: 'baseline, ' });
}

/**
 * What the minute cron does for each plain job once it is done: the watermark passes it, and retention
 * removes it.
 *
 * @param {BenchOptions} options
 * @returns {Promise<Bill>} of the ticks that it takes
 */
async function measureUpkeep({ folder, quick, print }) {
  print('upkeep: passed by the sweep, removed by retention');
  const vars = { RETENTION_COMPLETED_DAYS: SHORT_RETENTION_DAYS, RESEND_AFTER_MS: '1000', LOG_LEVEL: 'info' };
  const system = await startMeteredSluice(folder, { vars });
  try {
    const jobs = quick ? JOBS : UPKEEP_JOBS;
    await system.tick();
    for (let serial = 0; serial < jobs / JOBS; serial++)
      await runBatch(system, ours.plain, { jobs: JOBS, name: String(serial), table: 'jobs' });
    await sleep(2000);
    await system.metered.takeUsage();
    const before = system.metered.cpuMs();
    const left = () => system.metered.look('SELECT count(*) AS n FROM jobs')[0].n;
    for (let ticks = 0; left() > 0; ticks++) {
      if (ticks === 10) throw new Error(`${left()} of ${jobs} jobs are still there after ${ticks} ticks`);
      await system.tick();
    }
    const cpuMs = system.metered.cpuMs() - before;
    return bill(await system.metered.takeUsage(), { jobs, cpuMs, maxRetries: MAX_RETRIES });
  } finally {
    await system.stop();
  }
}

/**
 * @param {BenchOptions} options
 * @returns {Promise<Record<string, any>>} a bill for each kind of job; `upkeep`: what each plain one costs on
 *   top after its end; `baseline`: the same kinds where each step is a statement
 */
export async function run(options) {
  await build({ test: true, bundles: false });
  const ourBills = await measureOurs(options);
  const upkeep = await measureUpkeep(options);
  return { ...ourBills, upkeep, baseline: await measureBaseline(options) };
}

const COLUMNS = /** @type {const} */ ([
  ['round trips/100', 'round_trips_per_100'],
  ['rows written', 'rows_written_per_job'],
  ['rows read', 'rows_read_per_job'],
  ['queue ops', 'queue_ops_per_job'],
  ['requests', 'requests_per_job'],
  ['CPU ms', 'cpu_ms_per_job'],
  ['of these D1', 'sql_ms_per_job'],
  ['$/million', 'usd_per_million'],
]);

/** @param {Record<string, any>} result */
export function table({ baseline: compared, ...bills }) {
  const row = (/** @type {string} */ name, /** @type {Bill} */ one) => [
    name,
    ...COLUMNS.map(([, field]) => one[field]),
  ];
  const rows = Object.entries(bills).map(([kind, one]) => row(kind, one));
  for (const [kind, one] of Object.entries(compared)) rows.push(row(`baseline, ${kind}`, one));
  const prices = Object.entries(PER_MILLION)
    .filter(([unit]) => !unit.startsWith('class'))
    .map(([unit, price]) => `${unit} $${price}`);
  const means = Object.entries(ours).flatMap(([kind, one]) =>
    (one.means ?? []).map((text) => `${kind}: ${text}`),
  );
  return [
    ...formatTable(['a job, in batches of 100', ...COLUMNS.map(([title]) => title)], rows),
    '',
    `A million of each at list prices of ${PRICES_AS_OF}: ${prices.join(', ')}.`,
    'requests: HTTP requests, delivered batches and crons.',
    'CPU ms: all that workerd computes, D1, queues and the counting too: more than a Worker is billed.',
    'upkeep: what each plain job costs on top once it is done: the sweep passes it, retention removes it.',
    ...means,
  ];
}
