// The bench's worker: records, compares and times inside workerd.
import { coreFlows } from './flows.js';
import { time } from './measure.js';
import { plainCalls } from './plain.js';
import { sharesOf, tapModules } from './stages.js';
import { World } from './world.js';

/**
 * @typedef {import('./measure.js').Effort & { stagesMs: number, only: string[] }} Wish `only` of these cases,
 *   where there are any
 * @typedef {object} Measured what one case takes
 * @property {number} jobs of the call
 * @property {Record<string, number>} us microseconds of the call, by contender
 * @property {Record<string, number>} stages each stage's share of the core's
 */

tapModules();

const contenders = { core: coreFlows };

export default {
  /** @param {Request} request @param {any} env */
  async fetch(request, { DB, ...vars }) {
    /** @type {Wish} */
    const { stagesMs, only, ...effort } = await request.json();
    const calls = await plainCalls(new World(coreFlows, vars, DB));
    /** @type {Record<string, Measured>} */
    const out = {};
    for (const [name, { call, jobs }] of Object.entries(calls)) {
      if (only.length > 0 && !only.includes(name)) continue;
      const us = await time(contenders, vars, call, effort);
      const stages = await sharesOf(coreFlows, vars, call, stagesMs);
      out[name] = { jobs, us, stages };
    }
    return Response.json(out);
  },
};
