import { importPeer, installPeers } from '../../lib/peers.js';
import { startPostgres } from '../../lib/postgres.js';
import { noops, requireCounts } from '../jobs.js';
import { startWorkerProcess } from '../workers/start.js';

/** @param {import('../systems.js').Place} place @returns {Promise<import('../systems.js').Running>} */
export async function startPgboss({ folder, print }) {
  await installPeers();
  const postgres = await startPostgres(folder);
  const { PgBoss } = await importPeer('pg-boss');
  const boss = new PgBoss({ connectionString: postgres.url, useListenNotify: true });
  boss.on('error', (/** @type {Error} */ error) => print(`pgboss: ${error.message}`));
  await boss.start();
  await boss.createQueue('bench-noop', { notify: true });
  const worker = await startWorkerProcess('pgboss', [postgres.url], print);
  const { default: pg } = await importPeer('pg');
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  return {
    enqueue: async (from, count) => {
      await boss.insert(
        'bench-noop',
        noops(from, count).map(({ payload }) => ({ data: payload })),
      );
    },
    finished: async () => {
      // The first question is answered by the index that fetches are, the second one asked at the end only.
      for (const states of ["state < 'active'", "state = 'active'"]) {
        const { rows } = await client.query(
          `SELECT 1 FROM pgboss.job WHERE name = 'bench-noop' AND ${states} LIMIT 1`,
        );
        if (rows.length > 0) return false;
      }
      return true;
    },
    verify: async (total) => {
      const { rows } = await client.query(
        `SELECT count(*)::int AS total, count(*) FILTER (WHERE state = 'completed')::int AS completed
         FROM pgboss.job WHERE name = 'bench-noop'`,
      );
      requireCounts(rows[0], total);
    },
    stop: async () => {
      await client.end();
      await worker.stop();
      await boss.stop({ graceful: false });
      await postgres.stop();
    },
  };
}
