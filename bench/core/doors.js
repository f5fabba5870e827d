// D1 and Queues as flows see them, between the flows and what records or answers.

/**
 * @typedef {{ sql: string, params: string[] }} Bound a statement with what is bound to it
 * @typedef {{ results: any[] }} Result of one statement
 * @typedef {{ binding: string, body: any, delaySeconds: number }} Send
 */

/** A statement, bound or not. */
class Statement {
  /** @param {string} sql @param {string[]} params */
  constructor(sql, params) {
    this.sql = sql;
    this.params = params;
  }

  /** @param {string[]} params */
  bind(...params) {
    return new Statement(this.sql, params);
  }
}

/** A database whose batches are somebody else's to answer. */
export class Database {
  /** @param {(statements: Bound[]) => Promise<Result[]>} answer */
  constructor(answer) {
    this.batch = answer;
  }

  /** @param {string} sql */
  prepare(sql) {
    return new Statement(sql, []);
  }
}

/**
 * Runs statements in a real D1.
 * @param {any} db @param {Bound[]} statements @returns {Promise<Result[]>}
 */
export function runIn(db, statements) {
  return db.batch(
    statements.map(({ sql, params }) => {
      const statement = db.prepare(sql);
      return params.length > 0 ? statement.bind(...params) : statement;
    }),
  );
}

/** Bindings of the queues that a flow may send to. */
const QUEUES = ['SCRAPING_QUEUE', 'PRIORITY_SCRAPING_QUEUE', 'JOB_QUEUE', 'SCRAPING_DLQ', 'JOB_DLQ'];

/**
 * @param {Record<string, string>} vars @param {Database} db
 * @param {(binding: string, batch: { body: any, delaySeconds?: number }[]) => void} send
 * @returns {Record<string, any>} a worker's environment
 */
export function environment(vars, db, send) {
  const queues = QUEUES.map((binding) => [
    binding,
    { sendBatch: async (/** @type {any[]} */ batch) => send(binding, batch) },
  ]);
  return { ...vars, LOG_LEVEL: 'error', DB: db, ...Object.fromEntries(queues) };
}
