// What so many jobs a day take, from what one takes.
import { PER_GB_MONTH, PER_MILLION } from '../lib/prices.js';
import { rounded } from '../lib/statistics.js';
import { PLATFORM } from './limits.js';

/** What is assumed of the jobs. */
export const ASSUMED = Object.freeze({
  // The busiest second has so many times the jobs of the mean one.
  peak: 3,
  // Bytes of a payload and a result together, beyond the bench's few.
  bodyBytes: 400,
  // A handler takes so long.
  handlerSeconds: 1,
  // Of the jobs so many carry a long payload, which lies in R2; of so many bytes.
  longShare: 0.01,
  longBytes: 100_000,
  // How full a database may be, and how busy.
  full: 0.8,
  busy: 0.5,
});

const DAY_SECONDS = 86_400;
const DAY_MINUTES = 1440;
const DAY_HOURS = 24;
const MONTH_DAYS = 30;
const GB = 1e9;
const MILLION = 1e6;

/**
 * What one job takes from its enqueue until retention has removed it.
 *
 * @typedef {object} PerJob
 * @property {number} rowsWritten
 * @property {number} rowsRead
 * @property {number} queueOperations
 * @property {number} requests
 * @property {number} cpuMs
 * @property {number} sqlMs of its database
 * @property {number} messages
 * @property {number} messageBytes
 * @property {number} bytes in D1, while it is kept
 * @property {number} sweepStatements of one round of the sweep
 */

/**
 * @param {{ cost: Record<string, any>, scale: Record<string, any> }} figures of these parts
 * @returns {PerJob} of a plain one
 */
export function perJob({ cost: { plain, upkeep }, scale }) {
  const both = (/** @type {string} */ field) => rounded(plain[field] + upkeep[field], 4);
  return {
    rowsWritten: both('rows_written_per_job'),
    rowsRead: both('rows_read_per_job'),
    queueOperations: both('queue_ops_per_job'),
    requests: both('requests_per_job'),
    cpuMs: both('cpu_ms_per_job'),
    sqlMs: both('sql_ms_per_job'),
    messages: plain.messages_per_job,
    messageBytes: plain.message_bytes_per_job,
    bytes: scale.bytes_per_job + ASSUMED.bodyBytes,
    sweepStatements: scale.sweep.at(-1).statements,
  };
}

/**
 * @typedef {object} Wall
 * @property {string} what
 * @property {number} jobsPerDay that it lets through
 * @property {string} reckoned how
 * @property {string} lever what moves it
 */

/** @param {number} value */
const short = (value) => value.toLocaleString('en-GB', { maximumSignificantDigits: 3 });

/**
 * The walls of one database and one queue, the nearest first.
 *
 * @param {PerJob} job
 * @param {import('./limits.js').OwnLimits} own
 * @returns {Wall[]}
 */
export function walls(job, own) {
  const perSecond = (/** @type {number} */ jobs) => (jobs * DAY_SECONDS) / ASSUMED.peak;
  const keptBytes = job.bytes * own.retentionDays;
  const kept = `${short(job.bytes)} B · ${own.retentionDays} days`;
  const atPeak = `86,400 s / ${ASSUMED.peak}`;
  const rounds = PLATFORM.queriesPerInvocation / job.sweepStatements;
  const swept = Math.floor(rounds);
  const share = `${ASSUMED.full * 100} %`;
  return [
    {
      what: 'D1: 10 GB a database',
      jobsPerDay: PLATFORM.databaseBytes / keptBytes,
      reckoned: `10 GB / (${kept})`,
      lever: 'more databases, shorter retention',
    },
    {
      what: 'D1: one thread a database',
      jobsPerDay: perSecond(1000 / job.sqlMs),
      reckoned: `1,000 ms / ${short(job.sqlMs)} ms · ${atPeak}`,
      lever: 'more databases, bodies out of the rows',
    },
    {
      what: "Sluice: rounds of a minute's sweep",
      jobsPerDay: own.sweepRounds * own.prunedPerRound * DAY_MINUTES,
      reckoned: `${own.sweepRounds} · ${short(own.prunedPerRound)} removed · 1,440 min`,
      lever: 'more databases, longer rounds',
    },
    {
      what: 'D1: 1,000 queries an invocation, rounds of a tick',
      jobsPerDay: rounds * own.prunedPerRound * DAY_MINUTES,
      reckoned: `1,000 / ${short(job.sweepStatements)} · ${short(own.prunedPerRound)} removed · 1,440 min`,
      lever: 'an invocation for each database, longer rounds',
    },
    {
      what: `D1: 1,000 queries an invocation, a tick over ${swept} databases`,
      jobsPerDay: (swept * PLATFORM.databaseBytes * ASSUMED.full) / keptBytes,
      reckoned: `1,000 / ${short(job.sweepStatements)} · 10 GB · ${share} / (${kept})`,
      lever: 'an invocation for each database, shorter retention',
    },
    {
      what: 'D1: 1 TB an account',
      jobsPerDay: PLATFORM.accountBytes / keptBytes,
      reckoned: `1 TB / (${kept})`,
      lever: 'shorter retention, finished jobs to R2, more accounts',
    },
    {
      what: 'Queues: 5,000 messages a second',
      jobsPerDay: perSecond(PLATFORM.queueMessagesPerSecond / job.messages),
      reckoned: `5,000 / ${short(job.messages)} messages · ${atPeak}`,
      lever: 'more jobs a message, more queues',
    },
    {
      what: 'Queues: 250 consumers',
      jobsPerDay: perSecond((PLATFORM.queueConsumers * own.handlersAtOnce) / ASSUMED.handlerSeconds),
      reckoned: `250 · ${own.handlersAtOnce} handlers / ${ASSUMED.handlerSeconds} s · ${atPeak}`,
      lever: 'more queues, shorter handlers',
    },
    {
      what: `Sluice: ${own.databases} databases that an id can name`,
      jobsPerDay: (own.databases * PLATFORM.databaseBytes * ASSUMED.full) / keptBytes,
      reckoned: `${own.databases} · 10 GB · ${share} / (${kept})`,
      lever: 'shorter retention',
    },
  ].sort((a, b) => a.jobsPerDay - b.jobsPerDay);
}

/**
 * What so many jobs a day need of each thing.
 *
 * @param {number} jobsPerDay
 * @param {PerJob} job
 * @param {import('./limits.js').OwnLimits} own
 */
export function needs(jobsPerDay, job, own) {
  const perSecond = jobsPerDay / DAY_SECONDS;
  const atPeak = perSecond * ASSUMED.peak;
  const d1Bytes = jobsPerDay * own.retentionDays * job.bytes;
  const long = jobsPerDay * ASSUMED.longShare;
  const byStorage = d1Bytes / (PLATFORM.databaseBytes * ASSUMED.full);
  const byTime = (atPeak * job.sqlMs) / (1000 * ASSUMED.busy);
  const byRetention = jobsPerDay / (own.sweepRounds * own.prunedPerRound * DAY_MINUTES);
  const queues = Math.ceil((atPeak * job.messages) / PLATFORM.queueMessagesPerSecond);
  const backlogJobs = (queues * PLATFORM.queueBacklogBytes) / job.messageBytes;
  return {
    jobsPerDay,
    perSecond,
    atPeak,
    messagesAtPeak: atPeak * job.messages,
    queues,
    consumers: Math.ceil((atPeak * ASSUMED.handlerSeconds) / own.handlersAtOnce),
    backlogHours: (backlogJobs / jobsPerDay) * DAY_HOURS,
    pendingMinutes: (own.pendingPerQueue / jobsPerDay) * DAY_MINUTES,
    queueOperations: jobsPerDay * job.queueOperations,
    rowsWritten: jobsPerDay * job.rowsWritten,
    rowsRead: jobsPerDay * job.rowsRead,
    d1Gb: d1Bytes / GB,
    accountDays: PLATFORM.accountBytes / (jobsPerDay * job.bytes),
    byStorage,
    byTime,
    byRetention,
    databases: Math.ceil(Math.max(byStorage, byTime, byRetention)),
    cpuSeconds: (jobsPerDay * job.cpuMs) / 1000,
    requests: jobsPerDay * job.requests,
    r2Writes: long,
    r2Reads: long,
    r2Gb: (long * own.retentionDays * ASSUMED.longBytes) / GB,
  };
}

/**
 * Dollars a month of what is needed, by what is billed.
 * @param {ReturnType<typeof needs>} need
 */
export function dollars(need) {
  const millions = (/** @type {number} */ perDay) => (perDay * MONTH_DAYS) / MILLION;
  const parts = {
    'D1, rows written': millions(need.rowsWritten) * PER_MILLION.rowsWritten,
    'D1, rows read': millions(need.rowsRead) * PER_MILLION.rowsRead,
    'D1, storage': need.d1Gb * PER_GB_MONTH.d1,
    Queues: millions(need.queueOperations) * PER_MILLION.queueOperations,
    'Workers, requests': millions(need.requests) * PER_MILLION.requests,
    'Workers, CPU': millions(need.cpuSeconds * 1000) * PER_MILLION.cpuMs,
    R2:
      millions(need.r2Writes) * PER_MILLION.classA +
      millions(need.r2Reads) * PER_MILLION.classB +
      need.r2Gb * PER_GB_MONTH.r2,
  };
  return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) };
}
