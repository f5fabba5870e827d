// Statements, each a text with bound JSON, and the doors through which they and messages leave.
import type { Config } from './policy.ts';

export interface Statement {
  bind(...params: string[]): Statement;
}

export interface Result {
  readonly results: readonly Record<string, unknown>[];
}

export interface Database {
  prepare(sql: string): Statement;
  batch(statements: Statement[]): Promise<Result[]>;
}

export interface OutgoingMessage {
  readonly body: object;
  readonly contentType: 'json';
  readonly delaySeconds?: number;
}

export interface QueueBinding {
  sendBatch(batch: OutgoingMessage[]): Promise<void>;
}

export type Env = { readonly DB: Database } & { readonly [binding: string]: unknown };

/** What the flows share: the configuration, and the texts of statements by name. */
export interface Context {
  readonly config: Config;
  readonly sql: ReadonlyMap<string, string>;
}

/** One batch of statements on its way to D1. */
export class Plan {
  readonly #db: Database;
  readonly #sql: ReadonlyMap<string, string>;
  readonly #statements: Statement[] = [];

  constructor(env: Env, { sql }: Context) {
    this.#db = env.DB;
    this.#sql = sql;
  }

  /** How many statements it has. */
  get size(): number {
    return this.#statements.length;
  }

  add(name: string, ...params: string[]): void {
    this.#statements.push(prepared(this.#db, this.#sql, name).bind(...params));
  }

  run(): Promise<Result[]> {
    return this.#db.batch(this.#statements);
  }
}

const caches = new WeakMap<Database, Map<string, Statement>>();

function cacheOf(db: Database): Map<string, Statement> {
  const cache = caches.get(db) ?? new Map<string, Statement>();
  caches.set(db, cache);
  return cache;
}

function prepared(db: Database, sql: ReadonlyMap<string, string>, name: string): Statement {
  const cache = cacheOf(db);
  const known = cache.get(name);
  if (known) return known;
  const text = sql.get(name);
  if (text === undefined) throw new Error(`There is no statement ${name}.`);
  const statement = db.prepare(text);
  cache.set(name, statement);
  return statement;
}

/** The JSON in column `r` of a result's first row. */
export function readColumn<Row>(result: Result | undefined): Row[] {
  const text = result?.results[0]?.r;
  return typeof text === 'string' ? (JSON.parse(text) as Row[]) : [];
}

/** The JSON in column `r` of each row. */
export function readRows<Row>(result: Result | undefined): Row[] {
  return (result?.results ?? []).map(({ r }) => JSON.parse(String(r)) as Row);
}
