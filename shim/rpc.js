// RPC over service bindings (contract, "RPC"). The binding is the permission.
import { WorkerEntrypoint } from 'cloudflare:workers';
import { cancelJob, pauseQueue, requeueLetter, resumeQueue, retryJob } from './flows/admin.js';
import { chat } from './flows/chat.js';
import { enqueueBatch, enqueueOne } from './flows/enqueue.js';
import { health } from './flows/health.js';
import { query } from './flows/query.js';
import { log } from './log.js';

/** @typedef {import('./step.js').Reply} Reply */
/** @typedef {Record<string, any>} Env */
/** @typedef {import('../types/index.js').QueueApi} QueueApi */
/** @typedef {import('../types/index.js').Fault} Fault */
/** @typedef {import('../types/index.js').ErrorCode} ErrorCode */

/** @type {Record<number, ErrorCode>} */
const CODES = {
  400: 'invalid',
  404: 'not_found',
  409: 'conflict',
  413: 'too_large',
  422: 'invalid',
  429: 'queue_full',
  503: 'unavailable',
};

/** What a call that is refused throws. Its own members travel to the caller; its class does not. */
class QueueError extends Error {
  /** @param {number} status of the same call over HTTP @param {string} message @param {Fault[]} [errors] */
  constructor(status, message, errors = []) {
    super(message);
    this.name = 'QueueError';
    this.code = CODES[status] ?? 'internal';
    this.status = status;
    this.errors = errors;
  }
}

/**
 * Runs a flow for a caller. Nothing of an unexpected error reaches the caller.
 *
 * @param {Env} env
 * @param {() => Promise<Reply>} flow
 * @returns {Promise<Reply>}
 */
async function run(env, flow) {
  try {
    return await flow();
  } catch (error) {
    const { message, stack } = /** @type {Error} */ (error);
    log(env, 'error', 'rpc.failed', { message, stack });
    throw new QueueError(500, 'Something went wrong here; it has been logged.');
  }
}

/**
 * @param {Reply} reply
 * @param {(path: string) => string} [translate] paths of faults to those of the caller's own request
 * @returns {any} the answer of a flow that did as it was asked; throws QueueError for any other
 */
function read(reply, translate = (path) => path) {
  const answer = JSON.parse(reply.body);
  if (reply.status < 400) return answer;
  const faults = /** @type {Fault[]} */ (answer.errors ?? []);
  const errors = faults.map((fault) => ({ ...fault, path: translate(fault.path) }));
  throw new QueueError(reply.status, answer.detail, errors);
}

/**
 * A request as the text that HTTP would have brought.
 * @param {unknown} value
 */
function text(value) {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new QueueError(400, 'The request cannot be written as JSON.', [
      { path: '', code: 'not_json', message },
    ]);
  }
}

/** @param {unknown} value */
const word = (value) => String(value).toWellFormed();

/**
 * A filter as the texts that a URL's query would have brought.
 * @param {object} [filter]
 */
function texts(filter = {}) {
  const set = Object.entries(filter ?? {}).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(set.map(([name, value]) => [name, word(value)]));
}

/**
 * A scrape request in the words of POST /jobs.
 * @param {import('../types/index.js').ScrapeRequest} request
 */
function scrapeJob(request) {
  const { url, scrapeType, options, context, metadata } = Object(request);
  const { priority, maxRetries, timeoutMs, correlationId, userId, sessionId } = Object(metadata);
  return {
    type: 'scrape_request',
    payload: { url, scrapeType, options, context },
    priority,
    maxAttempts: typeof maxRetries === 'number' ? maxRetries + 1 : maxRetries,
    timeoutMs,
    correlationId,
    userId,
    sessionId,
  };
}

/**
 * Where a fault of that job is in the scrape request.
 * @param {string} path
 */
function scrapePath(path) {
  if (path.startsWith('/payload')) return path.slice('/payload'.length);
  return path === '/maxAttempts' ? '/metadata/maxRetries' : `/metadata${path}`;
}

/**
 * Every method is documented, with its types, in types/index.d.ts.
 *
 * @extends {WorkerEntrypoint<Env>}
 * @implements {QueueApi}
 */
export class QueueService extends WorkerEntrypoint {
  /** @param {import('../types/index.js').JobRequest} job */
  async enqueue(job) {
    const body = text(job);
    return read(await run(this.env, () => enqueueOne(this.env, body))).jobId;
  }

  /** @param {import('../types/index.js').JobRequest[]} jobs */
  async enqueueMany(jobs) {
    const body = text({ jobs });
    return read(await run(this.env, () => enqueueBatch(this.env, body))).jobs;
  }

  /** @param {import('../types/index.js').ScrapeRequest} request */
  async enqueueScrapeRequest(request) {
    const body = text(scrapeJob(request));
    return read(await run(this.env, () => enqueueOne(this.env, body)), scrapePath).jobId;
  }

  /** @param {string} id */
  async getJob(id) {
    const reply = await run(this.env, () => query(this.env, { kind: 'job', id: word(id) }));
    return reply.status === 404 ? null : read(reply);
  }

  /** @param {import('../types/index.js').JobFilter} [filter] */
  async listJobs(filter) {
    const reply = await run(this.env, () => query(this.env, { ...texts(filter), kind: 'list' }));
    return read(reply).jobs;
  }

  /** @param {import('../types/index.js').JobFilter} [filter] */
  async listJobsPage(filter) {
    const reply = await run(this.env, () => query(this.env, { ...texts(filter), kind: 'list' }));
    return { nextCursor: null, ...read(reply) };
  }

  /** @param {string} id */
  async retryJob(id) {
    return read(await run(this.env, () => retryJob(this.env, word(id))));
  }

  /** @param {string} id */
  async cancelJob(id) {
    return read(await run(this.env, () => cancelJob(this.env, word(id))));
  }

  /** @param {string} name */
  async pauseQueue(name) {
    return read(await run(this.env, () => pauseQueue(this.env, word(name))));
  }

  /** @param {string} name */
  async resumeQueue(name) {
    return read(await run(this.env, () => resumeQueue(this.env, word(name))));
  }

  async getStats() {
    return read(await run(this.env, () => query(this.env, { kind: 'stats' })));
  }

  async getQueueHealth() {
    return read(await run(this.env, () => query(this.env, { kind: 'queues' })));
  }

  async healthCheck() {
    // Being unhealthy is an answer, not a failure to answer.
    return JSON.parse((await run(this.env, () => health(this.env))).body);
  }

  /** @param {number} [limit] */
  async getDeadJobs(limit = 50) {
    return read(await run(this.env, () => query(this.env, { ...texts({ limit }), kind: 'deadJobs' })));
  }

  /** @param {string} id */
  async requeueDeadJob(id) {
    return read(await run(this.env, () => requeueLetter(this.env, word(id))));
  }

  /** @param {import('../types/index.js').ChatInput} input */
  async chat(input) {
    const body = text(input);
    return read(await run(this.env, () => chat(this.env, body)));
  }
}
