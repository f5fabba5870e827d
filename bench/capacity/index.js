// The capacity model: what a million, a hundred million and ten thousand million jobs a day take, from the
// figures of `cost` and `scale`. Prints Markdown, for docs/scale.md.
import { UserError } from '../../scripts/tools.mjs';
import { PRICES_AS_OF } from '../lib/prices.js';
import { amount, usd } from './amount.js';
import { arithmetic } from './arithmetic.js';
import { ownLimits } from './limits.js';
import { ASSUMED, dollars, needs, perJob, walls } from './model.js';

/** @typedef {import('./model.js').PerJob} PerJob */
/** @typedef {import('./model.js').Wall} Wall */

const SIZES = [1e6, 1e8, 1e10];
/** The size whose arithmetic is written out. */
const EXAMPLE = 1e8;

/**
 * @param {import('../../scripts/bench.mjs').BenchOptions} options
 * @returns {Promise<Record<string, any>>}
 */
export async function run({ figures }) {
  if (!figures.cost || !figures.scale)
    throw new UserError(
      'capacity reckons with the figures of cost and scale: run them too, or name --from FILE.',
    );
  const job = perJob(/** @type {any} */ (figures));
  const own = ownLimits();
  const sizes = SIZES.map((size) => {
    const need = needs(size, job, own);
    return { ...need, dollars: dollars(need) };
  });
  return { job, own, walls: walls(job, own), sizes };
}

/**
 * @param {string[]} header
 * @param {string[][]} rows
 * @param {number} [numbers] columns of numbers behind the first one; default: all
 */
const markdown = (header, rows, numbers = header.length) =>
  [header, header.map((_, n) => (n === 0 || n > numbers ? '---' : '---:')), ...rows].map(
    (row) => `| ${row.join(' | ')} |`,
  );

/** @typedef {ReturnType<typeof needs> & { dollars: Record<string, number> }} Size */

/** @param {PerJob} job @returns {[string, (size: Size) => string][]} a row for each thing that is needed */
const rowsOf = (job) => [
  ['jobs a second, mean', (size) => amount(size.perSecond)],
  [`jobs a second, busiest (· ${ASSUMED.peak})`, (size) => amount(size.atPeak)],
  [`Queues: messages a second then (· ${job.messages})`, (size) => amount(size.messagesAtPeak)],
  ['Queues: queues (/ 5,000 a second)', (size) => amount(size.queues)],
  ['Queues: consumers then', (size) => amount(size.consumers)],
  ['Queues: hours of backlog in 25 GB each', (size) => amount(size.backlogHours)],
  ['Sluice: minutes of backlog in MAX_PENDING_PER_QUEUE', (size) => amount(size.pendingMinutes)],
  [`Queues: operations a day (· ${job.queueOperations})`, (size) => amount(size.queueOperations)],
  [`D1: rows written a day (· ${amount(job.rowsWritten)})`, (size) => amount(size.rowsWritten)],
  [`D1: rows read a day (· ${amount(job.rowsRead)})`, (size) => amount(size.rowsRead)],
  [`D1: GB kept (· ${job.bytes} B)`, (size) => amount(size.d1Gb)],
  ['D1: days kept in 1 TB an account', (size) => amount(size.accountDays)],
  [`D1: databases, by storage (${ASSUMED.full * 100} % full)`, (size) => amount(size.byStorage)],
  [`D1: databases, by time (${ASSUMED.busy * 100} % busy)`, (size) => amount(size.byTime)],
  ['D1: databases, by retention', (size) => amount(size.byRetention)],
  ['**D1: databases**', (size) => `**${amount(size.databases)}**`],
  [`Workers: CPU seconds a day (· ${amount(job.cpuMs)} ms)`, (size) => amount(size.cpuSeconds)],
  [`Workers: requests a day (· ${amount(job.requests)})`, (size) => amount(size.requests)],
  [`R2: writes a day (${ASSUMED.longShare * 100} % of the jobs)`, (size) => amount(size.r2Writes)],
  [`R2: GB kept (· ${amount(ASSUMED.longBytes)} B)`, (size) => amount(size.r2Gb)],
];

/** @param {Size[]} sizes */
function dollarRows(sizes) {
  const names = Object.keys(sizes[0]?.dollars ?? {});
  const rows = names.map((name) => [name, ...sizes.map(({ dollars: of }) => usd(Number(of[name])))]);
  const perMillion = sizes.map(({ jobsPerDay, dollars: of }) =>
    usd((Number(of.total) / 30 / jobsPerDay) * 1e6),
  );
  return [...rows, ['a million jobs', ...perMillion]];
}

/** @param {Record<string, any>} result */
export function table(result) {
  /** @type {{ job: PerJob, own: import('./limits.js').OwnLimits, walls: Wall[], sizes: Size[] }} */
  const { job, own, walls: list, sizes } = /** @type {any} */ (result);
  const header = ['jobs a day', ...sizes.map(({ jobsPerDay }) => amount(jobsPerDay))];
  const reached = sizes.map(({ jobsPerDay }) => {
    const passed = list.filter((wall) => wall.jobsPerDay < jobsPerDay).length;
    return passed === 0 ? 'none' : `${passed}, the first: ${list[0]?.what}`;
  });
  return [
    `For ${amount(EXAMPLE)} a day:`,
    '',
    ...arithmetic(EXAMPLE, job, own),
    '',
    ...markdown(header, [
      ...rowsOf(job).map(([name, of]) => [name, ...sizes.map(of)]),
      ['walls reached', ...reached],
    ]),
    '',
    ...markdown(
      ['wall of one database and one queue', 'jobs a day', 'reckoned', 'lever'],
      list.map(({ what, jobsPerDay, reckoned, lever }) => [what, amount(jobsPerDay), reckoned, lever]),
      1,
    ),
    '',
    ...markdown([`$ a month (list prices, ${PRICES_AS_OF})`, ...header.slice(1)], dollarRows(sizes)),
  ];
}
