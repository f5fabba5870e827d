// BullMQ's worker, a process of its own as it would be in production. Usage: node bullmq.js PORT
import { importPeer } from '../../lib/peers.js';

const CONCURRENCY = 100;

const { Worker } = await importPeer('bullmq');
const connection = { host: '127.0.0.1', port: Number(process.argv[2]) };
const worker = new Worker('bench-noop', async () => ({ ok: true }), { connection, concurrency: CONCURRENCY });
worker.on('error', (/** @type {Error} */ error) => console.error(error.message));
await worker.waitUntilReady();
console.log('ready');
