import path from 'node:path';
import { connect } from '../../../scripts/local/api.js';
import { root } from '../../../scripts/tools.mjs';
import { startWorker } from '../../lib/dev.js';
import { noops } from '../jobs.js';

const VERIFIED = 50;

/** @param {import('../systems.js').Place} place @returns {Promise<import('../systems.js').Running>} */
export async function startWorkflows({ folder, print }) {
  const file = path.join(root, 'bench', 'workflows', 'wrangler.jsonc');
  const { url, stop } = await startWorker(file, folder, (line) => print(`workflows: ${line}`));
  const api = connect(url, '');
  return {
    enqueue: async (from, count) => {
      await api.post('/jobs/batch', { jobs: noops(from, count) });
    },
    finished: async (total) => (await api.get('/done')).done >= total,
    // Each instance has a database of its own: a sample, spread over all.
    verify: async (total) => {
      for (let i = 0; i < Math.min(VERIFIED, total); i++) {
        const n = Math.floor((i * total) / Math.min(VERIFIED, total));
        const { status } = await api.get(`/status?n=${n}`);
        if (status !== 'complete') throw new Error(`instance ${n} is ${status}`);
      }
    },
    stop,
  };
}
