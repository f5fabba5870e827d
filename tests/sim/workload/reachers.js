// Jobs that reach for pages of hosts that are down now and then.
import { Dice } from '../dice.js';
import { EPOCH } from '../time.js';
import { ask, request } from './producers.js';

/** @typedef {import('../world.js').World} World */

/** How long a host is up, and then down, ms. */
const WHILE_MS = 150000;

/** The same page in other spellings. */
const SPELLINGS = [
  (/** @type {string} */ host, /** @type {number} */ page) => `https://${host}/${page}`,
  (/** @type {string} */ host, /** @type {number} */ page) => `HTTPS://${host.toUpperCase()}:443/${page}#top`,
  (/** @type {string} */ host, /** @type {number} */ page) => ` https://${host}./${page}`,
];

/** @param {World} world @param {any} payload @returns {boolean} whether what a job reaches for is down */
export function isDown(world, payload) {
  if (!payload?.page || !world.faults.on) return false;
  const host = Number(/h(\d)/i.exec(payload.page)?.[1]);
  return Math.floor((world.timeline.now - EPOCH) / WHILE_MS) % 2 === host;
}

/** @param {World} world @param {Dice} dice */
function reach(world, dice) {
  const jobs = Array.from({ length: dice.between(4, 12) }, () => {
    const page = dice.pick(SPELLINGS)(`h${dice.below(2)}.example`, dice.below(6));
    return { ...request(world, { page }), type: 'test-reaching' };
  });
  ask(world, jobs);
}

/** @param {World} world @param {number} end ms after the beginning */
export function scheduleReachers(world, end) {
  const dice = new Dice(world.seed, 4);
  if (dice.chance(0.5)) return;
  for (let n = dice.between(1, 3); n > 0; n--)
    world.timeline.at(EPOCH + dice.below(end), () => reach(world, dice));
}
