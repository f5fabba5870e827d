// From a request to its job's start on an idle system: one job at a time.
import { median, percentile } from '../lib/statistics.js';

const POLL_MS = 5;
const JOB_MS = 60_000;

/** @param {number} ms @returns {Promise<void>} */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param {import('../lib/sluice.js').Sluice} sluice
 * @param {import('node:sqlite').DatabaseSync} record
 * @param {string} type of jobs that tell when they ran
 * @returns {Promise<{ start: number, seen: number }>} milliseconds; start: by the record, from being recorded
 *   to being leased; seen: by this machine's clock, from before the request to inside the handler
 */
async function oneStart({ api }, record, type) {
  const asked = Date.now();
  const { jobId } = await api.post('/jobs', { type, payload: {} });
  const status = record.prepare('SELECT status FROM jobs WHERE id = ?');
  while (status.get(jobId)?.status !== 'completed') {
    if (Date.now() - asked > JOB_MS) throw new Error(`${type}: job ${jobId} has not run`);
    await sleep(POLL_MS);
  }
  const { createdAt, startedAt, result } = await api.get(`/jobs/${jobId}`);
  return { start: Date.parse(startedAt) - Date.parse(createdAt), seen: result.at - asked };
}

/**
 * @param {import('../lib/sluice.js').Sluice} sluice
 * @param {import('node:sqlite').DatabaseSync} record
 * @param {{ type: string, count: number }} options
 */
export async function measureStarts(sluice, record, { type, count }) {
  await oneStart(sluice, record, type); // the first one of its type loads code
  const starts = [];
  for (let i = 0; i < count; i++) starts.push(await oneStart(sluice, record, type));
  const figures = (/** @type {number[]} */ values) => ({
    p50: median(values),
    p99: percentile(values, 99),
  });
  return {
    start: figures(starts.map(({ start }) => start)),
    seen: figures(starts.map(({ seen }) => seen)),
  };
}
