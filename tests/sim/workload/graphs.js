// Jobs that depend on others: chains, diamonds, many on one and one on many, whose parts are cancelled and tried again.
import { shardOf } from '../database.js';
import { ask, request } from './producers.js';
import { operateOnce } from './users.js';

/** @typedef {import('../world.js').World} World */

/** More than one batch decides. */
const CROWD = 520;

/** Leaves a job nothing that needs a judge, so that it can live with those that it depends on. @param {any} job */
function liveAnywhere(job) {
  for (const name of ['uniqueKey', 'uniqueForSeconds', 'tenant', 'concurrencyKey']) job[name] = undefined;
  job.type = 'test-echo';
}

/** @param {World} world @param {string[]} on @returns {Record<string, any>} */
function child(world, on) {
  const { dice } = world;
  const job = request(world);
  if (dice.chance(0.7)) Object.assign(job, { runAt: undefined, delaySeconds: undefined });
  if (dice.chance(0.4)) job.onDependencyFailure = dice.pick(['cancel', 'proceed']);
  if (world.shards > 1 && world.shardDice.chance(0.8)) liveAnywhere(job);
  const strange = dice.chance(0.05) ? [world.checker.dependencies.invent()] : [];
  return { ...job, dependsOn: [...new Set([...on, ...strange])] };
}

/** An operator does something to one of them, at a bad moment. @param {World} world @param {string[]} ids */
function meddle(world, ids) {
  const { dice, timeline } = world;
  if (ids.length === 0 || dice.chance(0.5)) return;
  const id = dice.pick(ids);
  timeline.after(dice.below(60000), () => operateOnce(world, 'cancel', id));
  if (dice.chance(0.6)) timeline.after(dice.below(120000), () => operateOnce(world, 'retry', id));
}

/** One layer on top of another. @param {World} world @param {string[]} below @param {number} height */
function pile(world, below, height) {
  const { dice, timeline } = world;
  meddle(world, below);
  if (height === 0 || !world.faults.on) return;
  const width = dice.chance(0.5) ? 1 : dice.between(2, 4);
  const jobs = Array.from({ length: width }, () => {
    const some = below.filter(() => dice.chance(0.7));
    const on = some.length > 0 ? some : below.slice(0, 1);
    const together = world.shards === 1 || world.shardDice.chance(0.1);
    return child(world, together ? on : on.filter((id) => shardOf(id) === shardOf(String(on[0]))));
  });
  timeline.after(dice.pick([0, 0, dice.below(60000)]), () =>
    ask(world, jobs, (ids) => pile(world, [...ids, ...below.slice(0, 1)], height - 1)),
  );
}

/** A graph, layer by layer; its first are new jobs, or some that are there already. @param {World} world */
export function produceGraph(world) {
  const { dice } = world;
  const height = dice.between(1, 3);
  if (world.ids.length > 0 && dice.chance(0.4)) return pile(world, [dice.pick(world.ids)], height);
  const first = Array.from({ length: dice.between(1, 3) }, () => request(world));
  ask(world, first, (ids) => pile(world, [...new Set(ids)], height));
}

/** Very many on one job, which comes to no good end. @param {World} world */
export function produceCrowd(world) {
  const { dice, timeline } = world;
  /** @type {Record<string, any>} */
  const parent = {
    ...request(world, { cursed: true }),
    delaySeconds: 60,
    runAt: undefined,
    uniqueKey: undefined,
  };
  ask(world, [{ ...parent, uniqueForSeconds: undefined, maxAttempts: 1 }], ([id = '']) => {
    const { type } = parent;
    const job = { type, payload: { cursed: false }, dependsOn: [id] };
    ask(
      world,
      Array.from({ length: CROWD }, () => ({ ...job })),
    );
    if (dice.chance(0.3)) timeline.after(30000, () => operateOnce(world, 'cancel', id));
  });
}
