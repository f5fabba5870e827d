// Both workers in `wrangler dev` on a D1 that is a file, as `npm start` runs them, for tests that kill them, lock
// their file or take their disk.
import {
  cpSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { connect } from '../../scripts/local/api.js';
import { writeLocalConfig } from '../../scripts/local/config.js';
import { eachLine, readLogLine } from '../../scripts/local/log-lines.js';
import { migrate } from '../../scripts/local/migrate.js';
import { spawnWorkers } from '../../scripts/local/wrangler.js';

// The bundles of the workers get the tests' registry of handlers.
process.env.WRANGLER_BUILD_CONDITIONS ??= 'sluice-test,workerd,worker,browser';

const TOKEN = 'local-system';
const START_MS = 120_000;
const TAIL_LINES = 60;
/** Lost messages and leases come back soon; the clock skew of 10 s is the core's own. */
const quickVars = { LEASE_MS: '2000', RESEND_AFTER_MS: '1000', LOG_LEVEL: 'warn' };

/** Witnesses that no handler and no worker can get around: every completion, and every change of what was final. */
const witnesses = `
  CREATE TABLE test_runs (job_id TEXT NOT NULL, attempt INTEGER NOT NULL, event TEXT NOT NULL, at INTEGER NOT NULL);
  CREATE INDEX test_runs_job ON test_runs (job_id);
  CREATE TABLE test_completions (job_id TEXT NOT NULL);
  CREATE TRIGGER test_completed AFTER UPDATE OF status ON jobs
  WHEN NEW.status = 'completed' AND (OLD.status <> 'completed' OR NEW.fence <> OLD.fence
    OR NEW.completed_at IS NOT OLD.completed_at OR NEW.result IS NOT OLD.result)
  BEGIN INSERT INTO test_completions VALUES (NEW.id); END;
  CREATE TABLE test_overwrites (job_id TEXT NOT NULL, was TEXT NOT NULL, became TEXT NOT NULL);
  CREATE TRIGGER test_overwritten AFTER UPDATE OF status ON jobs
  WHEN OLD.status IN ('completed', 'failed', 'cancelled') AND NEW.status <> OLD.status
  BEGIN INSERT INTO test_overwrites VALUES (NEW.id, OLD.status, NEW.status); END;
`;

/** @param {number} ms @returns {Promise<void>} */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @returns {Promise<number>} a port that is free now */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/** @type {Promise<string> | undefined} a state folder with a migrated database, made once per process */
let template;

/** Removes what the systems of this process share. */
export async function removeTemplate() {
  const folder = await template?.catch(() => undefined);
  template = undefined;
  if (folder) rmSync(folder, { recursive: true, force: true });
}

/** @returns {Promise<string>} a state folder at the newest migration, without witnesses; not to be changed */
export function migratedState() {
  template ??= (async () => {
    const state = mkdtempSync(path.join(tmpdir(), 'sluice-template-'));
    const files = await writeLocalConfig({ state, token: TOKEN, vars: {} });
    await migrate({ config: files.main, state });
    return state;
  })();
  return template;
}

/**
 * @typedef {object} SystemOptions
 * @property {string} [state] an empty folder for the state; default: a temporary one
 * @property {Record<string, string>} [vars] both workers' variables, over short times for leases
 * @property {(config: Record<string, any>, worker: 'main' | 'scraper') => void} [adjust] changes a worker's local
 *   configuration
 * @property {Record<string, string>} [env] of wrangler and workerd, on top of this process's own
 * @property {(entry: import('../../scripts/local/log-lines.js').LogEntry) => void} [onEntry] is given each entry of
 *   the workers' logs
 * @property {(text: string) => void} [onLine] is given each line of the output
 * @property {boolean} [migrated] whether the database is at the newest migration, with witnesses; default true
 */

/** One system and its state, whether it runs or not. Dispose of it in the end. */
export class LocalSystem {
  /** @type {import('node:child_process').ChildProcess | undefined} leader of the running process group */
  #leader;
  /** @type {string[]} newest lines of the output */
  #tail = [];
  /** @type {NodeJS.Timeout | undefined} */
  #ticks;
  #killAtExit = () => this.#signal('SIGKILL');

  /**
   * @param {{ state: string, port: number, files: { main: string, scraper: string },
   *   env?: Record<string, string>, onEntry?: SystemOptions['onEntry'],
   *   onLine?: SystemOptions['onLine'] }} parts
   */
  constructor({ state, port, files, env = {}, onEntry, onLine }) {
    this.onEntry = onEntry;
    this.onLine = onLine;
    this.state = state;
    this.port = port;
    this.files = files;
    this.env = env;
    this.url = `http://127.0.0.1:${port}`;
    this.api = connect(this.url, TOKEN);
    this.ended = false;
    /** @type {Map<string, number>} how often the workers logged each event */
    this.events = new Map();
    process.once('exit', this.#killAtExit);
  }

  /** @param {SystemOptions} [options] */
  static async make({ state, vars, adjust, env, onEntry, onLine, migrated = true } = {}) {
    const folder = state ?? mkdtempSync(path.join(tmpdir(), 'sluice-faults-'));
    const files = await writeLocalConfig({ state: folder, token: TOKEN, vars: { ...quickVars, ...vars } });
    for (const worker of /** @type {const} */ (['main', 'scraper'])) {
      const config = JSON.parse(readFileSync(files[worker], 'utf8'));
      adjust?.(config, worker);
      writeFileSync(files[worker], JSON.stringify(config, null, 2));
    }
    const system = new LocalSystem({ state: folder, port: await freePort(), files, env, onEntry, onLine });
    if (migrated) {
      cpSync(path.join(await migratedState(), 'v3'), path.join(folder, 'v3'), { recursive: true });
      system.withRecord((database) => database.exec(witnesses));
    }
    return system;
  }

  /** @param {string} what @returns {Error} with the end of the output */
  failure(what) {
    return new Error(`${what}\n${this.#tail.join('\n')}`);
  }

  /**
   * Polls until `probe` gives something truthy, and resolves to that; throws with the end of the output.
   *
   * @template T
   * @param {string} what
   * @param {number} ms
   * @param {() => Promise<T> | T} probe
   * @returns {Promise<NonNullable<T>>}
   */
  async until(what, ms, probe) {
    const end = Date.now() + ms;
    for (;;) {
      const value = await probe();
      if (value) return value;
      if (Date.now() > end) throw this.failure(`${what}: not in ${ms} ms`);
      await sleep(100);
    }
  }

  /** Starts the process group, and does not wait for it. */
  spawn() {
    const child = spawnWorkers(this);
    this.#leader = child;
    for (const stream of [child.stdout, child.stderr]) eachLine(stream, (line) => this.#read(line));
    // Its end is what these tests are about; kill() waits for it.
    child.stdin.on('error', () => {});
  }

  /** @param {string} line */
  #read(line) {
    const { text, entry } = readLogLine(line);
    if (text === '') return;
    this.onLine?.(text);
    if (entry) {
      this.events.set(entry.event, (this.events.get(entry.event) ?? 0) + 1);
      this.onEntry?.(entry);
    }
    this.#tail.push(text.slice(0, 500));
    if (this.#tail.length > TAIL_LINES) this.#tail.shift();
  }

  /** Starts both workers; they answer when it resolves. */
  async start() {
    this.spawn();
    await this.until('the start', START_MS, () => {
      if (this.#leader?.exitCode !== null) throw this.failure('wrangler ended');
      return this.answers('/health');
    });
  }

  /** @param {NodeJS.Signals} signal */
  #signal(signal) {
    if (this.#leader?.pid === undefined) return;
    try {
      process.kill(-this.#leader.pid, signal);
    } catch {
      // Nothing of it is left.
    }
  }

  /** kill -9, of wrangler and of every process that it started. */
  async kill() {
    const child = this.#leader;
    if (!child) return;
    const exited = child.exitCode !== null || child.signalCode !== null;
    const ended = exited ? Promise.resolve() : new Promise((resolve) => child.once('exit', resolve));
    this.#signal('SIGKILL');
    this.#leader = undefined;
    await ended;
    await this.until('the end', 10_000, async () => !(await this.answers('/health')));
  }

  /**
   * The processes of the running system.
   * @returns {{ pid: number, name: string }[]} name: workerd, esbuild, node, sh
   */
  processes() {
    const group = this.#leader?.pid;
    if (group === undefined) return [];
    const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return all.flatMap((pid) => {
      try {
        // pid (name) state parent group …; the name may hold anything.
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [, , itsGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (Number(itsGroup) !== group) return [];
        return [{ pid: Number(pid), name: path.basename(readlinkSync(`/proc/${pid}/exe`)) }];
      } catch {
        return [];
      }
    });
  }

  /** kill -9 of workerd alone; wrangler stays. */
  killWorkerd() {
    for (const { pid, name } of this.processes()) if (name === 'workerd') process.kill(pid, 'SIGKILL');
  }

  /**
   * @param {string} address
   * @returns {Promise<boolean>} whether it answered with 2xx
   */
  async answers(address) {
    try {
      const response = await fetch(this.url + address, { signal: AbortSignal.timeout(10_000) });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }

  /**
   * An authorised request; throws where there is no answer.
   *
   * @param {string} address
   * @param {RequestInit} [init]
   * @returns {Promise<{ status: number, type: string, body: any }>} body: read where it is JSON
   */
  async fetch(address, init = {}) {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...init.headers };
    const signal = AbortSignal.timeout(30_000);
    const response = await fetch(this.url + address, { ...init, headers, signal });
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    return { status: response.status, type, body: /json/.test(type) ? JSON.parse(text) : text };
  }

  /** One tick of the minute cron. */
  tick() {
    return this.answers('/cdn-cgi/local/scheduled?cron=*/1+*+*+*+*');
  }

  /** Ticks from now on, `ms` after each tick's end, whether anything answers or not. @param {number} ms */
  startTicks(ms) {
    this.stopTicks();
    const timer = setTimeout(async () => {
      await this.tick();
      if (this.#ticks === timer) this.startTicks(ms);
    }, ms);
    this.#ticks = timer;
  }

  stopTicks() {
    clearTimeout(this.#ticks);
    this.#ticks = undefined;
  }

  /** @returns {string} the database's file */
  recordFile() {
    for (const file of globSync(path.join(this.state, 'v3/d1/**/*.sqlite'))) {
      if (path.basename(file) !== 'metadata.sqlite') return file;
    }
    throw new Error(`no database under ${this.state}`);
  }

  /** @returns {DatabaseSync} the record, beside the system that may be using it; to be closed */
  open() {
    return new DatabaseSync(this.recordFile(), { timeout: 10_000 });
  }

  /**
   * The record itself, whether the system runs or not.
   *
   * @template T
   * @param {(database: DatabaseSync) => T} use
   * @returns {T}
   */
  withRecord(use) {
    const database = this.open();
    try {
      return use(database);
    } finally {
      database.close();
    }
  }

  /** @param {string} sql @returns {any[]} */
  rows(sql) {
    return this.withRecord((database) =>
      database
        .prepare(sql)
        .all()
        .map((row) => ({ ...row })),
    );
  }

  /** Ends it for good: who waits for it to answer waits no longer. */
  async end() {
    this.ended = true;
    this.stopTicks();
    await this.kill();
    process.removeListener('exit', this.#killAtExit);
  }

  /** Ends it and removes its state. */
  async dispose() {
    await this.end();
    rmSync(this.state, { recursive: true, force: true });
  }
}
