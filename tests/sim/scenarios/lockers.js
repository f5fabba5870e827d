// Jobs that want the same lock at the same time, some of which keep it for too long.
import { Dice } from '../dice.js';
import { EPOCH } from '../time.js';
import { ask, request } from '../workload/producers.js';
import { befall } from './latecomers.js';

/** @typedef {import('../world.js').World} World */

/** The seed's own stream for these, so that worlds without them are what they are without them. */
const STREAM = 3;

/** @param {World} world @param {Dice} dice */
function produceLockers(world, dice) {
  const locker = `lock-${world.next()}`;
  const jobs = Array.from({ length: dice.between(3, 8) }, () => ({
    ...request(world, { locker, text: '', cursed: false }),
    timeoutMs: 600000,
    maxAttempts: 3,
    delaySeconds: dice.below(30),
    runAt: undefined,
  }));
  ask(world, jobs);
  world.timeline.after(dice.between(8000, 25000), () => befall(world, 'locker', 12));
}

/** Lays them out until the faults stop. @param {World} world @param {number} end ms after the beginning */
export function scheduleLockers(world, end) {
  const dice = new Dice(world.seed, STREAM);
  if (dice.chance(0.7)) return;
  for (let n = dice.between(1, 2); n > 0; n--) {
    world.timeline.at(EPOCH + dice.below(end), () => produceLockers(world, dice));
  }
}

/** What such a job's run comes to. @param {World} world @param {any} payload @param {any} context */
export async function lockUp(world, { locker }, context) {
  const { dice, checker } = world;
  for (let n = dice.between(1, 6); n > 0; n--) {
    const ttlMs = dice.pick([2000, 5000, 20000, 90000]);
    const options = { ttlMs, retryDelayMs: dice.between(100, 5000), maxRetries: 10 };
    const value = await context.acquireLock(locker, options);
    if (value !== null) {
      checker.locks.own(locker, value);
      await world.sleep(dice.chance(0.5) ? dice.below(ttlMs) : dice.between(12000, 30000));
      checker.locks.disown(locker, value);
      await context.releaseLock(locker, value);
    }
    await world.sleep(dice.below(5000));
  }
}
