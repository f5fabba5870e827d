// Sluice itself, both workers, as `npm start -- --no-demo` runs them, with the benchmarks' job types.
import path from 'node:path';
import { connect } from '../../scripts/local/api.js';
import { startSystem } from '../../scripts/local/system.js';
import { root } from '../../scripts/tools.mjs';
import { unstoppable } from './dev.js';
import { freePort } from './ports.js';

export const handlers = path.join(root, 'bench', 'handlers');
const TOKEN = 'bench';

/**
 * @typedef {object} Sluice
 * @property {string} url of the main worker
 * @property {string} token with every scope
 * @property {import('../../scripts/local/api.js').Api} api
 * @property {() => Promise<void>} stop
 */

/**
 * @param {string} state an empty folder
 * @param {(line: string) => void} print
 * @returns {Promise<Sluice>}
 */
export async function startSluice(state, print) {
  const port = await freePort();
  const options = { once: false, demo: false, port, token: TOKEN, state, allowPrivate: false };
  const system = await startSystem(options, {
    vars: {},
    print: (line) => print(`sluice: ${line}`),
    stopped: unstoppable,
    handlers: [handlers],
  });
  return { url: system.url, token: TOKEN, api: connect(system.url, TOKEN), stop: system.stop };
}
