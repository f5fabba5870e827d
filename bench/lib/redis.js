// A Redis of the benchmarks' own.
import { connect } from 'node:net';
import { UserError } from '../../scripts/tools.mjs';
import { startChild } from './children.js';
import { freePort } from './ports.js';

const START_MS = 20_000;

/** @param {number} ms @returns {Promise<void>} */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {number} port @returns {Promise<boolean>} whether something takes connections */
function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/**
 * Starts a server and resolves when it takes connections.
 *
 * @param {string} folder for its files
 * @param {{ durable: boolean }} options durable: what it is told is appended to a file that is flushed each
 *   second, as its manual advises; otherwise it is kept in memory only
 * @returns {Promise<{ port: number, stop: () => Promise<void> }>}
 */
export async function startRedis(folder, { durable }) {
  const port = await freePort();
  const { stop, ended, output } = startChild('redis-server', [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
    ...['--appendonly', durable ? 'yes' : 'no', '--appendfsync', 'everysec'],
  ]);
  const until = Date.now() + START_MS;
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!(await listens(port))) {
    if (over || Date.now() > until) {
      await stop();
      throw new UserError(`redis-server did not start.\n${output()}`);
    }
    await sleep(50);
  }
  return { port, stop };
}
