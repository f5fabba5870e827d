import { openRecord } from '../../lib/record.js';
import { startSluice as startWorkers } from '../../lib/sluice.js';
import { stoppable } from '../../lib/stops.js';
import { noops, requireCounts } from '../jobs.js';

/** @param {import('../systems.js').Place} place @returns {Promise<import('../systems.js').Running>} */
export const startSluice = ({ folder, print }) =>
  stoppable(async (note) => {
    const { api, stop } = await startWorkers(folder, print);
    note(stop);
    const record = openRecord(folder);
    note(() => record.close());
    const completed = record.prepare("SELECT completed FROM counters WHERE type = 'bench-noop'");
    return {
      enqueue: async (from, count) => {
        const { jobs } = await api.post('/jobs/batch', { jobs: noops(from, count) });
        const refused = jobs.find((/** @type {any} */ entry) => !entry.jobId);
        if (refused) throw new Error(`not enqueued: ${JSON.stringify(refused)}`);
      },
      finished: (total) => Number(completed.get()?.completed ?? 0) >= total,
      verify: async (total) => requireCounts(await api.get('/stats'), total),
    };
  });
