// Jobs whose starts are spread in time: more of them at once than have turns soon.
import { Dice } from '../dice.js';
import { EPOCH } from '../time.js';
import { RATED } from '../versions.js';
import { ask, request } from './producers.js';

/** @typedef {import('../world.js').World} World */

/** @param {World} world @param {Dice} dice */
function crowd(world, dice) {
  const type = dice.pick(RATED);
  const jobs = Array.from({ length: dice.between(3, 40) }, () => {
    const job = request(world);
    if (dice.chance(0.8)) Object.assign(job, { runAt: undefined, delaySeconds: undefined });
    return { ...job, type, tenant: type === 'test-rated-tenant' ? `r${dice.below(2)}` : undefined };
  });
  ask(world, jobs);
}

/** @param {World} world @param {number} end ms after the beginning */
export function scheduleRated(world, end) {
  const dice = new Dice(world.seed, 7);
  if (dice.chance(0.7)) return;
  for (let n = dice.between(1, 3); n > 0; n--)
    world.timeline.at(EPOCH + dice.below(end), () => crowd(world, dice));
}
