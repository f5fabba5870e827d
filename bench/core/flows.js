// The core's three flows as the workers call them, all of it but what starts handlers and marks messages.
import { StoppedError } from '../../scraper/runner.js';
import { SLUICE_OP_CLAIM } from '../../shim/abi.generated.js';
import { describeJob } from '../../shim/flows/describe.js';
import { enqueueBatch, enqueueOne } from '../../shim/flows/enqueue.js';
import { Leases } from '../../shim/flows/leases.js';
import { bodyText } from '../../shim/flows/messages.js';
import { runFlow } from '../../shim/step.js';

/**
 * @typedef {Record<string, any>} Env
 * @typedef {import('../../shim/flows/leases.js').Run & { token: any, record: any,
 *   job: Record<string, unknown> }} Run `job`: what its handler sees of it, made when it is asked for
 * @typedef {import('../../scraper/runner.js').Verdict} Verdict
 * @typedef {[index: number, retry: boolean, delaySeconds: number]} Mark
 * @typedef {{ id: string, attempts: number, body: any }} Delivered
 * @typedef {{ status: number, body: string }} Reply
 */

/**
 * One of the two that are compared. Each takes its time from Date.now() and its entropy from
 * crypto.getRandomValues().
 *
 * @typedef {{
 *   admitOne: (env: Env, body: Uint8Array) => Promise<Reply>,
 *   admitBatch: (env: Env, body: Uint8Array) => Promise<Reply>,
 *   claim: (env: Env, input: { queue: string, worker: string, messages: Delivered[] }) =>
 *     Promise<{ runs: Run[], marks: Mark[], host: Record<string, any>[] }>,
 *   settle: (env: Env, input: { queue: string, results: { run: Run, verdict: Verdict }[] }) =>
 *     Promise<{ marks: Mark[] }>,
 * }} Flows
 */

/** @type {Flows['claim']} */
async function claim(env, { queue, worker, messages }) {
  const control = { queue, worker, messages: messages.map(({ id, attempts }) => ({ id, attempts })) };
  const bodies = messages.map(({ body }) => bodyText(body));
  const { control: told, tokens, records, host } = await runFlow(env, SLUICE_OP_CLAIM, control, bodies);
  const runs = (told.runs ?? []).map((run, n) => ({
    ...run,
    token: tokens[n],
    record: records[n],
    get job() {
      return describeJob(env, records[n]);
    },
  }));
  return { runs, marks: told.marks ?? [], host };
}

/** @type {Flows['settle']} */
async function settle(env, { queue, results }) {
  /** @type {Mark[]} */
  const marks = [];
  const leases = new Leases(env, {
    queue,
    work: async () => ({ kind: 'unstarted' }),
    Stopped: StoppedError,
    mark: (lease, retry, delaySeconds) => marks.push([lease.pulses, retry, delaySeconds]),
  });
  // A lease is what settling reads of one; `pulses` tells which it is.
  const list = results.map(({ run, verdict }, index) => ({
    lease: /** @type {any} */ ({ run, token: run.token, record: run.record, pulses: index }),
    verdict,
  }));
  await leases.settlePart(list);
  return { marks };
}

/** @type {Flows} */
export const coreFlows = { admitOne: enqueueOne, admitBatch: enqueueBatch, claim, settle };
