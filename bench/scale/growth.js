// The same operations on a record that grows.
import { until } from '../../tests/worker/harness.js';
import { startMeteredSluice } from '../lib/metered.js';
import { rounded } from '../lib/statistics.js';
import { DAY_MS, measureOperations, RESEND_MS, RETENTION_MS } from './operations.js';
import { copyJob, placeSweep } from './record.js';

/**
 * @typedef {import('./operations.js').MeteredSluice} MeteredSluice
 * @typedef {import('./operations.js').Operations} Operations
 * @typedef {import('./operations.js').Figures} Figures
 */

const WAITING = 1000;
/** Of ten finished jobs one has failed. */
const FAILED_SHARE = 0.1;
/** The oldest of the copies: retention is not to come for them meanwhile. */
const OLDEST_MS = RETENTION_MS - DAY_MS / 2;

/**
 * Jobs really done, of which all the others are copies, and some that wait.
 * @param {MeteredSluice} system
 */
async function makeTemplates({ sluice, metered, enqueue }) {
  const plain = await sluice.enqueue('test-echo', { n: 0 });
  const failed = await sluice.enqueue('test-fail', { failures: 9 }, { maxAttempts: 1 });
  await sluice.jobIn(plain, 'completed');
  const letter = `SELECT count(*) AS n FROM dead_letters WHERE id = '${failed}' AND buried_at IS NOT NULL`;
  await until(() => metered.look(letter)[0].n === 1, { what: 'the burial' });
  await enqueue(
    Array.from({ length: WAITING }, () => ({ type: 'test-echo', payload: {}, delaySeconds: 86_400 })),
  );
  return { plain, failed };
}

/** @param {Operations[]} rounds @returns {Operations} means */
function means(rounds) {
  /** @type {Operations} */
  const out = {};
  for (const name of Object.keys(rounds[0] ?? {})) {
    const mean = (/** @type {keyof Figures} */ figure) =>
      rounds.reduce((sum, round) => sum + (round[name]?.[figure] ?? 0), 0) / rounds.length;
    out[name] = {
      statements: rounded(mean('statements'), 1),
      rows_read: rounded(mean('rows_read'), 1),
      ms: rounded(mean('ms'), 2),
    };
  }
  return out;
}

/**
 * Measures every operation at each size of the record: so many finished jobs of the last six days, besides
 * some that wait.
 *
 * @param {{ sizes: number[], rounds: number, folder: string, print: (line: string) => void }} options sizes:
 *   growing; rounds: how often at each size
 * @returns {Promise<{ operations: Record<string, Figures[]>, bytes: number[] }>} by operation and size;
 *   bytes: the database's
 */
export async function measureGrowth({ sizes, rounds, folder, print }) {
  const vars = { RESEND_AFTER_MS: String(RESEND_MS), LOG_LEVEL: 'info' };
  // A whole batch is delivered at once.
  const system = await startMeteredSluice(folder, { vars, batchTimeout: 1 });
  try {
    const { plain, failed } = await makeTemplates(system);
    /** @type {Record<string, Figures[]>} */
    const operations = {};
    const bytes = [];
    for (const [step, size] of sizes.entries()) {
      const began = Date.now();
      const count = size - (sizes[step - 1] ?? 0);
      // Each step lies before the last one.
      const place = (/** @type {number} */ n) =>
        Math.floor(began - RESEND_MS - 60_000 - (OLDEST_MS * n) / sizes.length);
      const times = { since: place(step + 1), until: place(step) };
      await copyJob(system.sluice, plain, { count: count * (1 - FAILED_SHARE), ...times });
      await copyJob(system.sluice, failed, { count: count * FAILED_SHARE, ...times });
      print(`${size} finished jobs, filled in ${Math.round((Date.now() - began) / 1000)} s`);
      bytes.push(
        system.metered
          .look('SELECT * FROM pragma_page_count, pragma_page_size')
          .map(({ page_count: pages, page_size: pageSize }) => pages * pageSize)[0],
      );
      const now = Date.now();
      await placeSweep(system.sluice, { watchedTo: now - RESEND_MS - 2, prunedTo: now - RETENTION_MS });
      const list = [];
      // The first one is not counted: what was filled is still on its way to the disk.
      for (let round = -1; round < rounds; round++) {
        const measured = await measureOperations(system, plain);
        if (round >= 0) list.push(measured);
      }
      for (const [name, figures] of Object.entries(means(list))) {
        operations[name] ??= [];
        operations[name].push(figures);
      }
    }
    return { operations, bytes };
  } finally {
    await system.stop();
  }
}

/** Rows read at the largest size per row at the smallest. @param {Figures[]} figures by size */
export const growthOf = (figures) => Number(figures.at(-1)?.rows_read) / Number(figures[0]?.rows_read);
