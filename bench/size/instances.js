// How long an instance takes, and its memory, inside workerd.
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { createTestHarness, experimental_readRawConfig as readRawConfig } from 'wrangler';
import { root } from '../../scripts/tools.mjs';
import { startedIn } from '../lib/started-in.js';
import { median, rounded } from '../lib/statistics.js';

/** @typedef {import('./worker.js').Name} Name */
/** @typedef {import('./worker.js').Made} Made */

/** Of a sample: its time is far above the clock's one millisecond. */
const TIMES = 100;

/**
 * Runs the bench's worker with the main worker's variables.
 *
 * @template T
 * @param {string} folder
 * @param {(make: (module: Name, times: number) => Promise<Made>) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function withWorker(folder, use) {
  const { vars, compatibility_date } = readRawConfig({ config: path.join(root, 'wrangler.jsonc') }).rawConfig;
  const main = path.join(root, 'bench/size/worker.js');
  const config = { name: 'sluice-bench-size', main, compatibility_date, vars };
  const own = mkdtempSync(path.join(folder, 'size-'));
  const server = createTestHarness({ root: own, workers: [{ config }] });
  try {
    await startedIn(own, () => server.listen());
    return await use(async (module, times) => {
      const response = await server
        .getWorker()
        .fetch('/', { method: 'POST', body: JSON.stringify({ module, times }) });
      if (response.status !== 200) throw new Error(await response.text());
      return /** @type {Promise<Made>} */ (response.json());
    });
  } finally {
    await server.close();
  }
}

/**
 * @param {{ folder: string, runs: number, samples: number }} options runs: fresh processes, each with its own
 *   first instance; samples: of a hundred instances each, in each of them
 * @returns {Promise<Record<Name, { instantiateMs: number, configureMs: number, firstMs: number,
 *   memory: Made['memory'] }>>} medians; firstMs: the first one of a process until it is ready, the mean
 */
export async function measureInstances({ folder, runs, samples }) {
  const names = /** @type {const} */ (['core', 'views', 'chat']);
  /** @type {Map<Name, { first: number[], bare: number[], ready: number[], memory: Made['memory'] }>} */
  const all = new Map();
  for (let run = 0; run < runs; run++) {
    await withWorker(folder, async (make) => {
      for (const name of names) {
        const { readyMs, memory } = await make(name, 1);
        const list = all.get(name) ?? { first: [], bare: [], ready: [], memory };
        all.set(name, list);
        list.first.push(readyMs);
        await make(name, TIMES); // compiles what is used often
        for (let sample = 0; sample < samples; sample++) {
          const made = await make(name, TIMES);
          list.bare.push(made.bareMs);
          list.ready.push(made.readyMs);
        }
      }
    });
  }
  const out = /** @type {any} */ ({});
  for (const [name, { first, bare, ready, memory }] of all) {
    const instantiateMs = median(bare);
    out[name] = {
      instantiateMs: rounded(instantiateMs, 3),
      configureMs: rounded(Math.max(0, median(ready) - instantiateMs), 3),
      firstMs: rounded(first.reduce((sum, ms) => sum + ms, 0) / first.length, 1),
      memory,
    };
  }
  return out;
}
