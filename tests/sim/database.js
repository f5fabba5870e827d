// D1 as the shims see it, on real SQLite in memory with the real migrations.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { never } from './actor.js';

/** Texts of D1's passing errors. */
const LOST = 'D1_ERROR: Network connection lost.';
const OVERLOADED = 'D1_ERROR: D1 DB is overloaded. Too many requests queued.';

// What changes is noted inside the transaction that changes it.
const WITNESS = `
CREATE TEMP TABLE moves (
  seq INTEGER PRIMARY KEY, id, was, is_now, was_fence, fence, was_op, op, was_lease, run_at, was_row, row
);
CREATE TEMP TRIGGER witness AFTER UPDATE ON main.jobs
WHEN old.op <> new.op OR old.status <> new.status OR old.fence <> new.fence
  OR old.completed_at IS NOT new.completed_at OR old.result IS NOT new.result
BEGIN
  INSERT INTO moves (id, was, is_now, was_fence, fence, was_op, op, was_lease, run_at, was_row, row) VALUES (
    new.id, old.status, new.status, old.fence, new.fence, old.op, new.op, old.lease_until, old.run_at,
    json_array(old.result, old.attempts, old.fence, old.completed_at, old.history),
    json_array(new.result, new.attempts, new.fence, new.completed_at, new.history)
  );
END;
CREATE TEMP TABLE burials (id, fence);
CREATE TEMP TRIGGER undertaker AFTER UPDATE ON main.dead_letters
WHEN old.buried_at IS NULL AND new.buried_at IS NOT NULL
BEGIN
  INSERT INTO burials VALUES (new.id, new.fence);
END;
CREATE TEMP TABLE births (id, status);
CREATE TEMP TRIGGER midwife AFTER INSERT ON main.jobs
BEGIN
  INSERT INTO births VALUES (new.id, new.status);
END;`;

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

/** The one database of a world. */
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

  /** @param {'moves' | 'burials' | 'births'} table @returns {any[]} what was noted since it was last asked */
  take(table) {
    const rows = this.all(`SELECT * FROM ${table}`);
    if (rows.length > 0) this.sqlite.exec(`DELETE FROM ${table}`);
    return rows;
  }

  close() {
    this.sqlite.close();
  }
}

/**
 * An actor's binding to the database.
 * @param {import('./world.js').World} world @param {import('./actor.js').Actor} actor
 */
export function d1Binding(world, actor) {
  return {
    /** @param {string} sql */
    prepare: (sql) => ({ sql, params: [], bind: (/** @type {string[]} */ ...params) => ({ sql, params }) }),
    /** @param {Bound[]} list */
    async batch(list) {
      const vanishes = actor.burn();
      const fault = world.faults.d1(world.timeline.now);
      await world.sleep(world.faults.d1Delay());
      if (fault === 'before' || fault === 'overloaded') {
        throw new Error(fault === 'before' ? LOST : OVERLOADED);
      }
      if (vanishes && world.dice.chance(0.5)) {
        world.vanish(actor, 'before its batch was committed');
        return never();
      }
      const rows = world.commit(actor, list);
      if (vanishes) {
        world.vanish(actor, 'after its batch was committed');
        return never();
      }
      await world.sleep(world.faults.d1Delay());
      if (fault === 'after') throw new Error(LOST);
      return rows.map((results) => ({ results, success: true, meta: {} }));
    },
  };
}
