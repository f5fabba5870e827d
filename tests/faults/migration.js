// kill -9 in the middle of a migration, and workers that run while the schema gets ahead of them.
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
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
import { LocalSystem, sleep } from './local-system.js';

const CYCLES = 20;
const DRAIN_MS = 300_000;
const STARTED_MS = 120_000;

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

/** @param {string} state @returns {string | undefined} the database's file, where there is one yet */
const recordFile = (state) =>
  globSync(path.join(state, 'v3/d1/**/*.sqlite')).find((file) => path.basename(file) !== 'metadata.sqlite');

/**
 * What the database is: its schema, and which migrations it says it has.
 *
 * @param {string} state
 * @returns {{ integrity: string, schema: string, applied: string[], later: number }}
 */
function look(state) {
  const file = recordFile(state);
  if (!file) return { integrity: 'ok', schema: '', applied: [], later: 0 };
  const database = new DatabaseSync(file, { timeout: 10_000 });
  try {
    const all = (/** @type {string} */ sql) => database.prepare(sql).all();
    const objects = all(`SELECT type, name, sql FROM sqlite_schema
      WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%' AND name <> 'd1_migrations' ORDER BY type, name`);
    const has = (/** @type {string} */ table) =>
      all(`SELECT 1 FROM sqlite_schema WHERE name = '${table}'`).length > 0;
    const applied = has('d1_migrations') ? all('SELECT name FROM d1_migrations ORDER BY id') : [];
    const [later] = has('later') ? all('SELECT count(*) AS n FROM later') : [{ n: 0 }];
    return {
      integrity: String(all('PRAGMA integrity_check')[0]?.integrity_check),
      schema: JSON.stringify(objects),
      applied: applied.map(({ name }) => String(name)),
      later: Number(later?.n),
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
 * Starts the migration and kills it: at a time left to chance, or soon after it has begun to write.
 *
 * @param {string} config
 * @param {string} state
 * @param {{ delayMs: number, writing: boolean }} when writing: counted from the first write on
 */
async function killedMigration(config, state, { delayMs, writing }) {
  const [command] = migrationCommands({ config, state });
  if (!command) throw new Error('There is no database.');
  const before = sizeOf(state);
  const child = spawn(command.program, command.args, {
    cwd: root,
    env: command.env,
    stdio: 'ignore',
    detached: true,
  });
  let over = false;
  const ended = new Promise((resolve) =>
    child.once('exit', () => {
      over = true;
      resolve(undefined);
    }),
  );
  const giveUp = Date.now() + STARTED_MS;
  while (writing && !over && sizeOf(state) === before && Date.now() < giveUp) await sleep(5);
  await Promise.race([sleep(delayMs), ended]);
  try {
    process.kill(-(/** @type {number} */ (child.pid)), 'SIGKILL');
  } catch {
    // It was done before.
  }
  await ended;
  await sleep(50);
}

/** @param {number} rows @returns {string} a folder with today's migrations and one more */
function makeFolder(rows) {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-migrations-'));
  cpSync(path.join(root, 'migrations'), folder, { recursive: true });
  writeFileSync(path.join(folder, '9999_later.sql'), second(rows));
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

/**
 * kill -9 of `wrangler d1 migrations apply`, again and again: from nothing, and from the migrations of today with
 * jobs in them.
 *
 * @param {{ dice: Dice, cycles: number, rows: number, print: (line: string) => void, base: string,
 *   config: string }} task base: state with today's migrations; config: with one more
 * @param {Findings} findings
 */
async function killMigrations({ dice, cycles, rows, print, base, config }, findings) {
  const state = mkdtempSync(path.join(tmpdir(), 'sluice-migration-'));
  const copy = (/** @type {string} */ from) =>
    cpSync(path.join(from, 'v3'), path.join(state, 'v3'), { recursive: true });
  const clear = () => rmSync(path.join(state, 'v3'), { recursive: true, force: true });
  try {
    await migrate({ config, state });
    const fresh = look(state);
    clear();
    copy(base);
    const old = look(state);
    const began = Date.now();
    await migrate({ config, state });
    const longestMs = Date.now() - began;
    const whole = look(state);
    findings.equal('the big migration is big', [fresh.later, whole.later], [rows, rows]);
    const seen = { untouched: 0, firstOnly: 0, done: 0 };
    for (let cycle = 1; cycle <= cycles; cycle++) {
      clear();
      const fromNothing = cycle % 4 === 0;
      if (!fromNothing) copy(base);
      else mkdirSync(path.join(state, 'v3'), { recursive: true });
      const writing = cycle % 2 === 1;
      const delayMs = dice.below(writing ? 1500 : longestMs);
      await killedMigration(config, state, { delayMs, writing });
      const found = look(state);
      const target = fromNothing ? fresh : whole;
      const untouched = fromNothing ? found.schema === '' : found.schema === old.schema && found.later === 0;
      const done = found.schema === target.schema && found.later === rows;
      const firstOnly = fromNothing && !untouched && !done && found.later === 0;
      seen[done ? 'done' : untouched ? 'untouched' : 'firstOnly']++;
      findings.check(
        `cycle ${cycle}: each migration is there as a whole or not at all`,
        found.integrity === 'ok' && (untouched || done || firstOnly),
        found,
      );
      const last = found.applied.at(-1) === '9999_later.sql';
      findings.check(`cycle ${cycle}: it is listed exactly if it is there`, last === found.later > 0, found);
      await migrate({ config, state });
      findings.equal(`cycle ${cycle}: applied again, the schema is whole`, look(state), target);
      print(
        `cycle ${cycle}: killed ${delayMs} ms ${writing ? 'after its first write' : 'after its start'}: ${
          done ? 'it was done' : untouched ? 'nothing of it was there' : 'the first of two was there'
        }`,
      );
    }
    return { longestMs, ...seen };
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

/**
 * The schema gets ahead of the workers while they work; then they are started on it anew.
 *
 * @param {LocalSystem} system of today's version, on today's migrations
 * @param {string} config with one migration more
 * @param {{ seed: number, print: (line: string) => void }} task
 * @param {Findings} findings
 */
async function migrateUnderLoad(system, config, { seed, print }, findings) {
  const load = new Load(system, new Dice(seed), { perSecond: 20 });
  await system.start();
  system.startTicks(1000);
  load.start();
  await system.until('work before', 60_000, () => load.acknowledged.size >= 40);
  const before = load.acknowledged.size;
  await migrate({ config, state: system.state });
  const during = load.acknowledged.size - before;
  print(`migrated under load: ${during} jobs acknowledged meanwhile`);
  await system.until('work after', 60_000, () => load.acknowledged.size >= before + during + 40);
  await system.kill();
  await system.start();
  await system.until(
    'work of workers started anew',
    60_000,
    () => load.acknowledged.size >= before + during + 80,
  );
  await load.stop();
  const drainSeconds = await drain(system, DRAIN_MS);
  await system.kill();
  auditRecord(system, findings);
  const counts = auditJobs(system, load, findings);
  findings.check('jobs in = jobs final', counts.jobsIn === counts.completed + counts.failed, counts);
  findings.equal('the newer schema was there', look(system.state).applied.at(-1), '9999_later.sql');
  return { ...counts, acknowledgedMeanwhile: during, answers: load.answers, drainSeconds };
}

/**
 * @param {import('./findings.js').Task} task
 * @returns {Promise<import('./findings.js').Outcome>}
 */
export async function migration({ seed, cycles, small, print }) {
  const findings = new Findings();
  const dice = new Dice(seed);
  const rows = small ? 100_000 : 1_000_000;
  const folder = makeFolder(rows);
  const system = await LocalSystem.make({ vars: { LEASE_MS: '20000' } });
  try {
    const config = configWith(system, folder);
    const count = cycles ?? (small ? 2 : CYCLES);
    const killed = await killMigrations(
      { dice, cycles: count, rows, print, base: system.state, config },
      findings,
    );
    const underLoad = await migrateUnderLoad(system, config, { seed, print }, findings);
    return { findings, figures: { cycles: count, rows, ...killed, underLoad } };
  } finally {
    await system.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}
