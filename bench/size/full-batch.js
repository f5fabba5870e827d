// The core's memory once it has carried full batches: a hundred messages of five jobs each.
import path from 'node:path';
import { root } from '../../scripts/tools.mjs';
import { until } from '../../tests/worker/harness.js';
import { startMeteredSluice } from '../lib/metered.js';

const JOBS = 500;
/** The longest payload that lives in the job's row (wasm/core/limits.h). */
const PAYLOAD_BYTES = 4096;

/** @typedef {{ bytes: number, touched: number }} Memory */

/**
 * @param {string} folder
 * @returns {Promise<{ plain: Memory, long: Memory }>} after 500 jobs with short payloads, and after as many
 *   with payloads of 4 KiB
 */
export async function measureFullBatches(folder) {
  const system = await startMeteredSluice(folder, {
    batchTimeout: 1,
    vars: { LOG_LEVEL: 'info' },
    entries: {
      sluice: path.join(root, 'bench/lib/entries/main.js'),
      'sluice-scraper': path.join(root, 'bench/size/entries/scraper.js'),
    },
  });
  /** @param {Record<string, unknown>} payload @returns {Promise<Memory>} */
  const memoryAfter = async (payload) => {
    await system.metered.takeUsage();
    const ids = await system.enqueue(Array.from({ length: JOBS }, () => ({ type: 'test-echo', payload })));
    const done = `SELECT count(*) AS n FROM jobs WHERE status = 'completed' AND id >= '${ids[0]}'`;
    await until(() => system.metered.look(done)[0].n === JOBS, { ms: 60_000 });
    const [, scraper] = await system.metered.takeUsage();
    const [claim] = scraper?.roundTrips ?? [];
    if (scraper?.invocations !== 1 || !claim) throw new Error('500 jobs did not come in one batch');
    const door = /** @type {any} */ (await system.sluice.server.getWorker('sluice-scraper').getExport());
    return JSON.parse(await door.memory());
  };
  try {
    const plain = await memoryAfter({ n: 1 });
    const text = 'x'.repeat(PAYLOAD_BYTES - JSON.stringify({ text: '' }).length);
    return { plain, long: await memoryAfter({ text }) };
  } finally {
    await system.stop();
  }
}
