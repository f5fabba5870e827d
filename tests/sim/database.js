// D1 as the shims see it, on real SQLite in memory with the real migrations.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { freeze } from './accidents.js';
import { never } from './actor.js';
import { acting } from './time.js';
import { WITNESS } from './witness.js';

/** Texts of D1's passing errors. */
const LOST = 'D1_ERROR: Network connection lost.';
const OVERLOADED = 'D1_ERROR: D1 DB is overloaded. Too many requests queued.';
/** A commit that the caller has given up comes this late at most. */
const LATE_MS = 60000;
/** What a pulse asks: whether the runs of its first parameter still have their leases. */
const PULSE = /json_array\(jobs\.id, jobs\.status, jobs\.fence, jobs\.lease_until\)/;
/** An answer that took longer tells what was so long ago. */
const SLOW_MS = 5000;
/** Handlers ask for locks as often as they like, which says nothing of their leases. */
const LOCK = /\blocks\b/;

/** @type {string[] | undefined} */
let migrations;

/** @param {string} root the project's folder */
function schema(root) {
  const folder = join(root, 'migrations');
  migrations ??= readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  return migrations;
}

/** @typedef {{ sql: string, params: string[] }} Bound */

/** The one database of a world, or one of several. */
export class Database {
  /** @param {string} root @param {(sql: string) => string} cut applied to every statement's text */
  constructor(root, cut) {
    this.sqlite = new DatabaseSync(':memory:');
    for (const text of schema(root)) this.sqlite.exec(text);
    this.sqlite.exec(WITNESS);
    this.cut = cut;
    /** @type {Map<string, import('node:sqlite').StatementSync>} */
    this.prepared = new Map();
  }

  /** @param {string} sql @param {any[]} params @returns {any[]} */
  all(sql, ...params) {
    const statement = this.prepared.get(sql) ?? this.sqlite.prepare(sql);
    this.prepared.set(sql, statement);
    return statement.all(...params);
  }

  /**
   * One transaction.
   * @param {Bound[]} list @returns {any[][]} rows of each statement
   */
  transact(list) {
    this.sqlite.exec('BEGIN');
    try {
      const rows = list.map(({ sql, params }) => this.all(this.cut(sql), ...params));
      this.sqlite.exec('COMMIT');
      return rows;
    } catch (error) {
      this.sqlite.exec('ROLLBACK');
      throw error;
    }
  }

  /** @param {import('./witness.js').Noted} table @returns {any[]} what was noted since it was last asked */
  take(table) {
    const rows = this.all(`SELECT * FROM ${table}`);
    if (rows.length > 0) this.sqlite.exec(`DELETE FROM ${table}`);
    return rows;
  }

  /** The one that has a job. @param {string} _id @returns {Database} */
  of(_id) {
    return this;
  }

  /** @param {number} _shard @returns {Database} */
  part(_shard) {
    return this;
  }

  close() {
    this.sqlite.close();
  }
}

/** The shard that a job's id names. @param {string} id */
export const shardOf = (id) => Number.parseInt(id.slice(20, 22), 16) || 0;

/** Several databases: what is asked of all is what each says, one after the other. */
export class Databases {
  /** @param {Database[]} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /** @param {string} sql @param {any[]} params @returns {any[]} */
  all(sql, ...params) {
    return this.parts.flatMap((part) => part.all(sql, ...params));
  }

  /** @param {import('./witness.js').Noted} table @returns {any[]} */
  take(table) {
    return this.parts.flatMap((part) => part.take(table));
  }

  /** @param {string} id @returns {Database} */
  of(id) {
    return this.part(shardOf(id));
  }

  /** @param {number} shard @returns {Database} */
  part(shard) {
    return /** @type {Database} */ (this.parts[shard] ?? this.parts[0]);
  }

  close() {
    for (const part of this.parts) part.close();
  }
}

/**
 * What the rows of several databases come to together.
 * @param {any[]} rows @param {string} column
 */
export const total = (rows, column) => rows.reduce((sum, row) => sum + row[column], 0);

/** @typedef {import('./world.js').World} World */
/** @typedef {import('./actor.js').Actor} Actor */

/**
 * One batch of an actor on its way to a database and back.
 * @param {World} world @param {Actor} actor @param {Bound[]} list @param {number} shard
 */
async function batch(world, actor, list, shard) {
  const runs = list.find(({ sql }) => PULSE.test(sql))?.params[0];
  const { now } = world.timeline;
  if (runs) actor.pulses++;
  try {
    return await carryOut(world, actor, list, shard, runs);
  } finally {
    if (runs) actor.pulses--;
    if (runs && world.timeline.now - now > SLOW_MS) actor.waited = world.timeline.now;
  }
}

/**
 * @param {World} world @param {Actor} actor @param {Bound[]} list @param {number} shard
 * @param {string} [runs] that a pulse tells of
 */
async function carryOut(world, actor, list, shard, runs) {
  const { faults, timeline, dice } = world;
  const vanishes = world.atDoor(actor, 'D1');
  const fault = faults.d1(timeline.now, actor, shard);
  await world.sleep(faults.d1Delay(actor));
  if (fault && faults.strikes('stalls')) freeze(world, actor);
  if (fault === 'before') throw new Error(LOST);
  if (fault === 'overloaded') throw new Error(OVERLOADED);
  if (fault === 'late') {
    timeline.after(dice.below(LATE_MS), () => world.commitLate(actor, list, shard));
    throw new Error(LOST);
  }
  if (vanishes && world.isEarly()) {
    world.vanish(actor, 'before its batch was committed');
    return never();
  }
  const rows = world.commit(actor, list, shard);
  const judge = runs && world.checker.leases.judgePulse(actor, runs);
  if (vanishes) {
    world.vanish(actor, 'after its batch was committed');
    return never();
  }
  await world.sleep(fault === 'hangs' ? dice.between(60000, 600000) : faults.d1Delay(actor));
  if (fault === 'after') throw new Error(LOST);
  if (!list.some(({ sql }) => LOCK.test(sql))) actor.hear(shard);
  if (judge) judge();
  return rows.map((results) => ({ results, success: true, meta: {} }));
}

/** One statement, bound or not: for a batch, or by itself. */
class Statement {
  /** @param {World} world @param {number} shard @param {string} sql @param {string[]} params */
  constructor(world, shard, sql, params) {
    this.world = world;
    this.shard = shard;
    this.sql = sql;
    this.params = params;
  }

  /** @param {string[]} params */
  bind(...params) {
    return new Statement(this.world, this.shard, this.sql, params);
  }

  async all() {
    const [result] = await batch(this.world, acting(), [this], this.shard);
    return result;
  }

  run() {
    return this.all();
  }

  async first() {
    return (await this.all())?.results[0] ?? null;
  }
}

/** An isolate's binding to a database. @param {World} world @param {number} [shard] */
export function d1Binding(world, shard = 0) {
  return {
    /** @param {string} sql */
    prepare: (sql) => new Statement(world, shard, sql, []),
    /** @param {Bound[]} list */
    batch: (list) => batch(world, acting(), list, shard),
  };
}
