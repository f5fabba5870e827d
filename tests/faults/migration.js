// kill -9 in the middle of a migration, and workers that run while the schema gets ahead of them.
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrate, migrationCommands } from '../../scripts/local/migrate.js';
import { root } from '../../scripts/tools.mjs';
import { Dice } from '../sim/dice.js';
import { auditJobs, auditRecord, drain } from './audit.js';
import { Findings } from './findings.js';
import { Load } from './load.js';
import { LocalSystem, migratedState, sleep } from './local-system.js';

const CYCLES = 20;
const DRAIN_MS = 300_000;
const LONGEST_MS = 300_000;
const NOTICED_MS = 180_000;
const TRIES = 30;
const LATER = '9999_later.sql';

/**
 * A migration that only adds, as every migration must so that the workers of the version before keep working; and
 * that takes its time.
 *
 * @param {number} rows
 */
const second = (rows) => `-- Big on purpose.
CREATE TABLE later (n INTEGER NOT NULL PRIMARY KEY, text TEXT NOT NULL) STRICT;
INSERT INTO later (n, text)
WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < ${rows})
SELECT n, hex(n * n) || ' of a migration that takes its time' FROM series;
CREATE INDEX later_text ON later (text);
ALTER TABLE jobs ADD COLUMN later INTEGER NOT NULL DEFAULT 7;
CREATE INDEX jobs_later ON jobs (later) WHERE later <> 7;
ALTER TABLE dead_letters ADD COLUMN later TEXT;
`;

/** Jobs that a migration finds. */
const someJobs = `
  INSERT INTO jobs (id, type, queue, transport, status, priority, max_attempts, op, created_at, updated_at, timeout_ms,
    payload, payload_size)
  WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 2000)
  SELECT 'job-' || n, 'test-noop', 'background-jobs', 'background-jobs', 'pending', 5, 3, '', n, n, 30000, '{}', 2
  FROM series;
`;

/** @type {Content} */
const nothing = { schema: '[]', later: 0, jobs: 0 };

/** @param {string} state @returns {string | undefined} the database's file, where there is one yet */
const recordFile = (state) =>
  globSync(path.join(state, 'v3/d1/**/*.sqlite')).find((file) => path.basename(file) !== 'metadata.sqlite');

/**
 * @typedef {{ schema: string, later: number, jobs: number }} Content
 * later: rows that the second migration wrote
 */

/**
 * What a database holds, and which migrations it says it has.
 *
 * @param {string} state
 * @returns {{ integrity: string, applied: string[], content: Content }}
 */
function look(state) {
  const file = recordFile(state);
  if (!file) return { integrity: 'ok', applied: [], content: nothing };
  const database = new DatabaseSync(file, { timeout: 10_000 });
  try {
    const all = (/** @type {string} */ sql) => database.prepare(sql).all();
    const objects = all(`SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'
      AND name NOT LIKE '_cf_%' AND name <> 'd1_migrations' ORDER BY type, name`);
    const has = (/** @type {string} */ table) =>
      all(`SELECT 1 FROM sqlite_schema WHERE name = '${table}'`).length > 0;
    const count = (/** @type {string} */ table) =>
      has(table) ? Number(all(`SELECT count(*) AS n FROM ${table}`)[0]?.n) : 0;
    const applied = has('d1_migrations') ? all('SELECT name FROM d1_migrations ORDER BY id') : [];
    return {
      integrity: String(all('PRAGMA integrity_check')[0]?.integrity_check),
      applied: applied.map(({ name }) => String(name)),
      content: { schema: JSON.stringify(objects), later: count('later'), jobs: count('jobs') },
    };
  } finally {
    database.close();
  }
}

/** @param {string} state @returns {number} bytes of the database and what belongs to it */
function sizeOf(state) {
  const file = recordFile(state);
  if (!file) return 0;
  return [file, `${file}-wal`].reduce((sum, each) => sum + (existsSync(each) ? statSync(each).size : 0), 0);
}

/**
 * Starts the migration, and kills it unless it is done before: at a time left to chance, or so long after its first
 * write.
 *
 * @param {string} config
 * @param {string} state
 * @param {{ killMs: number, writing: boolean }} when writing: killMs counts from the first write on
 * @returns {Promise<{ ms: number, writingMs: number, code: number | null }>} how long it ran, how much of it after its
 *   first write, and its exit status, null when it was killed
 */
async function runMigration(config, state, { killMs, writing }) {
  const [command] = migrationCommands({ config, state });
  if (!command) throw new Error('There is no database.');
  const { program, args, env } = command;
  const before = sizeOf(state);
  const began = Date.now();
  let wrote = Number.POSITIVE_INFINITY;
  const child = spawn(program, args, { cwd: root, env, stdio: 'ignore', detached: true });
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over && Date.now() < began + LONGEST_MS) {
    const now = Date.now();
    if (wrote > now && sizeOf(state) !== before) wrote = now;
    if (now >= (writing ? wrote : began) + killMs) break;
    await sleep(5);
  }
  killGroup(child.pid);
  const code = await ended;
  return { ms: Date.now() - began, writingMs: Math.max(Date.now() - wrote, 0), code };
}

/** @param {number | undefined} pid of the group's leader */
function killGroup(pid) {
  if (pid === undefined) throw new Error('wrangler could not be started.');
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}

/** @param {number} rows @returns {string} a folder with today's migrations and one more */
function makeFolder(rows) {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-migrations-'));
  cpSync(path.join(root, 'migrations'), folder, { recursive: true });
  writeFileSync(path.join(folder, LATER), second(rows));
  return folder;
}

/**
 * @param {LocalSystem} system
 * @param {string} migrations folder
 * @returns {string} a configuration of the main worker with those migrations
 */
function configWith(system, migrations) {
  const config = JSON.parse(readFileSync(system.files.main, 'utf8'));
  for (const database of config.d1_databases) database.migrations_dir = migrations;
  const file = path.join(path.dirname(system.files.main), `${path.basename(migrations)}.json`);
  writeFileSync(file, JSON.stringify(config));
  return file;
}

/** A state folder in which the same migrations are applied from the same beginnings, again and again. */
class Ground {
  state = mkdtempSync(path.join(tmpdir(), 'sluice-migration-'));
  /** @type {Map<string, Content>} what is there after each list of migrations, undisturbed; by beginning and list */
  known = new Map();

  /** @param {string} config with one migration more than today's @param {string} base state with today's */
  constructor(config, base) {
    this.config = config;
    this.base = base;
  }

  /** @param {boolean} empty nothing is there yet; else today's migrations, and jobs */
  reset(empty) {
    const data = path.join(this.state, 'v3');
    rmSync(data, { recursive: true, force: true });
    if (empty) return;
    cpSync(path.join(this.base, 'v3'), data, { recursive: true });
    const database = new DatabaseSync(String(recordFile(this.state)));
    database.exec(someJobs);
    database.close();
  }

  /**
   * Learns what is there at each step of an undisturbed migration.
   *
   * @param {boolean} empty
   * @returns {Promise<{ ms: number, writingMs: number }>} how long it took
   */
  async learn(empty) {
    this.reset(empty);
    this.#keep(empty);
    const { ms, writingMs, code } = await runMigration(this.config, this.state, {
      killMs: LONGEST_MS,
      writing: false,
    });
    if (code !== 0) throw new Error(`the undisturbed migration ended with ${code}`);
    this.#keep(empty);
    // Between the two, from nothing: today's migrations without jobs.
    if (empty) this.known.set(this.#key(empty, look(this.base).applied), look(this.base).content);
    return { ms, writingMs };
  }

  /** @param {boolean} empty */
  #keep(empty) {
    const { applied, content } = look(this.state);
    this.known.set(this.#key(empty, applied), content);
  }

  /** @param {boolean} empty @param {string[]} applied */
  #key(empty, applied) {
    return JSON.stringify([empty, applied]);
  }

  /** What must be there where these migrations are listed. @param {boolean} empty @param {string[]} applied */
  expected(empty, applied) {
    return this.known.get(this.#key(empty, applied));
  }

  remove() {
    rmSync(this.state, { recursive: true, force: true });
  }
}

/**
 * kill -9 of `wrangler d1 migrations apply`, again and again: from nothing, and from today's migrations.
 *
 * @param {Ground} ground
 * @param {{ dice: Dice, cycles: number, print: (line: string) => void }} task
 * @param {Findings} findings
 */
async function killMigrations(ground, { dice, cycles, print }, findings) {
  const { state, config } = ground;
  const { ms, writingMs } = await ground.learn(false);
  // Seldom is there nothing to begin with: every third time.
  if (cycles >= 3) await ground.learn(true);
  print(`undisturbed it takes ${ms} ms, ${writingMs} of them after its first write`);
  let disturbed = 0;
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const empty = cycle % 3 === 0;
    const writing = cycle % 4 !== 0;
    const killMs = dice.below(writing ? writingMs : ms);
    ground.reset(empty);
    const { code } = await runMigration(config, state, { killMs, writing });
    const found = look(state);
    if (code !== 0) disturbed++;
    print(
      `cycle ${cycle}: from ${empty ? 'nothing' : "today's"}, killed ${killMs} ms after its ` +
        `${writing ? 'first write' : 'start'}: ${found.applied.length} migrations listed`,
    );
    findings.equal(`cycle ${cycle}: the file is intact`, found.integrity, 'ok');
    findings.equal(
      `cycle ${cycle}: there is what the listed migrations make, and nothing else`,
      found.content,
      ground.expected(empty, found.applied),
    );
    await migrate({ config, state });
    const after = look(state);
    findings.equal(`cycle ${cycle}: the next run completes them`, after.applied.at(-1), LATER);
    findings.equal(
      `cycle ${cycle}: the schema is whole`,
      after.content,
      ground.expected(empty, after.applied),
    );
  }
  // A single kill may come too late on a machine whose speed changes.
  if (cycles > 4) findings.check('a migration was killed before its end', disturbed > 0);
  return { undisturbedMs: ms, writingMs, disturbed };
}

/**
 * Migrates while workers write: wrangler gives up at once when it meets their lock, and is told again.
 *
 * @param {{ config: string, state: string }} options
 * @returns {Promise<number>} how often it was told
 */
async function migrateBesides(options) {
  for (let tries = 1; ; tries++) {
    try {
      await migrate(options);
      return tries;
    } catch (error) {
      const busy = String(error).includes('SQLITE_BUSY');
      if (!busy || tries === TRIES) throw error;
    }
  }
}

/**
 * The schema gets ahead of the workers while they work; then they are started on it anew.
 *
 * @param {LocalSystem} system of today's version, on today's migrations
 * @param {string} config with one migration more
 * @param {import('./findings.js').Task} task small: they are not started anew
 * @param {Findings} findings
 */
async function migrateUnderLoad(system, config, { seed, small, print }, findings) {
  const load = new Load(system, new Dice(seed), { perSecond: 20, strict: true });
  await system.start();
  system.startTicks(1000);
  load.start();
  await system.until('work before', NOTICED_MS, () => load.acknowledged.size >= 40);
  const before = load.acknowledged.size;
  const tries = await migrateBesides({ config, state: system.state });
  const during = load.acknowledged.size - before;
  print(`migrated under load in ${tries} tries: ${during} jobs acknowledged meanwhile`);
  await system.until('work after', NOTICED_MS, () => load.acknowledged.size >= before + during + 40);
  if (!small) {
    load.strict = false;
    await system.kill();
    await system.start();
    const enough = load.acknowledged.size + 40;
    await system.until('work of workers started anew', NOTICED_MS, () => load.acknowledged.size >= enough);
  }
  await load.stop();
  const drainSeconds = await drain(system, DRAIN_MS);
  await system.kill();
  auditRecord(system, findings);
  const counts = auditJobs(system, load, findings);
  findings.check('jobs in = jobs final', counts.jobsIn === counts.completed + counts.failed, counts);
  findings.equal('the newer schema was there', look(system.state).applied.at(-1), LATER);
  return { ...counts, acknowledgedMeanwhile: during, tries, answers: load.answers, drainSeconds };
}

/**
 * @param {import('./findings.js').Task} task
 * @returns {Promise<import('./findings.js').Outcome>}
 */
export async function migration({ seed, cycles, small, print }) {
  const findings = new Findings();
  const rows = small ? 200_000 : 1_000_000;
  const count = cycles ?? (small ? 1 : CYCLES);
  const folder = makeFolder(rows);
  const system = await LocalSystem.make({ vars: { LEASE_MS: '20000' } });
  const config = configWith(system, folder);
  const ground = new Ground(config, await migratedState());
  try {
    const task = { dice: new Dice(seed), cycles: count, print };
    const killed = await killMigrations(ground, task, findings);
    const underLoad = await migrateUnderLoad(system, config, { seed, small, print }, findings);
    return { findings, figures: { cycles: count, rows, ...killed, underLoad } };
  } finally {
    await system.dispose();
    ground.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}
