import path from 'node:path';
import { root, UserError } from '../../../scripts/tools.mjs';
import { startChild } from '../../lib/children.js';

/**
 * Starts a worker process and resolves when it says that it is ready.
 *
 * @param {string} name of its file here
 * @param {string[]} args
 * @param {(line: string) => void} print is given whatever else it writes
 * @returns {Promise<import('../../lib/children.js').Child>}
 */
export async function startWorkerProcess(name, args, print) {
  let ready = () => {};
  /** @type {Promise<boolean>} */
  const isReady = new Promise((resolve) => {
    ready = () => resolve(true);
  });
  const file = path.join(root, 'bench', 'e2e', 'workers', `${name}.js`);
  const child = startChild(process.execPath, [file, ...args], {
    onLine: (line) => (line === 'ready' ? ready() : print(`${name}: ${line}`)),
  });
  if (!(await Promise.race([isReady, child.ended.then(() => false)]))) {
    await child.stop();
    throw new UserError(`The worker of ${name} did not start.\n${child.output()}`);
  }
  return child;
}
