// What the number of jobs that are kept changes: nothing, or rows read would grow with it.
import { build } from '../../scripts/build.mjs';
import { rounded } from '../lib/statistics.js';
import { figure, formatTable } from '../lib/table.js';
import { growthOf, measureGrowth } from './growth.js';
import { BATCH } from './operations.js';

/** Rows read may differ by so much between the smallest and the largest size. */
const FLAT = 0.1;

/** What each operation is. @type {Record<string, string>} */
const meanings = {
  enqueue: `POST /jobs/batch with ${BATCH} jobs`,
  claim: `a delivered batch of ${BATCH} jobs: leased`,
  settle: 'the same: completed',
  sweep: `a minute: ${BATCH} finished jobs pass the watermark, ${BATCH} others are removed`,
  list: 'GET /jobs?limit=50',
  list_deep: 'the same, a day back',
  list_failed: 'GET /jobs?status=failed&limit=50',
  dead_letters: 'GET /dead-letters?limit=50',
  stats: 'GET /stats',
  health: 'GET /queue/health',
};

/**
 * @param {import('../../scripts/bench.mjs').BenchOptions} options
 * @returns {Promise<Record<string, any>>} figures of each operation by size; `growth`: rows read at the last
 *   size per row at the first; `bytes_per_job`: of a finished job in D1
 */
export async function run({ runs, quick, folder, print }) {
  await build({ test: true, bundles: false });
  const sizes = quick ? [1e3, 1e4] : [1e3, 1e4, 1e5, 1e6];
  const { operations, bytes } = await measureGrowth({ sizes, rounds: quick ? 1 : runs * 3, folder, print });
  const growth = Object.entries(operations).map(([name, figures]) => [name, rounded(growthOf(figures), 3)]);
  const [few, many] = [sizes[0] ?? 0, sizes.at(-1) ?? 0];
  const bytesPerJob = ((bytes.at(-1) ?? 0) - (bytes[0] ?? 0)) / (many - few);
  return { sizes, ...operations, growth: Object.fromEntries(growth), bytes_per_job: Math.round(bytesPerJob) };
}

/** @param {Record<string, any>} result */
export function table(result) {
  const { sizes, growth } = result;
  const names = Object.keys(meanings).filter((name) => result[name]);
  const header = ['rows read (ms)', ...sizes.map(figure), 'growth'];
  const rows = names.map((name) => [
    name,
    ...result[name].map((/** @type {any} */ { rows_read: rows, ms }) => `${figure(rows)} (${figure(ms)})`),
    growth[name].toFixed(3),
  ]);
  const steep = names.filter((name) => Math.abs(growth[name] - 1) > FLAT);
  return [
    ...formatTable(header, rows),
    '',
    'At so many finished jobs in D1; ms: of D1 itself.',
    ...names.map((name) => `${name}: ${meanings[name]}`),
    `${result.bytes_per_job} bytes a finished job.`,
    steep.length === 0
      ? `Flat within ${FLAT * 100} %.`
      : `Not flat within ${FLAT * 100} %: ${steep.join(', ')}.`,
  ];
}
