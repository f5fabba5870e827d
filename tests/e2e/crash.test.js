// kill -9 of the whole local system while a thousand jobs run, twice, each time started again on the same state:
// every job becomes final, and none is completed twice.
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../scripts/local/api.js';
import { writeLocalConfig } from '../../scripts/local/config.js';
import { migrate } from '../../scripts/local/migrate.js';
import { wranglerEnvironment } from '../../scripts/local/wrangler.js';
import { root } from '../../scripts/tools.mjs';

const JOBS = 1000;
const TOKEN = 'crash-test';
/** Lost messages and leases come back soon; the clock skew of 10 s is the core's own. */
const vars = { LEASE_MS: '2000', RESEND_AFTER_MS: '1000', LOG_LEVEL: 'warn' };

const state = mkdtempSync(path.join(tmpdir(), 'sluice-crash-'));
/** @type {Awaited<ReturnType<typeof writeLocalConfig>>} */
let files;
/** @type {number} */
let port;
/** @type {import('node:child_process').ChildProcess | undefined} */
let running;
let output = '';

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @template T
 * @param {string} what
 * @param {number} ms
 * @param {() => Promise<T> | T} probe
 * @returns {Promise<NonNullable<T>>}
 */
async function until(what, ms, probe) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`${what}: not in ${ms} ms\n${output.slice(-3000)}`);
    await sleep(100);
  }
}

/** @returns {Promise<number>} a port that is free now */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(free));
    });
  });
}

/** @param {string} address */
const answers = (address) =>
  fetch(`http://127.0.0.1:${port}${address}`, { signal: AbortSignal.timeout(10_000) }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.ok;
    },
    () => false,
  );

/** Starts both workers as a process group of their own. */
async function start() {
  const args = ['dev', '--config', files.main, '--config', files.scraper, '--ip', '127.0.0.1'];
  args.push('--port', String(port), '--inspector-port', '0', '--persist-to', state);
  args.push('--show-interactive-dev-session=false');
  const child = spawn('wrangler', args, {
    cwd: root,
    env: wranglerEnvironment(state),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  running = child;
  process.once('exit', () => {
    if (running?.pid) process.kill(-running.pid, 'SIGKILL');
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-20_000);
    });
  }
  await until('the start', 60_000, () => answers('/health'));
}

/** kill -9, of wrangler and of every process that it started. */
async function kill() {
  const child = running;
  running = undefined;
  if (child?.pid === undefined) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid, 'SIGKILL');
  await exited;
  await until('the end', 10_000, async () => !(await answers('/health')));
}

/**
 * The record itself, while nothing runs.
 *
 * @template T
 * @param {(database: DatabaseSync) => T} use
 * @returns {T}
 */
function withRecord(use) {
  for (const file of globSync(path.join(state, 'v3/d1/**/*.sqlite'))) {
    const database = new DatabaseSync(file);
    try {
      if (database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'jobs'`).get()) return use(database);
    } finally {
      database.close();
    }
  }
  throw new Error(`no database with jobs under ${state}`);
}

/** @param {string} sql @returns {any[]} */
const rows = (sql) => withRecord((database) => database.prepare(sql).all());

const api = () => connect(`http://127.0.0.1:${port}`, TOKEN);
const stats = () => api().get('/stats');
const tick = () => answers('/cdn-cgi/local/scheduled?cron=*/1+*+*+*+*');

/** Ticks the sweep until the record says so. @param {string} what @param {(stats: any) => boolean} enough */
async function sweepUntil(what, enough) {
  let last;
  try {
    await until(what, 90_000, async () => {
      await tick();
      last = await stats();
      return enough(last);
    });
  } catch (error) {
    throw new Error(`${/** @type {Error} */ (error).message}\n${JSON.stringify(last)}`);
  }
}

beforeAll(async () => {
  port = await freePort();
  files = await writeLocalConfig({ state, token: TOKEN, vars });
  await migrate({ config: files.main, state });
  // Witnesses: what the handlers did, and every completion, whoever brings it about.
  withRecord((database) =>
    database.exec(`
      CREATE TABLE test_runs (job_id TEXT NOT NULL, attempt INTEGER NOT NULL, event TEXT NOT NULL, at INTEGER NOT NULL);
      CREATE INDEX test_runs_job ON test_runs (job_id);
      CREATE TABLE test_completions (job_id TEXT NOT NULL);
      CREATE TRIGGER test_completed AFTER UPDATE OF status ON jobs WHEN NEW.status = 'completed'
      BEGIN INSERT INTO test_completions VALUES (NEW.id); END;
    `),
  );
  await start();
}, 120_000);

afterAll(async () => {
  await kill();
  rmSync(state, { recursive: true, force: true });
});

test('kill -9 while 1000 jobs run loses none and completes none twice', { timeout: 180_000 }, async () => {
  const jobs = Array.from({ length: JOBS }, () => ({ type: 'test-witness', payload: { ms: 40 } }));
  const { jobs: accepted } = await api().post('/jobs/batch', { jobs });
  const ids = accepted.map((/** @type {any} */ { jobId }) => jobId);
  expect(new Set(ids).size).toBe(JOBS);

  await until('the first completed jobs', 60_000, async () => (await stats()).completed >= 100);
  await kill();
  const first = rows('SELECT status, count(*) AS n FROM jobs GROUP BY status');
  const cut = rows(`SELECT count(*) AS n FROM jobs WHERE status = 'processing'`)[0].n;
  expect(cut).toBeGreaterThan(0);

  await start();
  const done = (/** @type {any[]} */ list) => list.find(({ status }) => status === 'completed')?.n ?? 0;
  await sweepUntil('work after the first crash', ({ completed, processing }) => {
    return completed >= done(first) + 100 && processing > 0;
  });
  await kill();
  const second = rows('SELECT status, count(*) AS n FROM jobs GROUP BY status');
  expect(done(second)).toBeLessThan(JOBS);

  await start();
  await sweepUntil(
    'every job',
    ({ completed, failed, cancelled }) => completed + failed + cancelled === JOBS,
  );
  // Whatever is still in the queues has its time to do damage.
  await sleep(1500);
  await tick();
  await kill();

  expect(rows('SELECT status, count(*) AS n FROM jobs GROUP BY status')).toEqual([
    { status: 'completed', n: JOBS },
  ]);
  const kept = new Set(rows('SELECT id FROM jobs').map(({ id }) => id));
  expect(ids.filter((/** @type {string} */ id) => !kept.has(id))).toEqual([]);
  const completions = rows('SELECT count(*) AS n, count(DISTINCT job_id) AS jobs FROM test_completions');
  expect(completions).toEqual([{ n: JOBS, jobs: JOBS }]);
  // A job runs again only if its lease was lost.
  const again = rows(
    `SELECT id FROM jobs WHERE losses + 1 <
     (SELECT count(*) FROM test_runs WHERE job_id = jobs.id AND event = 'begin')`,
  );
  expect(again).toEqual([]);
  expect(
    rows(`SELECT completed, processing, pending, attempts FROM counters WHERE type = 'test-witness'`),
  ).toEqual([{ completed: JOBS, processing: 0, pending: 0, attempts: JOBS }]);
  const [{ n: lost }] = rows('SELECT count(*) AS n FROM jobs WHERE losses > 0');
  console.log(
    `after the crashes: ${JSON.stringify(first)}, ${JSON.stringify(second)}; ${lost} jobs lost a lease`,
  );
});
