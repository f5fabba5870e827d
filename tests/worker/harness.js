// Both workers from their real configuration in a real workerd, for tests.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestHarness } from 'wrangler';

/** @typedef {import('./entries/faults.js').Fault} Fault */
/** @typedef {import('./entries/faults.js').Call} Call */
/** @typedef {'sluice' | 'sluice-scraper'} WorkerName */

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const entries = path.join(root, 'tests/worker/entries');

/** Secret SLUICE_TOKENS of the tests, and what each of its tokens may do. */
export const tokens = Object.freeze({ admin: 'admin-token', read: 'read-token', write: 'write-token' });

/** @param {string} text */
async function sha256(text) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Buffer.from(digest).toString('hex');
}

/** SLUICE_TOKENS with the tokens above; the hash of one is in capitals, as some tools print it. */
export async function tokensSecret() {
  return JSON.stringify([
    { name: 'operator', sha256: await sha256(tokens.admin), scopes: ['admin'] },
    { name: 'reader', sha256: await sha256(tokens.read), scopes: ['jobs:read'] },
    { name: 'producer', sha256: (await sha256(tokens.write)).toUpperCase(), scopes: ['jobs:write'] },
  ]);
}

/** Local runs may shorten times, never limits. */
const testVars = {
  ALLOW_PRIVATE_HOSTS: 'true',
  HOST_DELAY_MS: '0',
  LOG_LEVEL: 'debug',
  RESEND_AFTER_MS: '1000',
};

function assertBuilt() {
  const needed = [
    'dist/sluice_core.wasm',
    'dist/sluice_views.wasm',
    'dist/sluice_chat.wasm',
    'dist/registry-test/types.js',
    'dist/registry-test/handlers.js',
  ];
  const missing = needed.filter((file) => !existsSync(path.join(root, file)));
  if (missing.length > 0) {
    const command = 'node scripts/build.mjs --test --no-bundles';
    throw new Error(`${missing.join(', ')} missing: run \`${command}\` first (\`npm test\` does).`);
  }
  if (!process.env.WRANGLER_BUILD_CONDITIONS?.split(',').includes('sluice-test')) {
    throw new Error('WRANGLER_BUILD_CONDITIONS must name sluice-test: run through vitest, which sets it.');
  }
}

/**
 * @param {string} file a wrangler.jsonc: JSON with comments
 * @returns {any}
 */
function readConfig(file) {
  const text = readFileSync(path.join(root, file), 'utf8');
  return JSON.parse(text.replace(/("(?:[^"\\]|\\.)*")|\/\/.*/g, (_, string) => string ?? ''));
}

/**
 * @typedef {object} Options
 * @property {Record<string, string>} [vars] for both workers, over those of the configuration and the tests'
 * @property {Record<string, string | undefined>} [secrets] of the main worker; SLUICE_TOKENS is the
 *   tests' own where it is not here, and not set where it is undefined
 * @property {number} [batchTimeout] seconds for which a queue waits for more messages; default 0
 * @property {number} [deadLetterRetryDelay] seconds after which an unburied dead letter is back; default 1
 * @property {boolean} [consume] whether the scraper consumes its queues; messages without a consumer are
 *   dropped, so that jobs stay as they were enqueued. Default true
 * @property {boolean} [bury] whether the main worker consumes the dead-letter queues; default true
 * @property {number} [shards] databases over which jobs are spread; default 1
 * @property {boolean} [faults] whether D1 and the queues can be made to fail, and their calls are counted
 * @property {Record<WorkerName, string>} [entries] files in place of the workers' own
 * @property {any[]} [others] configurations of further workers
 * @property {Record<string, unknown>} [bindings] members of the scraper's configuration besides its own
 */

/** Binding of a shard's database. @param {number} shard */
export const bindingOf = (shard) => (shard === 0 ? 'DB' : `DB_${shard}`);

/**
 * @param {any} config of a worker @param {string} folder its own @param {number} shards
 * @returns {any[]} its database, and as many more like it
 */
function databasesOf({ d1_databases: [database] }, folder, shards) {
  return Array.from({ length: shards }, (_, shard) => ({
    ...database,
    binding: bindingOf(shard),
    ...(shard > 0 && {
      database_name: `${database.database_name}-${shard}`,
      database_id: database.database_id.replace(/.$/, String(shard)),
    }),
    migrations_dir: path.join(folder, database.migrations_dir),
  }));
}

/**
 * The worker's own configuration with what a test changes of it.
 *
 * @param {string} file
 * @param {string} faultyEntry
 * @param {boolean} consume
 * @param {Options} options
 */
function configFor(file, faultyEntry, consume, options) {
  const { $schema, ...config } = readConfig(file);
  const folder = path.dirname(path.join(root, file));
  const { batchTimeout = 0, deadLetterRetryDelay = 1 } = options;
  const entry = options.faults ? path.join(entries, faultyEntry) : path.join(folder, config.main);
  const consumers = config.queues.consumers.map((/** @type {any} */ consumer) => ({
    ...consumer,
    max_batch_timeout: batchTimeout,
    ...(consumer.retry_delay !== undefined && { retry_delay: deadLetterRetryDelay }),
  }));
  return {
    ...config,
    main: options.entries?.[/** @type {WorkerName} */ (config.name)] ?? entry,
    d1_databases: databasesOf(config, folder, options.shards ?? 1),
    queues: { ...config.queues, consumers: consume ? consumers : [] },
    vars: { ...config.vars, ...testVars, ...options.vars },
  };
}

/** @param {Options} options */
async function workersFor(options) {
  const { consume = true, bury = true, others = [], bindings = {} } = options;
  const main = configFor('wrangler.jsonc', 'main.js', bury, options);
  const secrets = { SLUICE_TOKENS: await tokensSecret(), ...options.secrets };
  const set = Object.entries(secrets).filter(([, value]) => value !== undefined);
  Object.assign(main.vars, Object.fromEntries(set));
  const scraper = configFor('scraper/wrangler.jsonc', 'scraper.js', consume, options);
  return [main, { ...scraper, ...bindings }, ...others].map((config) => ({ config }));
}

/** @param {number} ms */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Polls until `probe` gives something truthy, and resolves to that; throws after `ms` with what it gave last.
 *
 * @template T
 * @param {() => Promise<T> | T} probe
 * @param {{ ms?: number, what?: string }} [options]
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(probe, { ms = 15_000, what = 'the condition' } = {}) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`${what} did not come true in ${ms} ms`);
    await sleep(25);
  }
}

/** What a connection ends with that the other side has closed. */
const CLOSED = ['EPIPE', 'ECONNRESET', 'UND_ERR_SOCKET'];

/**
 * Runs `call`, once more where it was given a connection kept from an earlier call that the worker was just
 * closing, as it does after a request whose body it has not read.
 *
 * @template T
 * @param {() => Promise<T>} call
 * @returns {Promise<T>}
 */
export async function connected(call) {
  try {
    return await call();
  } catch (error) {
    if (!CLOSED.includes(/** @type {any} */ (error)?.cause?.code)) throw error;
    return call();
  }
}

const FINAL = ['completed', 'failed', 'cancelled'];

/** A running system. Stop it when the tests are done with it. */
export class Sluice {
  /**
   * @param {import('wrangler').TestHarness} server @param {string} folder for its temporary files
   * @param {number} [shards] its databases
   */
  constructor(server, folder, shards = 1) {
    this.server = server;
    this.folder = folder;
    this.shards = shards;
    /** Where the main worker listens. */
    this.url = '';
    /** @type {any} bindings of the main worker, as they are: no fault touches them, and nobody counts them */
    this.env = undefined;
  }

  /** Starts the workers and makes the tables. */
  async start() {
    const { url } = await this.server.listen();
    this.url = url.href;
    const main = this.server.getWorker('sluice');
    for (let shard = 0; shard < this.shards; shard++) await main.applyD1Migrations(bindingOf(shard));
    this.env = await main.getEnv();
    return this;
  }

  async stop() {
    await this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /**
   * A request to the main worker, with the admin's token unless `token` says otherwise.
   *
   * @param {string} address path and query
   * @param {Record<string, any> & { token?: string | null, json?: unknown }} [init] token null: none;
   *   json: the body, and POST the default method
   */
  fetch(address, init = {}) {
    const { token = tokens.admin, json, headers, ...rest } = init;
    const sent = new Headers(headers);
    if (token !== null) sent.set('authorization', `Bearer ${token}`);
    if (json !== undefined) {
      sent.set('content-type', 'application/json');
      Object.assign(rest, { method: rest.method ?? 'POST', body: JSON.stringify(json) });
    }
    const request = { ...rest, headers: Object.fromEntries(sent) };
    return connected(() => this.server.getWorker('sluice').fetch(address, request));
  }

  /**
   * The same, read: status, headers, and the body as JSON where it is that.
   *
   * @param {string} address
   * @param {Parameters<Sluice['fetch']>[1]} [init]
   * @returns {Promise<{ status: number, headers: Headers, body: any }>}
   */
  async call(address, init) {
    const response = await this.fetch(address, init);
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
    const headers = new Headers([...response.headers]);
    return { status: response.status, headers, body: json ? JSON.parse(text) : text };
  }

  /**
   * Enqueues a job over HTTP; throws where it is not accepted.
   *
   * @param {string} type
   * @param {unknown} [payload]
   * @param {Record<string, unknown>} [more] members of the request
   * @returns {Promise<string>} its id
   */
  async enqueue(type, payload = {}, more = {}) {
    const { status, body } = await this.call('/jobs', { json: { type, payload, ...more } });
    if (status > 201) throw new Error(`enqueue: ${status} ${JSON.stringify(body)}`);
    return body.jobId;
  }

  /** @param {string} id @returns {Promise<any>} the job over HTTP */
  async job(id) {
    const { status, body } = await this.call(`/jobs/${id}`);
    if (status !== 200) throw new Error(`job ${id}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /**
   * @param {string} id
   * @param {string | string[]} [statuses] default: the final ones
   * @param {number} [ms]
   * @returns {Promise<any>} the job, once it is in one of these states
   */
  async jobIn(id, statuses = FINAL, ms = 15_000) {
    let job;
    try {
      return await until(
        async () => {
          job = await this.job(id);
          return [statuses].flat().includes(job.status) && job;
        },
        { ms },
      );
    } catch {
      throw new Error(`job ${id} did not become ${statuses} in ${ms} ms: ${JSON.stringify(job)}`);
    }
  }

  /** @param {string} id @returns {Promise<any[]>} the job's attempts over HTTP */
  async attempts(id) {
    return (await this.call(`/jobs/${id}/attempts`)).body.attempts;
  }

  /**
   * Rows of the record, of all its databases one after the other.
   * @param {string} sql
   * @param {...unknown} params
   * @returns {Promise<any[]>}
   */
  async rows(sql, ...params) {
    const shards = Array.from({ length: this.shards }, (_, shard) => this.rowsOn(shard, sql, ...params));
    return (await Promise.all(shards)).flat();
  }

  /**
   * Rows of one database.
   * @param {number} shard
   * @param {string} sql
   * @param {...unknown} params
   * @returns {Promise<any[]>}
   */
  async rowsOn(shard, sql, ...params) {
    const statement = this.env[bindingOf(shard)].prepare(sql);
    return (await (params.length > 0 ? statement.bind(...params) : statement).all()).results;
  }

  /**
   * What another producer would send: a message straight into a queue.
   *
   * @param {string} binding JOB_QUEUE, SCRAPING_QUEUE, …
   * @param {unknown} body
   * @param {Record<string, unknown>} [options] contentType, delaySeconds
   */
  async send(binding, body, options) {
    await this.env[binding].send(body, options);
  }

  /** One tick of the minute cron, over when its handler is. */
  async tick() {
    const main = this.server.getWorker('sluice');
    const { outcome } = await connected(() => main.scheduled({ cron: '*/1 * * * *' }));
    if (outcome !== 'ok') throw new Error(`the tick ended with ${outcome}`);
  }

  /**
   * Log lines of both workers so far, oldest first.
   * @param {string} [event] only those of this event
   * @returns {any[]}
   */
  logs(event) {
    const lines = this.server.getLogs().map(({ level, message }) => {
      try {
        return JSON.parse(message);
      } catch {
        return { level, message };
      }
    });
    return event === undefined ? lines : lines.filter((line) => line.event === event);
  }

  /**
   * With the option `faults`: what fails in a worker from now on, in place of what it was told before.
   *
   * @param {WorkerName} worker
   * @param {Fault[]} faults none: everything goes well again
   */
  async setFaults(worker, faults) {
    const door = /** @type {any} */ (await this.server.getWorker(worker).getExport());
    await door.setFaults(faults);
  }

  /**
   * With the option `faults`: a worker's calls of D1 and the queues since it was asked last.
   *
   * @param {WorkerName} worker
   * @returns {Promise<Call[]>}
   */
  async takeCalls(worker) {
    const door = /** @type {any} */ (await this.server.getWorker(worker).getExport());
    return door.takeCalls();
  }
}

/**
 * Starts both workers on databases of their own, in memory.
 * @param {Options} [options]
 */
export async function startSluice(options = {}) {
  assertBuilt();
  // A root of its own: a developer's .dev.vars must not reach the tests.
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-test-'));
  const server = createTestHarness({ root: folder, workers: await workersFor(options) });
  const sluice = new Sluice(server, folder, options.shards);
  try {
    return await sluice.start();
  } catch (error) {
    await sluice.stop();
    throw error;
  }
}

/**
 * Starts one worker of the tests' own, by itself.
 * @param {string} entry a file of tests/worker/entries
 */
export async function startAlone(entry) {
  const main = path.join(entries, entry);
  const { compatibility_date } = readConfig('wrangler.jsonc');
  const config = { name: path.parse(entry).name, main, compatibility_date };
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-test-'));
  const server = createTestHarness({ root: folder, workers: [{ config }] });
  await server.listen();
  const stop = async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { server, stop };
}
