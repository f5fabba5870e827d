// The REST routes (contract, "REST"): what each needs, and which flow answers it.
import {
  cancelJob,
  discardLetter,
  pauseQueue,
  requeueLetter,
  requeueLetters,
  resumeQueue,
  retryJob,
} from '../flows/admin.js';
import { chat } from '../flows/chat.js';
import { compatDeadLetters, compatEnqueue, compatRequeue, compatStats } from '../flows/compat.js';
import { enqueueBatch, enqueueOne } from '../flows/enqueue.js';
import { health } from '../flows/health.js';
import { query } from '../flows/query.js';
import { deleteSchedule, putSchedule } from '../flows/schedules.js';
import { receiveReply } from '../inbound/reply.js';

/** @typedef {import('../step.js').Reply} Reply */
/** @typedef {Record<string, any>} Env */
/** @typedef {Record<string, string>} Parameters of a URL's query */
/** @typedef {{ env: Env, id: string, filter: Parameters, body: Uint8Array, key?: string }} Call */

/**
 * @typedef {{ method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, scope?: import('./auth.js').Scope,
 *   bodyMax?: number, contentType?: string, locate?: boolean, answer: (call: Call) => Promise<Reply> }} Route
 * scope: none means open to all; bodyMax: bytes of a body that is read, none means that it is not;
 * contentType: of every answer, whatever its status; locate: a 201 says where its job is
 */

/** Contract, "REST": 413 beyond these. */
const BODY_BYTES_MAX = 2 * 1024 * 1024;
const BATCH_BODY_BYTES_MAX = 10 * 1024 * 1024;

const FILTERS = ['status', 'type', 'queue', 'tag', 'limit', 'offset', 'cursor'];

/**
 * The filters of a list among the parameters of a URL's query.
 * @param {Parameters} parameters
 */
function listFilter(parameters) {
  return Object.fromEntries(FILTERS.map((name) => [name, parameters[name]]));
}

/** @type {readonly Route[]} */
export const routes = [
  {
    method: 'POST',
    path: '/jobs',
    scope: 'jobs:write',
    bodyMax: BODY_BYTES_MAX,
    locate: true,
    answer: ({ env, body, key }) => enqueueOne(env, body, key),
  },
  {
    method: 'POST',
    path: '/jobs/batch',
    scope: 'jobs:write',
    bodyMax: BATCH_BODY_BYTES_MAX,
    answer: ({ env, body, key }) => enqueueBatch(env, body, key),
  },
  {
    method: 'POST',
    path: '/inbound/reply',
    scope: 'jobs:write',
    bodyMax: BODY_BYTES_MAX,
    locate: true,
    answer: ({ env, body }) => receiveReply(env, body),
  },
  {
    method: 'GET',
    path: '/jobs',
    scope: 'jobs:read',
    answer: ({ env, filter }) => query(env, { ...listFilter(filter), kind: 'list' }),
  },
  {
    method: 'GET',
    path: '/jobs/:id',
    scope: 'jobs:read',
    answer: ({ env, id }) => query(env, { kind: 'job', id }),
  },
  {
    method: 'GET',
    path: '/jobs/:id/attempts',
    scope: 'jobs:read',
    answer: ({ env, id }) => query(env, { kind: 'attempts', id }),
  },
  {
    method: 'GET',
    path: '/jobs/:id/explain',
    scope: 'jobs:read',
    answer: ({ env, id }) => query(env, { kind: 'explain', id }),
  },
  {
    method: 'POST',
    path: '/jobs/:id/retry',
    scope: 'jobs:write',
    answer: ({ env, id }) => retryJob(env, id),
  },
  {
    method: 'DELETE',
    path: '/jobs/:id',
    scope: 'jobs:write',
    answer: ({ env, id }) => cancelJob(env, id),
  },
  {
    method: 'GET',
    path: '/stats',
    scope: 'jobs:read',
    answer: ({ env }) => query(env, { kind: 'stats' }),
  },
  {
    method: 'GET',
    path: '/queue/health',
    scope: 'jobs:read',
    answer: ({ env }) => query(env, { kind: 'queues' }),
  },
  {
    method: 'POST',
    path: '/queues/:id/pause',
    scope: 'admin',
    answer: ({ env, id }) => pauseQueue(env, id),
  },
  {
    method: 'POST',
    path: '/queues/:id/resume',
    scope: 'admin',
    answer: ({ env, id }) => resumeQueue(env, id),
  },
  {
    method: 'GET',
    path: '/queues',
    scope: 'jobs:read',
    answer: ({ env }) => query(env, { kind: 'logicalQueues' }),
  },
  {
    method: 'GET',
    path: '/schedules',
    scope: 'jobs:read',
    answer: ({ env }) => query(env, { kind: 'schedules' }),
  },
  {
    method: 'GET',
    path: '/schedules/:id',
    scope: 'jobs:read',
    answer: ({ env, id }) => query(env, { kind: 'schedule', id }),
  },
  {
    method: 'PUT',
    path: '/schedules/:id',
    scope: 'jobs:write',
    bodyMax: BODY_BYTES_MAX,
    answer: ({ env, id, body }) => putSchedule(env, id, body),
  },
  {
    method: 'DELETE',
    path: '/schedules/:id',
    scope: 'jobs:write',
    answer: ({ env, id }) => deleteSchedule(env, id),
  },
  {
    method: 'GET',
    path: '/dead-letters',
    scope: 'jobs:read',
    answer: ({ env, filter: { limit, cursor } }) => query(env, { kind: 'letters', limit, cursor }),
  },
  {
    method: 'POST',
    path: '/dead-letters/requeue',
    scope: 'jobs:write',
    bodyMax: BODY_BYTES_MAX,
    answer: ({ env, body }) => requeueLetters(env, body),
  },
  {
    method: 'GET',
    path: '/dead-letters/:id',
    scope: 'jobs:read',
    answer: ({ env, id }) => query(env, { kind: 'letter', id }),
  },
  {
    method: 'DELETE',
    path: '/dead-letters/:id',
    scope: 'jobs:write',
    answer: ({ env, id }) => discardLetter(env, id),
  },
  {
    method: 'POST',
    path: '/dead-letters/:id/requeue',
    scope: 'jobs:write',
    answer: ({ env, id }) => requeueLetter(env, id),
  },
  {
    method: 'GET',
    path: '/failures',
    scope: 'jobs:read',
    answer: ({ env, filter: { limit } }) => query(env, { kind: 'failures', limit }),
  },
  {
    method: 'GET',
    path: '/health',
    contentType: 'application/json',
    answer: ({ env }) => health(env),
  },
  {
    method: 'POST',
    path: '/chat',
    scope: 'jobs:write',
    bodyMax: BODY_BYTES_MAX,
    answer: ({ env, body }) => chat(env, body),
  },
  {
    method: 'POST',
    path: '/api/queue/jobs',
    scope: 'jobs:write',
    bodyMax: BODY_BYTES_MAX,
    contentType: 'application/json',
    answer: ({ env, body, key }) => compatEnqueue(env, body, key),
  },
  {
    method: 'GET',
    path: '/api/queue/stats',
    scope: 'jobs:read',
    contentType: 'application/json',
    answer: ({ env }) => compatStats(env),
  },
  {
    method: 'GET',
    path: '/api/queue/dead-letter',
    scope: 'jobs:read',
    contentType: 'application/json',
    answer: ({ env, filter: { limit } }) => compatDeadLetters(env, limit),
  },
  {
    method: 'POST',
    path: '/api/queue/dead-letter/requeue',
    scope: 'jobs:write',
    bodyMax: BODY_BYTES_MAX,
    contentType: 'application/json',
    answer: ({ env, body }) => compatRequeue(env, body),
  },
];
