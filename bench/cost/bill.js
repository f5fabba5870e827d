// From what was used to what is billed.
import { PER_MILLION, queueUnits } from '../lib/prices.js';
import { rounded } from '../lib/statistics.js';

/** @typedef {import('../lib/meter.js').Usage} Usage */

/**
 * @template T
 * @param {T[]} list
 * @param {(item: T) => number} value
 */
const sum = (list, value) => list.reduce((total, item) => total + value(item), 0);

/**
 * Queue operations: a message is written, read each time that it is delivered, and deleted; one that the
 * platform gives up on is written once more instead.
 *
 * @param {Usage} usage
 * @param {Record<string, number>} maxRetries of each queue
 */
function queueOperations({ sent, delivered }, maxRetries) {
  const written = sum(sent, ({ bytes }) => queueUnits(bytes));
  const read = sum(delivered, ({ bytes }) => queueUnits(bytes));
  // Each delivery but those after which the message stays where it is.
  const gone = delivered.filter(
    ({ queue, attempts, retried }) => !retried || attempts > (maxRetries[queue] ?? Number.POSITIVE_INFINITY),
  );
  return written + read + sum(gone, ({ bytes }) => queueUnits(bytes));
}

/**
 * What one job costs. Exact counts, but for the CPU time: that is all of workerd's, with D1's SQLite, the
 * local queues and the counting itself in it, so that a Worker is billed less.
 *
 * @typedef {object} Bill
 * @property {number} round_trips_per_100 calls of D1
 * @property {number} statements_per_100 what these hold
 * @property {number} rows_written_per_job
 * @property {number} rows_read_per_job
 * @property {number} queue_ops_per_job
 * @property {number} messages_per_job that are sent
 * @property {number} message_bytes_per_job of their bodies
 * @property {number} requests_per_job invocations from outside: HTTP requests, batches of messages, crons
 * @property {number} cpu_ms_per_job
 * @property {number} sql_ms_per_job D1's own time, as its meta tells it
 * @property {number} usd_per_million a million of such jobs, at list prices
 */

/**
 * @param {Usage[]} usages of all workers
 * @param {{ jobs: number, cpuMs: number, maxRetries: Record<string, number> }} run cpuMs: of all of them
 * @returns {Bill}
 */
export function bill(usages, { jobs, cpuMs, maxRetries }) {
  const roundTrips = usages.flatMap((usage) => usage.roundTrips);
  const perJob = {
    rowsWritten: sum(roundTrips, ({ rowsWritten }) => rowsWritten) / jobs,
    rowsRead: sum(roundTrips, ({ rowsRead }) => rowsRead) / jobs,
    queueOperations: sum(usages, (usage) => queueOperations(usage, maxRetries)) / jobs,
    requests: sum(usages, ({ invocations }) => invocations) / jobs,
    cpuMs: cpuMs / jobs,
  };
  const dollars = Object.entries(perJob).map(
    ([unit, used]) => used * PER_MILLION[/** @type {keyof typeof perJob} */ (unit)],
  );
  return {
    round_trips_per_100: rounded((roundTrips.length / jobs) * 100, 2),
    statements_per_100: rounded((sum(roundTrips, ({ statements }) => statements) / jobs) * 100, 2),
    rows_written_per_job: rounded(perJob.rowsWritten, 3),
    rows_read_per_job: rounded(perJob.rowsRead, 2),
    queue_ops_per_job: rounded(perJob.queueOperations, 3),
    messages_per_job: rounded(sum(usages, ({ sent }) => sent.length) / jobs, 3),
    message_bytes_per_job: Math.round(sum(usages, ({ sent }) => sum(sent, ({ bytes }) => bytes)) / jobs),
    requests_per_job: rounded(perJob.requests, 4),
    cpu_ms_per_job: rounded(perJob.cpuMs, 3),
    sql_ms_per_job: rounded(sum(roundTrips, ({ ms }) => ms) / jobs, 3),
    usd_per_million: rounded(
      dollars.reduce((total, part) => total + part),
      2,
    ),
  };
}
