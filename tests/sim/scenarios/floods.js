// More jobs at once than a queue may hold.
import { ask, request } from '../workload/producers.js';

/** @typedef {import('../world.js').World} World */

/** One request after the other, of jobs that wait. @param {World} world */
export function flood(world) {
  const { dice, timeline } = world;
  const [{ vars }] = world.fleet.versions;
  if (!vars.MAX_PENDING_PER_QUEUE) return;
  for (let n = 0; n < 5; n++) {
    timeline.after(dice.below(20000), () => {
      ask(
        world,
        Array.from({ length: dice.between(3, 8) }, () => ({ ...request(world), ...waiting(dice) })),
      );
    });
  }
}

/** @param {import('../dice.js').Dice} dice */
const waiting = (dice) => ({ runAt: undefined, delaySeconds: dice.between(300, 900), type: 'test-echo' });
