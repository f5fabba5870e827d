// The one door to D1.

/** @typedef {[statement: number, params: number[], forHost: boolean]} PlannedStatement */

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
 * @returns {Promise<{ rows: string, host: Record<string, any>[] }>} rows: JSON for the module, per statement
 *   an array of its rows; host: rows of the statements that are not the module's
 */
export async function runPlan(db, module, plan, frames) {
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
      rows.push(`[${list.map((row) => row.r).join(',')}]`);
    }
  });
  return { rows: `[${rows.join(',')}]`, host };
}
