import { importPeer, installPeers } from '../../lib/peers.js';
import { startRedis } from '../../lib/redis.js';
import { noops, requireCounts } from '../jobs.js';
import { startWorkerProcess } from '../workers/start.js';

/**
 * @param {import('../systems.js').Place} place
 * @param {{ durable: boolean }} options as `startRedis` has it
 * @returns {Promise<import('../systems.js').Running>}
 */
export async function startBullmq({ folder, print }, { durable }) {
  await installPeers();
  const redis = await startRedis(folder, { durable });
  const worker = await startWorkerProcess('bullmq', [String(redis.port)], print);
  const { Queue } = await importPeer('bullmq');
  const queue = new Queue('bench-noop', { connection: { host: '127.0.0.1', port: redis.port } });
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
    stop: async () => {
      await queue.close();
      await worker.stop();
      await redis.stop();
    },
  };
}
