import path from 'node:path';
import { connect } from '../../../scripts/local/api.js';
import { root } from '../../../scripts/tools.mjs';
import { startWorker } from '../../lib/dev.js';
import { openRecord } from '../../lib/record.js';
import { stoppable } from '../../lib/stops.js';
import { noops, requireCounts } from '../jobs.js';

// Both questions are answered by a partial index, which is empty in the end.
const openQuery = `SELECT EXISTS (SELECT 1 FROM job_queue WHERE status = 'pending')
  OR EXISTS (SELECT 1 FROM job_queue WHERE status = 'processing') AS some`;

/** @param {import('../systems.js').Place} place @returns {Promise<import('../systems.js').Running>} */
export const startBaseline = ({ folder, print }) =>
  stoppable(async (note) => {
    const file = path.join(root, 'bench', 'baseline', 'wrangler.jsonc');
    const { url, stop } = await startWorker(file, folder, (line) => print(`baseline: ${line}`));
    note(stop);
    const api = connect(url, '');
    const record = openRecord(folder);
    note(() => record.close());
    const open = record.prepare(openQuery);
    return {
      enqueue: async (from, count) => {
        await api.post('/jobs/batch', { jobs: noops(from, count) });
      },
      finished: () => open.get()?.some === 0,
      verify: async (total) => requireCounts(await api.get('/stats'), total),
    };
  });
