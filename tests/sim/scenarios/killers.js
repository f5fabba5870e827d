// Jobs that take their isolate down whenever they run, and others with it.
import { never } from '../actor.js';
import { acting } from '../time.js';
import { ask, request } from '../workload/producers.js';

/** @typedef {import('../world.js').World} World */

/** Several in one request, so that they travel and run together. @param {World} world */
export function produceKillers(world) {
  const jobs = Array.from({ length: world.dice.between(2, 3) }, () => request(world, { deadly: true }));
  ask(
    world,
    jobs.map(({ type, payload, maxAttempts }) => ({ type, payload, maxAttempts })),
  );
}

/** What a killer's run comes to. @param {World} world */
export async function kill(world) {
  await world.sleep(world.dice.between(100, 3000));
  world.faults.count++;
  world.fleet.kill(acting().host, 'for a job that takes it down');
  return never();
}
