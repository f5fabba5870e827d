// The work itself: leased jobs go to their types' handlers, whether a queue or a poll brought them.
import { handlers } from '#registry/handlers';
import { consume } from '../shim/flows/consume.js';
import { readParents } from '../shim/flows/parents.js';
import { poll } from '../shim/flows/poll.js';
import { makeContext } from './context.js';
import { Deadlines } from './deadlines.js';
import { FatalError, RetryableError } from './errors.js';
import { runHandler, StoppedError, verdictOfError } from './runner.js';

/** @typedef {import('../shim/flows/leases.js').Work} Work */

/**
 * Runs one leased job with its type's handler.
 *
 * @param {Record<string, any>} env
 * @param {Deadlines} deadlines of the invocation
 * @returns {Work}
 */
const workWith = (env, deadlines) => async (lease, pulse) => {
  const { run, payload, halt } = lease;
  const handler = handlers[run.type];
  if (!handler) {
    // Perhaps this worker is older than the one that accepted the job: another attempt may meet a newer one.
    return verdictOfError(new RetryableError('unknown_type', 'No handler has this type.'));
  }
  if (payload === null) {
    return verdictOfError(new FatalError('payload_missing', 'The payload is gone.'));
  }
  const context = makeContext(env, lease, pulse);
  if (lease.hasParents) {
    const parents = await readParents(env, run.id);
    if (!parents) return { kind: 'unstarted' };
    context.parents = parents;
  }
  const { timeoutMs } = run;
  return runHandler(() => handler(JSON.parse(payload), context), { halt, timeoutMs, deadlines });
};

/**
 * @param {Record<string, any>} env
 * @param {(work: Work) => Promise<void>} use
 */
async function withWork(env, use) {
  const deadlines = new Deadlines();
  try {
    await use(workWith(env, deadlines));
  } finally {
    deadlines.close();
  }
}

/**
 * @param {MessageBatch} batch
 * @param {Record<string, any>} env
 */
export const consumeBatch = (batch, env) => withWork(env, (work) => consume(batch, env, work, StoppedError));

/** @param {Record<string, any>} env */
export const pollLines = (env) => withWork(env, (work) => poll(env, work, StoppedError));
