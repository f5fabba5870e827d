// Test-only entries wrap the real ones with this: a worker whose D1 and queues fail when told, and which
// remembers every call of them. The product knows nothing of it.
import { WorkerEntrypoint } from 'cloudflare:workers';

/**
 * @typedef {object} Fault
 * @property {string} door binding: DB, DB_1, JOB_QUEUE, …
 * @property {string} [method] only calls of this method; databases: batch, queues: send, sendBatch
 * @property {number} [skip] calls that are let through first; default 0
 * @property {number} [times] calls that fail after those; default 1
 * @property {'before' | 'after'} [when] before (default): nothing is done; after: it is, the answer is lost
 * @property {string} [message] of the error; default: one of D1's transient ones
 * @property {number} [delayMs] how long such a call takes before it fails
 * @property {boolean} [passes] it only takes that long, and then goes well
 */

/**
 * One call of a door. rowsRead and rowsWritten are the sums of D1's own `meta`.
 * @typedef {{ door: string, method: string, size: number, rowsRead: number, rowsWritten: number,
 *   failed: boolean }} Call
 */

const DOORS = /^(DB|DB_\d+|SCRAPING_QUEUE|PRIORITY_SCRAPING_QUEUE|JOB_QUEUE|SCRAPING_DLQ|JOB_DLQ)$/;
const METHODS = ['batch', 'exec', 'send', 'sendBatch'];
const TRANSIENT = 'D1_ERROR: Network connection lost.';

/** @type {Fault[]} */
let faults = [];
/** @type {Call[]} */
let calls = [];

/**
 * The fault that this call meets, if any; each call is counted with every fault it fits.
 * @param {string} door @param {string} method
 */
function meet(door, method) {
  let met;
  for (const fault of faults) {
    if (fault.door !== door || (fault.method && fault.method !== method)) continue;
    if (fault.skip) fault.skip--;
    else if ((fault.times ?? 1) > 0) {
      fault.times = (fault.times ?? 1) - 1;
      met ??= fault;
    }
  }
  return met;
}

/** @param {Call} call @param {unknown} answer */
function count(call, answer) {
  for (const { meta } of Array.isArray(answer) ? answer : []) {
    call.rowsRead += meta?.rows_read ?? 0;
    call.rowsWritten += meta?.rows_written ?? 0;
  }
}

/**
 * @param {string} door @param {string} method
 * @param {(...args: any[]) => Promise<unknown>} real
 */
function watched(door, method, real) {
  return async (/** @type {any[]} */ ...args) => {
    const size = Array.isArray(args[0]) ? args[0].length : 1;
    const call = { door, method, size, rowsRead: 0, rowsWritten: 0, failed: false };
    calls.push(call);
    const fault = meet(door, method);
    if (fault?.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (!fault || fault.passes) {
      const answer = await real(...args);
      count(call, answer);
      return answer;
    }
    call.failed = true;
    if (fault.when === 'after') count(call, await real(...args));
    throw new Error(fault.message ?? TRANSIENT);
  };
}

/**
 * @param {string} door
 * @param {object} binding
 */
function watchedDoor(door, binding) {
  return new Proxy(binding, {
    get(target, name) {
      const member = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      const real = member.bind(target);
      return METHODS.includes(String(name)) ? watched(door, String(name), real) : real;
    },
  });
}

/** @type {WeakMap<object, Record<string, any>>} an env is wrapped once: doors stay the same objects */
const wrapped = new WeakMap();

/** @param {Record<string, any>} env */
function watchedEnv(env) {
  let out = wrapped.get(env);
  if (!out) {
    out = { ...env };
    for (const door of Object.keys(env)) if (DOORS.test(door)) out[door] = watchedDoor(door, env[door]);
    wrapped.set(env, out);
  }
  return out;
}

/**
 * A worker that is an object of handlers, as the class it could be.
 * @param {any} real
 */
function entrypointOf(real) {
  return class extends WorkerEntrypoint {
    /** @param {Request} request */
    fetch(request) {
      return real.fetch(request, this.env, this.ctx);
    }

    /** @param {MessageBatch} batch */
    queue(batch) {
      return real.queue(batch, this.env, this.ctx);
    }

    /** @param {ScheduledController} controller */
    scheduled(controller) {
      return real.scheduled(controller, this.env, this.ctx);
    }
  };
}

/**
 * The same entrypoint over doors that fail when told.
 * @param {any} real a worker's export: a WorkerEntrypoint class or an object of handlers
 */
export function withFaults(real) {
  const Base = typeof real === 'function' ? real : entrypointOf(real);
  return class extends Base {
    /** @param {ExecutionContext} ctx @param {Record<string, any>} env */
    constructor(ctx, env) {
      super(ctx, watchedEnv(env));
    }

    /**
     * The faults from now on, in place of earlier ones.
     * @param {Fault[]} next
     */
    setFaults(next) {
      faults = next;
    }

    /** The calls since the last take, in the order in which they began. */
    takeCalls() {
      const taken = calls;
      calls = [];
      return taken;
    }
  };
}
