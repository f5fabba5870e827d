// Who uses the system: producers, foreign producers, operators, the cron; and what the handlers come to.
import { makeContext } from '../../scraper/context.js';
import { FatalError, RetryableError, SnoozeError } from '../../scraper/errors.js';
import { runHandler } from '../../scraper/runner.js';
import { cancelJob, query, retryJob } from '../../shim/flows/admin.js';
import { enqueueBatch, enqueueOne } from '../../shim/flows/enqueue.js';
import { sweep } from '../../shim/flows/sweep.js';

/** @typedef {import('./world.js').World} World */

const TYPES = ['test-echo', 'test-echo', 'test-noop', 'test-scrapelike'];
const DELAY_SECONDS_MAX = 1800;

/** @param {World} world @returns {Record<string, any>} */
function request(world) {
  const { dice } = world;
  /** @type {Record<string, any>} */
  const job = {
    type: dice.pick(TYPES),
    payload: { cursed: dice.chance(0.15), pad: 'x'.repeat(dice.below(20)) },
  };
  if (dice.chance(0.05)) job.payload.pad = 'x'.repeat(5000);
  if (dice.chance(0.2)) job.priority = dice.between(1, 10);
  if (dice.chance(0.2)) job.delaySeconds = dice.between(1, DELAY_SECONDS_MAX);
  if (dice.chance(0.25)) job.uniqueKey = `k${dice.below(5)}`;
  if (dice.chance(0.3)) job.maxAttempts = dice.between(1, 4);
  if (dice.chance(0.3)) job.timeoutMs = dice.between(1000, 600000);
  return job;
}

/** @param {World} world @param {any} answer @param {Record<string, any>} job */
function acknowledged(world, answer, job) {
  if (!answer.jobId) return;
  world.checker.acknowledge(answer.jobId, job.uniqueKey);
  world.ids.push(answer.jobId);
}

/** @param {World} world @param {import('../../shim/step.js').Reply} reply */
function expectServed(world, { status, body }) {
  if (status < 300 || status === 503) return;
  throw new Error(`An enqueue of world ${world.seed} was answered ${status}: ${body}`);
}

/** A producer: one job or several, and again when it hears nothing good. @param {World} world */
export function produce(world) {
  const { dice } = world;
  const jobs = Array.from({ length: dice.chance(0.6) ? 1 : dice.between(2, 9) }, () => request(world));
  const key = dice.chance(0.3) ? `i${dice.below(1e9)}` : undefined;
  world.jobs += jobs.length;
  let tries = 0;
  const attempt = () => {
    const actor = world.actor('enqueue');
    world.run(actor, async () => {
      const env = world.env(actor);
      const [job] = jobs;
      const reply =
        jobs.length === 1
          ? await enqueueOne(env, JSON.stringify(job), key)
          : await enqueueBatch(env, JSON.stringify({ jobs }), key);
      expectServed(world, reply);
      world.note(actor.name, `is answered ${reply.status}`);
      if (reply.status >= 300) return again();
      const answer = JSON.parse(reply.body);
      if (answer.jobs)
        for (const [i, entry] of answer.jobs.entries()) acknowledged(world, entry, jobs[i] ?? {});
      else acknowledged(world, answer, job ?? {});
    });
  };
  const again = () => {
    if (++tries < 4) world.timeline.after(dice.between(1000, 60000), attempt);
  };
  attempt();
}

/** Somebody else's envelope in our queue, or what is none. @param {World} world */
export function produceForeign(world) {
  const { dice } = world;
  world.jobs++;
  const envelope = {
    id: `f${dice.below(20)}`,
    type: dice.pick(TYPES),
    payload: { cursed: false },
    metadata: {},
  };
  const body = dice.chance(0.2) ? { neither: 'fish', n: dice.below(1000) } : envelope;
  world.queue(dice.pick(['background-jobs', 'scraping-tasks'])).send(JSON.stringify(body), 0);
}

/** @param {World} world @param {'cancel' | 'retry'} kind @param {string} id */
function operateOnce(world, kind, id) {
  const actor = world.actor(kind);
  world.run(actor, async () => {
    const reply = await (kind === 'cancel' ? cancelJob : retryJob)(world.env(actor), id);
    world.note(actor.name, `asks for ${kind} of ${id}: ${reply.status}`);
  });
}

/** An operator cancels, retries, or changes his mind; what failed interests him most. @param {World} world */
export function operate(world) {
  const { dice } = world;
  if (world.ids.length === 0) return;
  const known = dice.chance(0.6)
    ? world.database.all(
        "SELECT id FROM jobs WHERE status IN ('failed', 'cancelled', 'processing') ORDER BY id",
      )
    : [];
  const id = known.length > 0 ? dice.pick(known).id : dice.pick(world.ids);
  const wish = dice.below(3);
  if (wish !== 1) operateOnce(world, 'cancel', id);
  if (wish !== 0)
    world.timeline.after(dice.between(0, wish === 2 ? 20000 : 100), () => operateOnce(world, 'retry', id));
}

/**
 * The worst moment for an operator to change his mind: the worker stands still and so does not hear of it, and
 * the queue repeats itself.
 * @param {World} world
 */
export function operateOnFrozen(world) {
  const { dice, timeline } = world;
  const running = world.database.all("SELECT id FROM jobs WHERE status = 'processing' ORDER BY id");
  if (running.length === 0) return;
  const { id } = dice.pick(running);
  const holder = world.checker.holders.get(id);
  if (!holder || holder.dead) return;
  world.freeze(holder);
  timeline.after(dice.below(5000), () => operateOnce(world, 'cancel', id));
  timeline.after(dice.between(5000, 10000), () => operateOnce(world, 'retry', id));
  timeline.after(10000, () => {
    for (const queue of world.queues) if (queue.deadLetters) queue.echo(id);
  });
}

/** A reader changes nothing. @param {World} world */
export function read(world) {
  const actor = world.actor('enqueue');
  const kind = world.dice.pick(['stats', 'queues', 'list', 'health']);
  world.run(actor, async () => {
    await query(world.env(actor), { kind });
  });
}

/** @param {World} world */
export function tick(world) {
  const { faults, dice } = world;
  const sweepOnce = () => {
    const actor = world.actor('sweep');
    world.run(actor, () => sweep(world.env(actor)));
  };
  if (faults.strikes('cronNever')) return;
  world.timeline.after(faults.strikes('cronLate') ? dice.below(180000) : 0, sweepOnce);
  if (faults.strikes('cronTwice')) world.timeline.after(dice.below(5000), sweepOnce);
}

/** @param {World} world @param {any} context */
async function checkpointed(world, context) {
  context.progress(world.dice.below(101));
  await context.checkpoint({ at: world.dice.below(1000) });
  await context.heartbeat();
}

/** What one run of a job comes to. @param {World} world @param {any} payload @param {any} context */
async function fate(world, payload, context) {
  const { dice } = world;
  const { sleep } = world;
  if (payload.cursed) {
    await sleep(dice.below(3000));
    throw new FatalError('cursed', 'It never works.');
  }
  if (!world.faults.on) return sleep(dice.below(2000));
  switch (dice.below(16)) {
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
      return sleep(dice.between(60000, 1200000));
    case 8:
      return checkpointed(world, context);
    default:
      return sleep(dice.below(5000));
  }
}

/**
 * The work that consumers are given: handlers by chance, run as the scraper runs them.
 * @param {World} world @param {Record<string, any>} env
 * @returns {import('../../shim/flows/consume.js').Work}
 */
export const workWith = (world, env) => async (lease, pulse) => {
  const { run, payload, controller } = lease;
  if (payload === null) {
    world.checker.blame('lost', 'payload', run.id);
    return { kind: 'error', code: 'payload_missing', message: 'The payload is gone.', retryable: false };
  }
  const context = makeContext(env, lease, pulse);
  return runHandler(
    async () => {
      await fate(world, JSON.parse(payload), context);
      world.checker.returned.add(`${run.id}/${run.fence}`);
      return { fence: run.fence };
    },
    controller,
    run.timeoutMs,
  );
};
