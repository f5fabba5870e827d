// What the bench's worker does: it records calls, compares what the contenders make of them, and times them.
import { Caller } from './calls.js';
import { difference } from './compare.js';
import { coreFlows } from './flows.js';
import { time } from './measure.js';
import { plainCalls } from './plain.js';
import { sharesOf, tapModules } from './stages.js';
import { recordStories } from './stories.js';
import { World } from './world.js';

/**
 * @typedef {import('./measure.js').Effort & { stagesMs: number, only: string[] }} Wish
 *   `stagesMs`: what telling the stages apart may take; `only`: of these cases, where there are any
 * @typedef {object} Measured what one case takes
 * @property {number} jobs of the call
 * @property {Record<string, number>} us microseconds of the call, by contender
 * @property {Record<string, number>} stages each stage's share of the core's
 * @typedef {object} Benched
 * @property {string[]} differences what the contenders do not do alike; then nothing was timed
 * @property {number} compared calls
 * @property {Record<string, Measured>} cases
 */

tapModules();

/**
 * Makes the recorded calls again.
 * @param {World} world @param {Caller} contender
 * @returns {Promise<string[]>} what it does otherwise
 */
async function compare(world, contender) {
  const out = [];
  for (const [n, { call, what }] of world.calls.entries()) {
    let found;
    try {
      found = difference(call.flow, call.trace, await contender.retrace(call));
    } catch (error) {
      found = String(/** @type {Error} */ (error).stack);
      contender.outcomes.set(call, call.trace.outcome);
    }
    if (found) out.push(`call ${n}, ${call.flow} of ${what}: ${found}`);
  }
  return out;
}

/**
 * @param {import('./flows.js').Flows} typescript
 * @param {any} vars @param {any} db @param {Wish} wish
 * @returns {Promise<Benched>}
 */
export async function bench(typescript, vars, db, { stagesMs, only, ...effort }) {
  const core = new Caller('core', coreFlows, vars);
  const contender = new Caller('typescript', typescript, vars);
  const world = new World(core, db);
  const timed = await plainCalls(world);
  await recordStories(world);
  // The core itself must do the same again, too: else its rows would be another's.
  const differences = [...(await compare(world, core)), ...(await compare(world, contender))];
  /** @type {Record<string, Measured>} */
  const cases = {};
  for (const [name, { call, jobs }] of Object.entries(timed)) {
    if (differences.length > 0 || (only.length > 0 && !only.includes(name))) continue;
    const us = await time([core, contender], call, effort);
    cases[name] = { jobs, us, stages: await sharesOf(core, call, stagesMs) };
  }
  return { differences, compared: world.calls.length, cases };
}
