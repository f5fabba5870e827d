import { importPeer, installPeers } from '../../lib/peers.js';
import { startPostgres } from '../../lib/postgres.js';
import { stoppable } from '../../lib/stops.js';
import { noops, requireCounts } from '../jobs.js';
import { startWorkerProcess } from '../workers/start.js';

const countsQuery = `SELECT count(*)::int AS total,
    count(*) FILTER (WHERE state = 'completed')::int AS completed
  FROM pgboss.job WHERE name = 'bench-noop'`;
const someQuery = (/** @type {string} */ condition) =>
  `SELECT 1 FROM pgboss.job WHERE name = 'bench-noop' AND ${condition} LIMIT 1`;

/** @param {import('../systems.js').Place} place @returns {Promise<import('../systems.js').Running>} */
export const startPgboss = ({ folder, print }) =>
  stoppable(async (note) => {
    await installPeers();
    const postgres = await startPostgres(folder);
    note(postgres.stop);
    const { PgBoss } = await importPeer('pg-boss');
    const boss = new PgBoss({ connectionString: postgres.url, useListenNotify: true });
    boss.on('error', (/** @type {Error} */ error) => print(`pgboss: ${error.message}`));
    note(() => boss.stop({ graceful: false }));
    await boss.start();
    await boss.createQueue('bench-noop', { notify: true });
    const worker = await startWorkerProcess('pgboss', [postgres.url], print);
    note(worker.stop);
    const { default: pg } = await importPeer('pg');
    const client = new pg.Client({ connectionString: postgres.url });
    note(() => client.end());
    await client.connect();
    const isSome = async (/** @type {string} */ condition) =>
      (await client.query(someQuery(condition))).rows.length > 0;
    return {
      enqueue: async (from, count) => {
        const jobs = noops(from, count).map(({ payload }) => ({ data: payload }));
        await boss.insert('bench-noop', jobs);
      },
      // An index answers the first question; the second one, which reads the table, comes up in the end only.
      finished: async () => !(await isSome("state < 'active'")) && !(await isSome("state = 'active'")),
      verify: async (total) => requireCounts((await client.query(countsQuery)).rows[0], total),
    };
  });
