// A PostgreSQL cluster of the benchmarks' own, with the settings that initdb gives: a commit is on the disk.
import { chmodSync, chownSync, globSync } from 'node:fs';
import path from 'node:path';
import { run, UserError } from '../../scripts/tools.mjs';
import { startChild } from './children.js';
import { freePort } from './ports.js';

const START_MS = 30_000;

/** @param {number} ms @returns {Promise<void>} */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @returns {string} the folder of the newest version's programs; Debian keeps it off the PATH */
function programs() {
  const folders = globSync('/usr/lib/postgresql/*/bin');
  const version = (/** @type {string} */ folder) => Number(path.basename(path.dirname(folder)));
  const [newest] = folders.sort((a, b) => version(b) - version(a));
  return newest ?? '';
}

/** @param {string} name @param {'-u' | '-g'} what */
async function idOf(name, what) {
  const { code, stdout } = await run('id', [what, name], { capture: true });
  if (code !== 0) throw new UserError(`PostgreSQL does not run as root, and there is no user ${name}.`);
  return Number(stdout);
}

/**
 * PostgreSQL refuses to run as root: there its own user owns the folder.
 *
 * @param {string} folder
 * @returns {Promise<{ uid?: number, gid?: number }>} who runs it
 */
async function giveAway(folder) {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = [await idOf('postgres', '-u'), await idOf('postgres', '-g')];
  chownSync(folder, uid, gid);
  return { uid, gid };
}

/**
 * Makes a cluster, starts it and resolves when it takes connections.
 *
 * @param {string} folder an empty folder in one that others may pass through
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>} url: of the database, as its superuser
 */
export async function startPostgres(folder) {
  const bin = programs();
  const owner = await giveAway(folder);
  chmodSync(folder, 0o700);
  const data = path.join(folder, 'data');
  const options = { ...owner, cwd: folder };
  const init = startChild(
    path.join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C'],
    options,
  );
  const initialised = await init.ended;
  await init.stop();
  if (initialised !== 0) throw new UserError(`initdb failed.\n${init.output()}`);

  const port = await freePort();
  const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: folder };
  const server = startChild(
    path.join(bin, 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    // SIGINT: it ends its connections and does not wait for them.
    { ...options, signal: 'SIGINT' },
  );
  const until = Date.now() + START_MS;
  const ask = () => run(path.join(bin, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]);
  while ((await ask()).code !== 0) {
    if (Date.now() > until) {
      await server.stop();
      throw new UserError(`PostgreSQL did not start.\n${server.output()}`);
    }
    await sleep(100);
  }
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop: server.stop };
}
