// pg-boss's workers, in a process of their own as they would be in production. Usage: node pgboss.js URL
import { importPeer } from '../../lib/peers.js';

// As its manual has it for throughput: notified instead of polling, full batches one behind the other.
const options = {
  batchSize: 100,
  localConcurrency: 4,
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
  notifyPollingIntervalSeconds: 0.5,
};

const { PgBoss } = await importPeer('pg-boss');
const boss = new PgBoss({ connectionString: process.argv[2], useListenNotify: true });
boss.on('error', (/** @type {Error} */ error) => console.error(error.message));
await boss.start();
await boss.work('bench-noop', options, async () => ({ ok: true }));
console.log('ready');
