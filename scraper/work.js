// The work itself: leased jobs go to their types' handlers, whether a queue or a poll brought them.
import { handlers } from '#registry/handlers';
import { consume } from '../shim/flows/consume.js';
import { readParents } from '../shim/flows/parents.js';
import { poll } from '../shim/flows/poll.js';
import { makeContext } from './context.js';
import { FatalError, RetryableError } from './errors.js';
import { runHandler, StoppedError, verdictOfError } from './runner.js';

/**
 * Runs one leased job with its type's handler.
 *
 * @param {Record<string, any>} env
 * @returns {import('../shim/flows/leases.js').Work}
 */
const workWith = (env) => async (lease, pulse) => {
  const { run, payload, controller } = lease;
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
  return runHandler(() => handler(JSON.parse(payload), context), controller, run.timeoutMs);
};

/**
 * @param {MessageBatch} batch
 * @param {Record<string, any>} env
 */
export const consumeBatch = (batch, env) => consume(batch, env, workWith(env), StoppedError);

/** @param {Record<string, any>} env */
export const pollLines = (env) => poll(env, workWith(env), StoppedError);
