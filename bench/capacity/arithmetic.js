// The model's steps in words, with one size's numbers.
import { PER_MILLION } from '../lib/prices.js';
import { amount, usd } from './amount.js';
import { PLATFORM } from './limits.js';
import { ASSUMED, needs } from './model.js';

/**
 * @param {number} jobsPerDay
 * @param {import('./model.js').PerJob} job
 * @param {import('./limits.js').OwnLimits} own
 * @returns {string[]} a Markdown list
 */
export function arithmetic(jobsPerDay, job, own) {
  const need = needs(jobsPerDay, job, own);
  const jobs = amount(jobsPerDay);
  const peak = amount(need.atPeak);
  const removed = `${own.sweepRounds} · ${amount(own.prunedPerRound)} · 1,440 min`;
  const removedMax = amount(own.sweepRounds * own.prunedPerRound * 1440);
  const databaseGb = (PLATFORM.databaseBytes * ASSUMED.full) / 1e9;
  const time = amount(need.atPeak * job.sqlMs);
  const operations = need.queueOperations;
  const aDay = (/** @type {number} */ used, /** @type {number} */ price) =>
    `${usd((used / 1e6) * price)} a day`;
  return [
    [`${jobs} / 86,400 s`, `${amount(need.perSecond)} jobs a second, ${peak} in the busiest`],
    [`${peak} · ${job.messages}`, `${amount(need.messagesAtPeak)} messages a second; a queue takes 5,000`],
    [
      `${peak} · ${ASSUMED.handlerSeconds} s / ${own.handlersAtOnce} handlers at once`,
      `${amount(need.consumers)} consumers; a queue has up to 250`,
    ],
    [
      `${jobs} · ${job.queueOperations}`,
      `${amount(operations)} queue operations, ${aDay(operations, PER_MILLION.queueOperations)}`,
    ],
    [
      `${jobs} · ${job.rowsWritten}`,
      `${amount(need.rowsWritten)} rows written, ${aDay(need.rowsWritten, PER_MILLION.rowsWritten)}`,
    ],
    [
      `${jobs} · ${amount(job.rowsRead)}`,
      `${amount(need.rowsRead)} rows read, ${aDay(need.rowsRead, PER_MILLION.rowsRead)}`,
    ],
    [
      `${jobs} · ${own.retentionDays} days · ${job.bytes} bytes`,
      `${amount(need.d1Gb)} GB; at ${databaseGb} GB a database ${amount(need.byStorage)} databases`,
    ],
    [
      `${peak} · ${job.sqlMs} ms`,
      `${time} ms of D1 a second; at ${1000 * ASSUMED.busy} ms ${amount(need.byTime)} databases`,
    ],
    [
      removed,
      `${removedMax} jobs that a database's sweep removes a day: ${amount(need.byRetention)} databases`,
    ],
    [
      `${jobs} · ${job.cpuMs} ms`,
      `${amount(need.cpuSeconds)} s of CPU, ${aDay(need.cpuSeconds * 1000, PER_MILLION.cpuMs)}`,
    ],
  ].map(([formula, result]) => `- ${formula} = ${result}.`);
}
