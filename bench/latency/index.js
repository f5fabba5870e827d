// How soon a request is answered, and how soon its job starts, on the whole system as `npm start` runs it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openRecord } from '../lib/record.js';
import { startSluice } from '../lib/sluice.js';
import { median } from '../lib/statistics.js';
import { stoppable } from '../lib/stops.js';
import { formatTable } from '../lib/table.js';
import { CONNECTIONS, postJobs } from './post.js';
import { measureStarts } from './starts.js';

const DRAIN_MS = 120_000;

/** @param {number} ms @returns {Promise<void>} */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param {string} state
 * @returns {Record<string, number>} seconds that the local queues wait for a batch to fill, by queue
 */
function batchTimeouts(state) {
  const config = JSON.parse(readFileSync(path.join(state, 'local', 'scraper', 'wrangler.json'), 'utf8'));
  /** @type {{ queue: string, max_batch_timeout: number }[]} */
  const consumers = config.queues.consumers;
  return Object.fromEntries(consumers.map(({ queue, max_batch_timeout }) => [queue, max_batch_timeout]));
}

/** Resolves when all jobs are done. @param {import('node:sqlite').DatabaseSync} record */
async function drained(record) {
  const open = record.prepare('SELECT sum(pending + delayed + processing) AS jobs FROM counters');
  const until = Date.now() + DRAIN_MS;
  while (open.get()?.jobs !== 0) {
    if (Date.now() > until) throw new Error('The jobs are not done.');
    await sleep(100);
  }
}

/**
 * @param {import('../lib/sluice.js').Sluice} sluice
 * @param {import('node:sqlite').DatabaseSync} record
 * @param {{ runs: number, seconds: number, print: (line: string) => void }} options
 */
async function measurePosts(sluice, record, { runs, seconds, print }) {
  await postJobs(sluice, Math.ceil(seconds / 5));
  const rounds = [];
  for (let round = 1; round <= runs; round++) {
    await drained(record);
    const answers = await postJobs(sluice, seconds);
    print(`round ${round} of ${runs}: p50 ${answers.p50Ms} ms, p99 ${answers.p99Ms} ms`);
    rounds.push(answers);
  }
  await drained(record);
  return rounds;
}

/**
 * @param {import('../../scripts/bench.mjs').BenchOptions} options
 * @returns {Promise<Record<string, any>>}
 */
export async function run({ folder, print, runs, quick }) {
  const running = await stoppable(async (note) => {
    const sluice = await startSluice(folder, print);
    note(sluice.stop);
    const record = openRecord(folder);
    note(() => record.close());
    return { sluice, record };
  });
  const { sluice, record } = running;
  const [starts, urgentStarts, seconds] = quick ? [3, 10, 2] : [30, 200, 10];
  try {
    print(`one job at a time: ${starts}, then ${urgentStarts} urgent ones`);
    const usual = await measureStarts(sluice, record, { type: 'bench-clock', count: starts });
    const urgent = await measureStarts(sluice, record, { type: 'bench-clock-urgent', count: urgentStarts });
    const rounds = await measurePosts(sluice, record, { runs, seconds, print });
    const middle = (/** @type {'p50Ms' | 'p99Ms' | 'perSecond'} */ name) =>
      median(rounds.map((round) => round[name]));
    return {
      post_p50_ms: middle('p50Ms'),
      post_p99_ms: middle('p99Ms'),
      post_per_s: middle('perSecond'),
      start_p50_ms: usual.start.p50,
      start_p99_ms: usual.start.p99,
      seen_p50_ms: usual.seen.p50,
      seen_p99_ms: usual.seen.p99,
      urgent_start_p50_ms: urgent.start.p50,
      urgent_start_p99_ms: urgent.start.p99,
      urgent_seen_p50_ms: urgent.seen.p50,
      urgent_seen_p99_ms: urgent.seen.p99,
      connections: CONNECTIONS,
      batch_timeout_s: batchTimeouts(folder),
      jobs: { start: starts, urgent_start: urgentStarts, post: rounds.map(({ requests }) => requests) },
      runs: { post: rounds },
    };
  } finally {
    await running.stop();
  }
}

/** @param {Record<string, any>} result of `run` @returns {string[]} */
export function table(result) {
  const waits = (/** @type {string} */ queue) => `${queue} ${result.batch_timeout_s[queue]} s`;
  return [
    ...formatTable(
      ['milliseconds', 'p50', 'p99'],
      [
        [`POST /jobs, ${result.connections} connections`, result.post_p50_ms, result.post_p99_ms],
        ['idle: recorded to started', result.start_p50_ms, result.start_p99_ms],
        ['idle: request to handler', result.seen_p50_ms, result.seen_p99_ms],
        ['idle, urgent: recorded to started', result.urgent_start_p50_ms, result.urgent_start_p99_ms],
        ['idle, urgent: request to handler', result.urgent_seen_p50_ms, result.urgent_seen_p99_ms],
      ],
    ),
    `POST /jobs: ${Math.round(result.post_per_s)} a second, the jobs being done meanwhile.`,
    `Batches wait to fill, by npm start's settings: ${waits('background-jobs')},`,
    `${waits('scraping-priority')}, which brings the urgent ones.`,
  ];
}
