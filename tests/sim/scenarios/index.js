// Situations that chance alone brings about too seldom: each world has some of them.
import { EPOCH } from '../time.js';
import { scheduleSchedules } from '../workload/schedules.js';
import { crowd } from './crowds.js';
import { flood } from './floods.js';
import { produceKillers } from './killers.js';
import { cancelOrphan, comeBackAfterCancel, produceKeepers } from './latecomers.js';
import { bringGarbageAgain, bringOldLetters, deleteLate } from './letters.js';
import { scheduleLockers } from './lockers.js';
import { nameTwice } from './names.js';

/** @typedef {import('../world.js').World} World */

/** How often each happens in a world at most. @type {[(world: World) => void, number][]} */
const SCENARIOS = [
  [produceKillers, 1],
  [produceKeepers, 3],
  [comeBackAfterCancel, 2],
  [cancelOrphan, 2],
  [bringOldLetters, 4],
  [deleteLate, 4],
  [bringGarbageAgain, 1],
  [nameTwice, 3],
  [crowd, 3],
];

/** Lays them out until the faults stop. @param {World} world @param {number} end ms after the beginning */
export function scheduleScenarios(world, end) {
  const { dice, timeline } = world;
  for (let n = dice.below(3); n > 0; n--) timeline.at(EPOCH + dice.below(end), () => flood(world));
  for (const [act, most] of SCENARIOS) {
    if (dice.chance(0.6)) continue;
    for (let n = dice.between(1, most); n > 0; n--) timeline.at(EPOCH + dice.below(end), () => act(world));
  }
  scheduleLockers(world, end);
  scheduleSchedules(world, end);
}
