// Many jobs at once that want the same few places.
import { ask, request } from '../workload/producers.js';

/** @typedef {import('../world.js').World} World */

/** @param {World} world */
export function crowd(world) {
  const { dice } = world;
  const shared = dice.pick([
    { concurrencyKey: 'crowd' },
    { tenant: 'crowd' },
    { type: 'test-limited' },
    { type: 'test-limited', concurrencyKey: 'crowd' },
    { concurrencyKey: 'crowd', tenant: 'crowd', type: 'test-limited' },
  ]);
  const jobs = Array.from({ length: dice.between(3, 9) }, () => ({
    ...request(world),
    timeoutMs: 60000,
    ...shared,
  }));
  if (dice.chance(0.5)) ask(world, jobs);
  else for (const job of jobs) world.timeline.after(dice.below(20000), () => ask(world, [job]));
}
