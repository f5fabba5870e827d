// The executor of the plan protocol: statements to D1, rows back to the module that asked, until it says what
// follows.
import { core } from './core.js';
import { log } from './log.js';
import { send } from './sender.js';
import { runPlan } from './store.js';

/**
 * What of a flow's input concerns one shard: it is run anew for each, with control `{shard, items}` and by
 * itself.
 * @typedef {[shard: number, items: number[]]} Part
 */
/**
 * What a flow came to; `shard`: where its last plan was run.
 * @typedef {{
 *   sends?: [string, number, number][],
 *   marks?: [message: number, retry: boolean, delaySeconds: number][],
 *   runs?: any[], tokens?: number, records?: number, aborts?: { id: string, reason: string }[],
 *   alerts?: any[], alertsCut?: number, logs?: any[],
 *   reply?: { status: number, retryAfter?: number, frame: number },
 *   plan?: import('./store.js').PlannedStatement[], shard?: number, shards?: number[], carry?: number[],
 *   expect?: number, expected?: Control,
 *   split?: Part[], againMs?: number, bisect?: boolean, more?: boolean,
 * }} Control
 * @typedef {{ status: number, retryAfter?: number, body: string }} Reply
 * @typedef {{ control: Control, reply?: Reply, host: Record<string, any>[], tokens: string[],
 *   records: string[] }} Outcome `tokens` and `records`: of each of the runs
 */

/**
 * A plan as it was answered; `expect`: the frame that says what its rows read where `expected` follows.
 * @typedef {import('./store.js').Plan & { frames: string[], expect?: number, expected?: Control }} Planned
 */

/** @param {number} ms */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** 128 bits of entropy in hexadecimal, for one step's ids, nonces and jitter. */
function seed() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Runs one flow to its outcome and sends what it says; marks and replies are the caller's to carry out. Every
 * call of the module is given the same time and entropy, so a step that is repeated is the same step.
 *
 * @param {Record<string, any>} env
 * @param {number} op
 * @param {Record<string, unknown>} control the flow's own members
 * @param {(string | Uint8Array)[]} [bodies]
 * @param {import('./module.js').FlowModule} [module] whose flow it is
 * @returns {Promise<Outcome>}
 */
export async function runFlow(env, op, control, bodies = [], module = core) {
  const base = { ...control, now: Date.now(), seed: seed() };
  /** @type {string[]} */
  const rows = [];
  /** @type {Record<string, any>[]} */
  const host = [];
  /** @type {{ failed?: boolean, failure?: string, tries?: number, elapsedMs?: number }} */
  let fault = {};
  /** @type {Planned | undefined} */
  let last;
  /** @type {string[] | undefined} what the last plan said that the step carries in place of the bodies */
  let carry;
  for (;;) {
    // A failed batch is told with the bodies.
    const carried = fault.failed ? undefined : carry;
    const given = carried ?? bodies;
    const told = { ...base, ...fault, bodies: given.length, ...(carried && { carried: true }) };
    const frames = module.call(env, op, [JSON.stringify(told), ...given, ...rows]);
    /** @type {Control} */
    const answer = JSON.parse(frames[0] ?? '{}');
    if (answer.plan) {
      const { plan, shard, shards, expect, expected } = answer;
      last = { plan, shard, shards, expect, expected, frames };
      carry = answer.carry?.map((index) => frames[index] ?? '');
    } else if (answer.againMs === undefined || !last)
      return finish(env, { shard: last?.shard, ...answer }, frames, host);
    else await sleep(answer.againMs);
    try {
      const result = await runPlan(env, module, last, last.frames);
      if (last.expected && result.rows === last.frames[last.expect ?? 0])
        return finish(env, { shard: last.shard, ...last.expected }, last.frames, host);
      rows.push(result.rows);
      host.push(...result.host);
      fault = {};
    } catch (error) {
      const failure = String(/** @type {Error} */ (error)?.message ?? error).toWellFormed();
      fault = { failed: true, failure, tries: (fault.tries ?? 0) + 1, elapsedMs: Date.now() - base.now };
      log(env, 'warn', 'd1.failed', { op, failure, tries: fault.tries, shard: last.shard });
    }
  }
}

/**
 * @param {Record<string, any>} env
 * @param {Control} control
 * @param {string[]} frames
 * @param {Record<string, any>[]} host
 * @returns {Promise<Outcome>}
 */
async function finish(env, control, frames, host) {
  const text = (/** @type {number} */ index) => frames[index] ?? '';
  for (const { level, event, ...fields } of control.logs ?? []) log(env, level, event, fields);
  if (control.sends)
    await send(
      env,
      control.sends.map(([binding, frame, delay]) => [binding, text(frame), delay]),
    );
  const reply = control.reply && {
    status: control.reply.status,
    retryAfter: control.reply.retryAfter,
    body: text(control.reply.frame),
  };
  const lines = (/** @type {number | undefined} */ index) => (index ? text(index).split('\n') : []);
  return { control, reply, host, tokens: lines(control.tokens), records: lines(control.records) };
}

/** How often a flow is run anew when what it changes has changed under it. */
const RACES_MAX = 5;

/**
 * Runs a flow, anew while the core says that somebody else was faster.
 *
 * @param {Record<string, any>} env
 * @param {number} op
 * @param {Record<string, unknown>} control
 * @param {(string | Uint8Array)[]} [bodies]
 * @returns {Promise<Reply>}
 */
export async function runRaced(env, op, control, bodies) {
  for (let race = 1; ; race++) {
    const { control: after, reply } = await runFlow(env, op, control, bodies);
    if (!after.more || race === RACES_MAX) return /** @type {Reply} */ (reply);
  }
}
