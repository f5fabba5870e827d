// What a running system takes of the machine, and how large its record is: read from outside.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';

/** @typedef {import('./local-system.js').LocalSystem} LocalSystem */

const TABLES = ['jobs', 'bodies', 'unique_keys', 'counters', 'dead_letters'];

/** @param {number} pid @returns {number} resident bytes */
function residentBytes(pid) {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes ?? 0) * 1024;
}

/**
 * What a process is: wrangler runs our workers, D1 and the queues in one workerd, and its own proxy in another, which
 * has no port for a debugger.
 *
 * @param {{ pid: number, name: string }} process
 */
function roleOf({ pid, name }) {
  if (name !== 'workerd') return `wrangler's ${name}`;
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--debug-port') ? WORKERS : "wrangler's proxy";
}

/** The process whose memory and handles are ours to answer for. */
export const WORKERS = 'workers';

/**
 * Memory and open handles of each process; several of one role are numbered in the order of their start.
 *
 * @param {LocalSystem} system running
 * @returns {Record<string, number>}
 */
export function processGauges(system) {
  /** @type {Record<string, number>} */
  const gauges = {};
  /** @type {Map<string, number>} */
  const seen = new Map();
  for (const running of system.processes().toSorted((a, b) => a.pid - b.pid)) {
    try {
      const role = roleOf(running);
      const number = (seen.get(role) ?? 0) + 1;
      seen.set(role, number);
      const label = number === 1 ? role : `${role} ${number}`;
      gauges[`memory ${label}`] = residentBytes(running.pid);
      gauges[`handles ${label}`] = readdirSync(`/proc/${running.pid}/fd`).length;
    } catch {
      // It has ended since.
    }
  }
  return gauges;
}

/** @param {string} file @returns {number} bytes; 0 where there is none */
const sizeOf = (file) => (existsSync(file) ? statSync(file).size : 0);

/**
 * Rows and bytes of each table (with its indices), bytes of all of them, and sizes of the files.
 *
 * @param {LocalSystem} system
 * @returns {Record<string, number>}
 */
export function recordGauges(system) {
  /** @type {Record<string, number>} */
  const gauges = {};
  system.withRecord((database) => {
    const number = (/** @type {string} */ sql) =>
      Number(Object.values(database.prepare(sql).get() ?? { n: 0 })[0]);
    for (const table of TABLES) {
      gauges[`rows ${table}`] = number(`SELECT count(*) FROM ${table}`);
      gauges[`bytes ${table}`] = number(
        `SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE aggregate = TRUE
         AND name IN (SELECT name FROM sqlite_schema WHERE tbl_name = '${table}')`,
      );
    }
    // Without what the faults' own triggers note of every job (local-system.js).
    gauges['bytes record'] = number(
      `SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE aggregate = TRUE
       AND name IN (SELECT name FROM sqlite_schema WHERE tbl_name NOT GLOB 'test_*')`,
    );
    gauges['pages free'] = number('PRAGMA freelist_count');
  });
  const file = system.recordFile();
  // It keeps the size of its fullest moment, those notes included.
  gauges['file of the record'] = sizeOf(file);
  gauges['bytes WAL'] = sizeOf(`${file}-wal`);
  return gauges;
}

/**
 * Time from enqueue to completion of the quick jobs that were completed since.
 *
 * @param {LocalSystem} system
 * @param {number} since milliseconds
 */
export function latencyGauges(system, since) {
  const rows = system.rows(
    `SELECT completed_at - created_at AS ms FROM jobs
     WHERE completed_at > ${since} AND type = 'test-noop' AND status = 'completed' ORDER BY ms`,
  );
  return quantiles(
    'enqueue to done',
    rows.map(({ ms }) => ms),
  );
}

/**
 * @param {string} name
 * @param {number[]} list milliseconds
 * @returns {Record<string, number>} empty where nothing was measured
 */
export function quantiles(name, list) {
  if (list.length === 0) return {};
  const sorted = list.toSorted((a, b) => a - b);
  const at = (/** @type {number} */ share) => Number(sorted[Math.floor((sorted.length - 1) * share)]);
  return { [`ms ${name} p50`]: at(0.5), [`ms ${name} p99`]: at(0.99) };
}
