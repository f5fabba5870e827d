import { importPeer, installPeers } from '../../lib/peers.js';
import { startRedis } from '../../lib/redis.js';
import { stoppable } from '../../lib/stops.js';
import { noops, requireCounts } from '../jobs.js';
import { startWorkerProcess } from '../workers/start.js';

/**
 * @param {import('../systems.js').Place} place
 * @param {{ durable: boolean }} options as `startRedis` has it
 * @returns {Promise<import('../systems.js').Running>}
 */
export const startBullmq = ({ folder, print }, { durable }) =>
  stoppable(async (note) => {
    await installPeers();
    const redis = await startRedis(folder, { durable });
    note(redis.stop);
    const worker = await startWorkerProcess('bullmq', [String(redis.port)], print);
    note(worker.stop);
    const { Queue } = await importPeer('bullmq');
    const queue = new Queue('bench-noop', { connection: { host: '127.0.0.1', port: redis.port } });
    note(() => queue.close());
    return {
      enqueue: async (from, count) => {
        await queue.addBulk(noops(from, count).map(({ type, payload }) => ({ name: type, data: payload })));
      },
      finished: async (total) => (await queue.getCompletedCount()) >= total,
      verify: async (total) => {
        /** @type {Record<string, number>} */
        const counts = await queue.getJobCounts();
        const sum = Object.values(counts).reduce((a, b) => a + b, 0);
        requireCounts({ total: sum, completed: counts.completed }, total);
      },
    };
  });
