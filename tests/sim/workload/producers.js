// Producers: jobs with every option there is, one by one and in batches, and again until somebody has them.

import { shardOf } from '../database.js';
import { INDIGESTIBLE } from '../refusals.js';
import { TYPES } from '../versions.js';

/** @typedef {import('../world.js').World} World */
/** @typedef {import('../actor.js').Actor} Actor */
/** @typedef {import('../../../shim/step.js').Reply} Reply */

const TRIES_MAX = 8;
/** A key that begins with a number of seconds is held so long (rules/admissions.js). */
const WINDOWS = [60, 600];

/** @param {World} world @returns {Record<string, any>} when it is to run */
function time({ dice, timeline }) {
  if (dice.chance(0.7)) return {};
  const far = dice.chance(0.05);
  const seconds = far ? dice.between(3600, 36 * 3600) : dice.between(1, 1800);
  if (dice.chance(0.3)) return { runAt: new Date(timeline.now + seconds * 1000).toISOString() };
  return { delaySeconds: dice.chance(0.2) ? seconds + 0.5 : seconds };
}

/** @param {World} world @returns {Record<string, any>} */
function uniqueness({ dice }) {
  if (dice.chance(0.75)) return {};
  const window = dice.pick(WINDOWS);
  return dice.chance(0.6)
    ? { uniqueKey: `k${dice.below(5)}` }
    : { uniqueKey: `${window}-${dice.below(2)}`, uniqueForSeconds: window };
}

/** @param {World} world @param {object} more */
function payload(world, more) {
  const { dice } = world;
  const serial = world.next();
  const length = dice.chance(0.05) ? dice.pick([5000, 5000, 5000, 140000]) : dice.below(20);
  const text = dice.chance(0.1) ? 'Ünïcödé \u{1f980} \u2028 "\\/ \u0000' : 'x'.repeat(length);
  const spoilt = dice.chance(world.refusals.rate) ? { text: world.refusals.text() } : {};
  const value = { serial, cursed: dice.chance(0.15), text, ...spoilt, ...more };
  world.checker.runs.payloads.set(serial, JSON.stringify(value));
  return value;
}

/** @param {World} world @param {object} [more] of the payload @returns {Record<string, any>} */
export function request(world, more = {}) {
  const { dice } = world;
  /** @type {Record<string, any>} */
  const job = { type: dice.pick(TYPES), payload: payload(world, more), ...time(world), ...uniqueness(world) };
  if (dice.chance(0.25)) job.priority = dice.pick([1, 'urgent', 'high', 'low', dice.between(1, 10)]);
  if (dice.chance(0.3)) job.maxAttempts = dice.between(1, 4);
  if (dice.chance(0.3)) job.timeoutMs = dice.between(1000, 600000);
  if (dice.chance(0.2)) job.concurrencyKey = `c${dice.below(3)}`;
  if (dice.chance(0.2)) job.tenant = `t${dice.below(2)}`;
  if (dice.chance(0.1)) job.tags = ['simulated', `t${dice.below(3)}`];
  if (dice.chance(0.1)) Object.assign(job, { correlationId: 'c1', userId: 'u1', sessionId: 's1' });
  if (dice.chance(0.1)) {
    job.backoff = {
      type: dice.pick(['fixed', 'linear', 'exponential']),
      delay: dice.below(30000),
      jitter: 0.5,
    };
  }
  return job;
}

/** Whether an answer says that the job was not taken, for a reason that passes. @param {number} status */
const isRefusal = (status) => status === 503 || status === 429;

/** Whether all jobs of a type, or of its queue, wait for something together. @param {Record<string, any>} type */
const isLimited = ({ concurrency, rate, gates, transport }) =>
  Boolean(concurrency || rate || gates || transport === 'none');

/**
 * The shards that would have to judge a job, which may depend on others.
 * @param {World} world @param {Actor} actor @param {Record<string, any>} job @param {string | undefined} key
 * @returns {number} how many
 */
function judgesOf(world, actor, job, key) {
  const { type, priority, dependsOn = [], uniqueKey, tenant, concurrencyKey } = job;
  const found = actor.host.version.types.find((candidate) => candidate.type === type);
  if (world.shards === 1 || !found) return 1;
  const shards = new Set(dependsOn.map(shardOf));
  const urgent = priority === 1 || priority === 'urgent';
  const keyed = key || uniqueKey || tenant || concurrencyKey || isLimited(found);
  if (keyed) shards.add(world.judgeOf(urgent ? (found.urgentQueue ?? found.queue) : found.queue));
  return shards.size;
}

/**
 * Where a key must always lead to the same job.
 * @param {World} world @param {Actor} actor @param {Record<string, any>} job
 */
function ownKey(world, actor, { type, priority, uniqueKey }) {
  const found = actor.host.version.types.find((candidate) => candidate.type === type);
  const urgent = priority === 1 || priority === 'urgent';
  const queue = (urgent && found?.urgentQueue) || found?.queue;
  return world.checker.admissions.judged(String(queue), `key:${uniqueKey}`);
}

/**
 * What was answered for one job.
 * @param {World} world @param {Actor} actor @param {any} answer @param {Record<string, any>} job
 * @param {string | undefined} key of the request and place in it
 * @returns {boolean} whether to ask again
 */
function heard(world, actor, answer, job, key) {
  if (answer.jobId) {
    if (judgesOf(world, actor, job, key) > 1) {
      world.checker.blame('duplicated', 'two judges', `${answer.jobId} of several`);
    }
    if (answer.duplicate && !job.uniqueKey && !key) {
      world.checker.blame('duplicated', 'duplicate of nothing', answer.jobId);
    }
    const own = job.uniqueKey && (job.uniqueForSeconds ? undefined : ownKey(world, actor, job));
    world.checker.admissions.acknowledge(answer.jobId, job.uniqueKey ? own : key);
    world.ids.push(answer.jobId);
    return false;
  }
  const problem = answer.error ?? answer;
  const unknown = problem.errors?.every((/** @type {any} */ { code }) => code === 'unknown_job');
  if (unknown && world.checker.dependencies.isUnknown(job)) return false;
  const known = actor.host.version.types.some(({ type }) => type === job.type);
  if (!known) return true;
  if (judgesOf(world, actor, job, key) > 1) {
    if (problem.errors?.some((/** @type {any} */ { code }) => code === 'several_shards')) return false;
    if (!isRefusal(problem.status))
      world.checker.blame('duplicated', 'two judges', `serial ${job.payload.serial}: ${problem.detail}`);
  }
  // Its own value is refused, or that of a job it names.
  const spoilt =
    job.payload.text?.startsWith(INDIGESTIBLE) ||
    job.dependsOn?.some((/** @type {string} */ id) => world.refusals.bad.has(id));
  if (!isRefusal(problem.status)) throw new Error(`An enqueue was answered ${JSON.stringify(problem)}`);
  if (problem.status === 503 && !spoilt && actor.struck === 0) {
    world.checker.blame('stuck', 'spoiled by another job', `serial ${job.payload.serial}: ${problem.detail}`);
  }
  return true;
}

/**
 * The first job of a request that has a unique key is the one that gets it.
 * @param {World} world @param {any[]} jobs @param {any[]} entries
 */
function judgeFirst(world, jobs, entries) {
  entries.forEach(({ jobId, duplicate }, i) => {
    const later = entries.slice(i + 1).some((other) => other.jobId === jobId && !other.duplicate);
    if (jobId && duplicate && later) {
      world.checker.blame('overwritten', 'not the first of its key', `${jobs[i]?.uniqueKey}: ${jobId}`);
    }
  });
}

/**
 * Asks until all are taken, or nobody listens.
 * @param {World} world @param {Record<string, any>[]} jobs
 * @param {(ids: string[]) => void} [then] told of the jobs when all are taken
 */
export function ask(world, jobs, then) {
  const { dice } = world;
  const key = dice.chance(0.3) ? `i${world.next()}` : undefined;
  world.jobs += jobs.length;
  let tries = 0;
  const again = () => {
    if (++tries < TRIES_MAX) world.timeline.after(dice.between(1000, 90000), attempt);
  };
  const attempt = () => {
    const actor = world.actor('enqueue');
    const { program, env } = actor.host.start();
    const [job] = jobs;
    const one = jobs.length === 1 && dice.chance(0.8);
    world.run(actor, async () => {
      let open = true;
      try {
        const reply = one
          ? await program.enqueueOne(env, JSON.stringify(job), key)
          : await program.enqueueBatch(env, JSON.stringify({ jobs }), key);
        world.note(actor.name, `is answered ${reply.status}`);
        const answer = JSON.parse(reply.body);
        /** @type {any[]} */
        const entries = answer.jobs ?? jobs.map(() => answer);
        judgeFirst(world, jobs, entries);
        const asked = entries.map((entry, i) =>
          heard(world, actor, entry, jobs[i] ?? {}, key && `idem:${key}#${one ? '' : i}`),
        );
        open = asked.includes(true);
        if (!open && entries.every(({ jobId }) => jobId)) then?.(entries.map(({ jobId }) => jobId));
      } finally {
        if (open) again();
      }
    });
  };
  attempt();
}

/** A producer: one job or several. @param {World} world */
export function produce(world) {
  const { dice } = world;
  ask(
    world,
    Array.from({ length: dice.chance(0.6) ? 1 : dice.between(2, 9) }, () => request(world)),
  );
}

/** More than one statement's parameter can hold. @param {World} world */
export function produceHeavy(world) {
  const jobs = Array.from({ length: 11 }, () => request(world));
  for (const { payload: value } of jobs.slice(1)) {
    value.text = 'y'.repeat(200000);
    world.checker.runs.payloads.set(value.serial, JSON.stringify(value));
  }
  ask(world, jobs);
}
