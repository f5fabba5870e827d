// How long calls take: many of them, the contenders in turn, and the median.
import { median } from '../lib/statistics.js';
import { freeze, thaw } from './frozen.js';

/**
 * @typedef {import('./calls.js').Call} Call
 * @typedef {import('./calls.js').Caller} Caller
 * @typedef {{ warmUpMs: number, samples: number, sampleMs: number }} Effort
 */

/**
 * @param {() => Promise<unknown>} again @param {number} times
 * @returns {Promise<number>} ms that they took together
 */
async function take(again, times) {
  const start = performance.now();
  for (let n = 0; n < times; n++) await again();
  return performance.now() - start;
}

/**
 * Calls until it has taken so long.
 * @param {() => Promise<unknown>} again @param {number} ms
 * @returns {Promise<number>} how often it can be called within one ms
 */
async function warmUp(again, ms) {
  let times = 1;
  for (let spent = 0; spent < ms; times *= 2) spent += await take(again, times);
  return times / 2 / Math.max(await take(again, times / 2), 0.001);
}

/**
 * Times a recorded call of each contender.
 *
 * @param {Caller[]} contenders that have made it before @param {Call} call @param {Effort} effort
 * @returns {Promise<Record<string, number>>} microseconds of one call, by contender
 */
export async function time(contenders, call, { warmUpMs, samples, sampleMs }) {
  freeze(call.now, call.seed);
  try {
    /** @type {{ name: string, again: () => Promise<unknown>, times: number, taken: number[] }[]} */
    const lanes = [];
    for (const contender of contenders) {
      const again = contender.repeater(call);
      const rate = await warmUp(again, warmUpMs);
      const times = Math.max(1, Math.round(rate * sampleMs));
      lanes.push({ name: contender.name, again, times, taken: [] });
    }
    for (let sample = 0; sample < samples; sample++) {
      for (const { again, times, taken } of lanes) taken.push(((await take(again, times)) * 1000) / times);
    }
    return Object.fromEntries(lanes.map(({ name, taken }) => [name, median(taken)]));
  } finally {
    thaw();
  }
}
