// The one door to D1.

/** @typedef {[statement: number, params: number[], forHost: boolean]} PlannedStatement */
/** `shard`: number of its database, 0 where it is missing; or `shards`: of all on which it is run */
/** @typedef {{ plan: PlannedStatement[], shard?: number, shards?: number[] }} Plan */

/** Bindings of databases: DB is number 0, DB_1 number 1 and so on. */
const BINDING = /^DB(?:_(\d+))?$/;

/**
 * The numbers of the databases that are bound, ascending; undefined where there is only one, for which
 * nothing need be said.
 * @param {Record<string, any>} env the worker's environment
 * @returns {number[] | undefined}
 */
export function databasesIn(env) {
  const numbers = Object.keys(env).flatMap((name) => {
    const match = BINDING.exec(name);
    return match ? [Number(match[1] ?? 0)] : [];
  });
  return numbers.length > 1 ? numbers.sort((a, b) => a - b) : undefined;
}

/** @param {Record<string, any>} env @param {number} number @returns {D1Database} */
const databaseOf = (env, number) => (number === 0 ? env.DB : env[`DB_${number}`]);

/**
 * Statements by number, which is the same in all modules.
 * @type {WeakMap<D1Database, Map<number, D1PreparedStatement>>}
 */
const prepared = new WeakMap();

/**
 * @param {D1Database} db
 * @param {import('./module.js').FlowModule} module
 * @param {number} number
 */
function prepare(db, module, number) {
  const statements = prepared.get(db) ?? new Map();
  prepared.set(db, statements);
  const statement = statements.get(number) ?? db.prepare(module.statementText(number));
  statements.set(number, statement);
  return statement;
}

/**
 * Runs a plan's statements as one batch: one transaction, one round trip. Throws D1's error; then nothing was
 * written, or all of it was and the answer was lost.
 *
 * @param {D1Database} db
 * @param {import('./module.js').FlowModule} module that made the plan
 * @param {PlannedStatement[]} plan
 * @param {string[]} frames that the parameters refer to
 * @returns {Promise<{ rows: string[], host: Record<string, any>[] }>} rows: per statement of the module's its
 *   rows, JSON with commas between; host: rows of the statements that are not the module's
 */
async function runOn(db, module, plan, frames) {
  const statements = plan.map(([number, params]) => {
    const statement = prepare(db, module, number);
    return params.length === 0 ? statement : statement.bind(...params.map((index) => frames[index]));
  });
  const results = await db.batch(statements);
  /** @type {string[]} */
  const rows = [];
  /** @type {Record<string, any>[]} */
  const host = [];
  results.forEach((result, i) => {
    const list = /** @type {Record<string, any>[]} */ (result.results ?? []);
    if (plan[i]?.[2]) {
      host.push(...list);
    } else {
      rows.push(list.map((row) => row.r).join(','));
    }
  });
  return { rows, host };
}

/** @param {string[]} rows as above @returns {string} as the module reads them */
const rowsText = (rows) => `[${rows.map((list) => `[${list}]`).join(',')}]`;

/**
 * Runs a plan on one database or several, side by side. Throws the first error of any; what the others did
 * stands.
 *
 * @param {Record<string, any>} env
 * @param {import('./module.js').FlowModule} module that made the plan
 * @param {Plan} what
 * @param {string[]} frames that the parameters refer to
 * @returns {Promise<{ rows: string, host: Record<string, any>[] }>} rows: JSON for the module, per statement
 *   an array of its rows, those of one database after those of the other; host: rows of the statements that
 *   are not the module's
 */
export async function runPlan(env, module, { plan, shard = 0, shards }, frames) {
  if (!shards) {
    const { rows, host } = await runOn(databaseOf(env, shard), module, plan, frames);
    return { rows: rowsText(rows), host };
  }
  const results = await Promise.all(
    shards.map((number) => runOn(databaseOf(env, number), module, plan, frames)),
  );
  const lists = results[0]?.rows.map((_, n) => results.flatMap(({ rows }) => rows[n] || []).join(',')) ?? [];
  return { rows: rowsText(lists), host: results.flatMap(({ host }) => host) };
}
