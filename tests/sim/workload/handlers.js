// What handlers do and come to, by chance.
import { kill } from '../scenarios/killers.js';
import { keepOn } from '../scenarios/latecomers.js';
import { lockUp } from '../scenarios/lockers.js';
import { acting } from '../time.js';
import { isDown } from './reachers.js';

/** @typedef {import('../world.js').World} World */
/** @typedef {import('../rules/runs.js').HandlerRun} HandlerRun */

const MIB = 1 << 20;

/** @param {World} world @param {any} context @param {string} id */
async function checkpointed(world, context, id) {
  for (let n = world.dice.between(1, 3); n > 0; n--) {
    const step = world.next();
    context.progress(world.dice.below(101));
    await context.checkpoint({ step, at: 'x'.repeat(world.dice.pick([0, 10, 5000])) });
    if (context.signal.aborted) return;
    world.checker.runs.keep(id, step);
    await world.sleep(world.dice.below(20000));
  }
  await context.heartbeat();
}

/** Jobs that follow from this one. @param {World} world @param {any} context @param {string} id */
async function fanOut(world, context, id) {
  const jobs = Array.from({ length: world.dice.between(1, 3) }, (_, n) => ({
    type: 'test-echo',
    payload: { cursed: false },
    uniqueKey: `after-${id}-${n}`,
  }));
  world.jobs += jobs.length;
  const ids = await context.enqueue(jobs);
  for (const [n, job] of ids.entries()) world.checker.admissions.acknowledge(job, `key:after-${id}-${n}`);
  if (world.dice.chance(0.5)) return;
  world.jobs++;
  const uniqueKey = `join-${id}`;
  const [join] = await context.enqueue([
    {
      type: 'test-echo',
      payload: { cursed: false },
      uniqueKey,
      dependsOn: ids,
      onDependencyFailure: 'proceed',
    },
  ]);
  world.checker.admissions.acknowledge(join, `key:${uniqueKey}`);
}

/** @param {World} world @param {number | undefined} fence @returns {unknown} what a handler gives back */
function result(world, fence) {
  const { dice, faults } = world;
  if (!faults.on || dice.chance(0.9)) return { fence };
  const deep = () => Array.from({ length: 100 }).reduce((value) => [value], 1);
  switch (dice.below(7)) {
    case 0:
      return 'r'.repeat(dice.pick([5000, 200000]));
    case 1:
      return dice.chance(0.2) ? 'r'.repeat(MIB) : undefined;
    case 2:
      return deep();
    case 3:
      return { text: '\u0000 \ud800 Ünïcödé', fence };
    case 4:
      return dice.chance(world.refusals.rate) ? { text: world.refusals.text() } : null;
    case 5:
      return 1n;
    default:
      return [];
  }
}

/** What one run of a job comes to. @param {World} world @param {any} payload @param {any} context @param {string} id */
async function fate(world, payload, context, id) {
  const { dice, sleep } = world;
  const { FatalError, RetryableError, SnoozeError } = acting().host.start().program;
  if (isDown(world, payload)) {
    await sleep(dice.below(3000));
    throw new RetryableError('down', 'It is down.', { breaker: true });
  }
  if (payload.cursed) {
    await sleep(dice.below(3000));
    throw new FatalError('cursed', 'It never works.');
  }
  if (!world.faults.on) return sleep(dice.below(2000));
  if (payload.deadly) return kill(world);
  if (payload.keeper) return keepOn(world, payload, context, id);
  if (payload.locker) return lockUp(world, payload, context);
  switch (dice.below(17)) {
    case 0:
    case 1:
      await sleep(dice.below(5000));
      throw new Error('It did not work this time.');
    case 2:
      throw new FatalError('fatal', 'It cannot work.');
    case 3:
      throw new RetryableError('later', 'Later.', { retryAfterMs: dice.below(120000) });
    case 4:
      throw new SnoozeError('snoozed', 'Not yet.', { delayMs: dice.below(60000) });
    case 5:
      return new Promise(() => {});
    case 6:
    case 7:
      return sleep(dice.between(60000, 900000));
    case 8:
      return checkpointed(world, context, id);
    case 9:
      return fanOut(world, context, id);
    default:
      return sleep(dice.below(5000));
  }
}

/** @param {any} error @returns {HandlerRun['ended']} */
function endOf({ name }) {
  if (name === 'FatalError') return 'fatal';
  return name === 'SnoozeError' ? 'snoozed' : 'threw';
}

/**
 * Runs as every type's handler.
 * @param {World} world @param {any} payload @param {any} context
 * @param {typeof fate} comesTo @param {typeof result} gives
 */
export async function handle(world, payload, context, comesTo = fate, gives = result) {
  const id = context.job.jobId;
  const fence = acting().held.get(id);
  const run = world.checker.runs.start(id, fence, payload, context.checkpointed);
  run.signal = context.signal;
  world.checker.leases.judgeStart(acting(), id, run);
  world.checker.rates.judgeStart(acting(), id);
  world.checker.dependencies.judgeStart(id, context.parents);
  try {
    await comesTo(world, payload, context, id);
    const long = payload?.sleeper && fence === 1;
    const value = long ? 'r'.repeat(6000) : gives(world, fence);
    run.text =
      JSON.stringify(value, (_, part) => (typeof part === 'string' ? part.toWellFormed() : part)) ?? 'null';
    run.ended = 'returned';
    return value;
  } catch (error) {
    run.ended = endOf(/** @type {Error} */ (error));
    const { retryAfterMs } = /** @type {any} */ (error);
    if (retryAfterMs !== undefined) run.wish = world.timeline.now + retryAfterMs;
    throw error;
  } finally {
    world.checker.leases.judgeEnd(acting(), id, fence, context.signal.aborted);
  }
}
