// Systems whose use of the platform is counted, in a workerd of their own: Sluice from its real
// configuration, and the worker that it is compared with.
import { globSync, mkdtempSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createTestHarness, experimental_readRawConfig as readRawConfig } from 'wrangler';
import { root } from '../../scripts/tools.mjs';
import { Sluice, startSluice } from '../../tests/worker/harness.js';
import { startedIn } from './started-in.js';

/** @typedef {import('./meter.js').Usage} Usage */

const entries = path.join(root, 'bench/lib/entries');

/** Of a second: in these a process's times are told, on every Linux. */
const TICKS = 100;

/** @param {string} pid @param {string} folder @returns {boolean} whether it has a file of this folder open */
function holdsFileOf(pid, folder) {
  try {
    const files = `/proc/${pid}/fd`;
    return readdirSync(files).some((fd) => readlinkSync(path.join(files, fd)).startsWith(folder));
  } catch {
    return false; // It has ended, or is another user's.
  }
}

/** @param {string} pid @returns {number} milliseconds that all threads of the process have computed */
function cpuMsOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // pid (name) state …; the name may hold anything, and utime and stime are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}

/** A running system. Stop it in the end. */
export class MeteredSystem {
  /** @type {DatabaseSync | undefined} */
  #record;

  /**
   * @param {string} folder in which its temporary files are
   * @param {import('wrangler').TestHarness} server
   * @param {string[]} workers names
   */
  constructor(folder, server, workers) {
    this.folder = folder;
    this.server = server;
    this.workers = workers;
    const files = globSync(path.join(folder, 'miniflare-*/d1/**/*.sqlite'));
    const databases = files.filter((file) => path.basename(file) !== 'metadata.sqlite');
    if (databases.length !== 1) throw new Error(`${databases.length} databases under ${folder}`);
    this.file = /** @type {string} */ (databases[0]);
    this.pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && holdsFileOf(name, this.file));
    if (this.pids.length === 0) throw new Error(`no process holds ${this.file}`);
  }

  /**
   * Rows of the record, read beside the system: it neither counts nor computes anything for it.
   *
   * @param {string} sql
   * @param {...string} params
   * @returns {any[]}
   */
  look(sql, ...params) {
    this.#record ??= new DatabaseSync(this.file, { readOnly: true, timeout: 10_000 });
    return this.#record.prepare(sql).all(...params);
  }

  /** @returns {number} milliseconds that its workerd has computed: workers, D1 and queues */
  cpuMs() {
    return this.pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0);
  }

  /**
   * What each worker has used since it was asked last.
   * @returns {Promise<Usage[]>} in the order of `workers`
   */
  takeUsage() {
    return Promise.all(
      this.workers.map(async (name) => {
        const door = /** @type {any} */ (await this.server.getWorker(name).getExport());
        return JSON.parse(await door.takeUsage());
      }),
    );
  }

  closeRecord() {
    this.#record?.close();
    this.#record = undefined;
  }
}

/**
 * @typedef {object} RunningSystem
 * @property {MeteredSystem} metered
 * @property {(jobs: Record<string, unknown>[]) => Promise<string[]>} enqueue in one request; resolves to ids
 * @property {() => Promise<void>} tick one of the minute cron, where there is one
 * @property {() => Promise<void>} stop
 */

/**
 * What `make` resolves to; what runs already is stopped when it fails.
 *
 * @template T
 * @param {() => Promise<unknown>} stop
 * @param {() => T | Promise<T>} make
 * @returns {Promise<T>}
 */
async function orStop(stop, make) {
  try {
    return await make();
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param {{ status: number, body: any }} answer @returns {string[]} ids of what was enqueued */
function idsOf({ status, body }) {
  const refused = body?.jobs?.find((/** @type {any} */ { jobId }) => !jobId);
  if (status !== 201 || refused) throw new Error(`enqueue: ${status} ${JSON.stringify(refused ?? body)}`);
  return body.jobs.map((/** @type {any} */ { jobId }) => jobId);
}

/**
 * Both workers of Sluice, metered.
 *
 * @param {string} folder a new one is made in it
 * @param {Omit<import('../../tests/worker/harness.js').Options, 'faults'>} [options] of the tests' harness
 * @returns {Promise<RunningSystem & { sluice: Sluice }>}
 */
export async function startMeteredSluice(folder, options) {
  const own = mkdtempSync(path.join(folder, 'sluice-'));
  const files = {
    sluice: path.join(entries, 'main.js'),
    'sluice-scraper': path.join(entries, 'scraper.js'),
  };
  const start = () => startSluice({ entries: files, ...options });
  const sluice = await startedIn(own, start, { testHandlers: true });
  const metered = await orStop(sluice.stop.bind(sluice), () => {
    return new MeteredSystem(own, sluice.server, Object.keys(files));
  });
  return {
    sluice,
    metered,
    enqueue: async (jobs) => idsOf(await sluice.call('/jobs/batch', { json: { jobs } })),
    tick: () => sluice.tick(),
    async stop() {
      metered.closeRecord();
      await sluice.stop();
    },
  };
}

/**
 * The worker with a statement for each step, metered.
 *
 * @param {string} folder a new one is made in it
 * @param {{ batchTimeout?: number }} [options] seconds for which its queue waits for more messages
 * @returns {Promise<RunningSystem>}
 */
export async function startMeteredBaseline(folder, { batchTimeout = 0 } = {}) {
  const own = mkdtempSync(path.join(folder, 'baseline-'));
  const place = path.join(root, 'bench/baseline');
  const { rawConfig } = readRawConfig({ config: path.join(place, 'wrangler.jsonc') });
  const { $schema, ...config } = structuredClone(rawConfig);
  config.main = path.join(entries, 'baseline.js');
  for (const database of config.d1_databases ?? []) database.migrations_dir = path.join(place, 'migrations');
  for (const consumer of config.queues?.consumers ?? []) consumer.max_batch_timeout = batchTimeout;
  const server = createTestHarness({ root: own, workers: [{ config }] });
  const worker = server.getWorker();
  const metered = await orStop(server.close.bind(server), async () => {
    await startedIn(own, async () => {
      await server.listen();
      await worker.applyD1Migrations('DB');
    });
    return new MeteredSystem(own, server, [String(config.name)]);
  });
  return {
    metered,
    async enqueue(jobs) {
      const response = await worker.fetch('/jobs/batch', { method: 'POST', body: JSON.stringify({ jobs }) });
      return idsOf({ status: response.status, body: await response.json() });
    },
    async tick() {},
    async stop() {
      metered.closeRecord();
      await server.close();
    },
  };
}
