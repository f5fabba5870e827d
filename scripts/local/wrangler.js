// Workers in one `wrangler dev`, as a child process that never outlives this one.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { root, UserError } from '../tools.mjs';
import { whenAborted } from './abort.js';
import { eachLine, readLogLine } from './log-lines.js';

const host = '127.0.0.1';
const START_MS = 120_000; // a slow machine bundles for half a minute
const STOP_MS = 5_000; // wrangler asks workerd to end and waits for it
const SETTLE_MS = 500; // what is wrong with a build follows in further lines
const TAIL_LINES = 40;

// wrangler, and beside it a watch on the pipe from this process: when that breaks, because this process was
// killed, the whole group ends.
const guarded = `exec 3<&0
(read -r _ <&3; trap '' TERM; kill -TERM 0; sleep 3; kill -KILL 0) &
exec wrangler "$@" 3<&- </dev/null`;

// wrangler stays up then, and waits for the source to be corrected.
const buildFailed = /^Build failed with/;

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Throws a UserError when something else listens on the port.
 *
 * @param {number} port
 * @returns {Promise<void>}
 */
export function requireFreePort(port) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
      const why = code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${message})`;
      reject(new UserError(`Port ${port} on ${host} ${why}. Choose another one with --port N.`));
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

/**
 * The environment of every wrangler that runs here: quiet, without colours, and with its registry of running
 * workers and its logs in the state folder. So two systems on one machine do not find each other's queues.
 *
 * @param {string} state
 * @returns {NodeJS.ProcessEnv}
 */
export function wranglerEnvironment(state) {
  const local = path.join(state, 'local');
  return {
    // Otherwise wrangler writes a trace of every call into the state folder, and never removes one.
    X_LOCAL_OBSERVABILITY: 'false',
    ...process.env,
    PATH: `${path.join(root, 'node_modules', '.bin')}${path.delimiter}${process.env.PATH ?? ''}`,
    NO_COLOR: '1',
    FORCE_COLOR: '0',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_REGISTRY_PATH: path.join(local, 'registry'),
    WRANGLER_LOG_PATH: path.join(local, 'logs'),
  };
}

/** @typedef {{ main: string, scraper?: string }} Files local configurations: main's worker has the port */

/**
 * Starts the workers in a process group of their own, whose leader is the child; it ends with this process.
 *
 * @param {{ files: Files, port: number, state: string, env?: Record<string, string> }} options env: variables
 *   on top of every wrangler's
 * @returns {import('node:child_process').ChildProcessWithoutNullStreams}
 */
export function spawnWorkers({ files, port, state, env = {} }) {
  return spawn('sh', ['-c', guarded, 'wrangler', ...argumentsFor(files, port, state)], {
    cwd: root,
    env: { ...wranglerEnvironment(state), ...env },
    stdio: 'pipe',
    detached: true,
  });
}

/**
 * @typedef {{ url: string, stop: () => Promise<void>, ended: Promise<void> }} RunningWorkers
 * url: of the main worker; stop: ends wrangler and workerd, resolves when they have ended; ended: resolves as
 * soon as they have, whoever ended them
 */

/**
 * Starts the workers and resolves when GET /health answers; throws a UserError with what wrangler wrote when
 * they do not come up.
 *
 * @param {{ files: Files, port: number, state: string, stopped: AbortSignal,
 *   onLine: (line: ReturnType<typeof readLogLine>) => void }} options
 * @returns {Promise<RunningWorkers>}
 */
export async function startWorkers({ files, port, state, stopped, onLine }) {
  /** @type {string[]} */
  const tail = [];
  const broken = new AbortController();
  const child = spawnWorkers({ files, port, state });
  for (const stream of [child.stdout, child.stderr]) {
    eachLine(stream, (line) => {
      const read = readLogLine(line);
      if (read.text === '') return;
      tail.push(read.text);
      if (tail.length > TAIL_LINES) tail.shift();
      if (buildFailed.test(read.text)) broken.abort();
      onLine(read);
    });
  }
  let failure = '';
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => {
    child.once('error', (error) => {
      failure = error.message;
      resolve();
    });
    child.once('exit', () => resolve());
  });
  const stop = () => stopGroup(child.pid, ended);
  const killAtExit = () => signalGroup(child.pid, 'SIGKILL');
  process.once('exit', killAtExit);

  const url = `http://${host}:${port}`;
  const failed = whenAborted(broken.signal).then(() => sleep(SETTLE_MS));
  const hopeless = Promise.race([ended, failed, whenAborted(stopped)]).then(() => false);
  if (!(await Promise.race([answers(`${url}/health`, START_MS), hopeless]))) {
    await stop();
    stopped.throwIfAborted();
    const said = tail.slice(
      Math.max(
        0,
        tail.findIndex((line) => buildFailed.test(line)),
      ),
    );
    throw new UserError(`The workers did not start.\n${[failure, ...said].filter(Boolean).join('\n')}`);
  }
  return { url, stop, ended };
}

/**
 * @param {Files} files
 * @param {number} port
 * @param {string} state
 */
function argumentsFor({ main, scraper }, port, state) {
  const configs = scraper === undefined ? [main] : [main, scraper];
  return [
    ...['dev', ...configs.flatMap((file) => ['--config', file])],
    ...['--ip', host, '--port', String(port), '--inspector-port', '0'],
    ...['--persist-to', state, '--show-interactive-dev-session=false'],
  ];
}

/**
 * @param {string} url
 * @param {number} timeoutMs
 * @returns {Promise<boolean>} whether it answered with 200
 */
async function answers(url, timeoutMs) {
  const until = Date.now() + timeoutMs;
  while (Date.now() < until) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
      await response.arrayBuffer();
      if (response.ok) return true;
    } catch {
      // Nothing listens yet.
    }
    await sleep(150);
  }
  return false;
}

/**
 * @param {number | undefined} pid of the group's leader
 * @param {NodeJS.Signals} signal
 * @returns {boolean} whether there was anything to signal
 */
function signalGroup(pid, signal) {
  if (pid === undefined) return false;
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Ends a process group: politely, then without asking.
 *
 * @param {number | undefined} pid
 * @param {Promise<void>} ended
 */
async function stopGroup(pid, ended) {
  signalGroup(pid, 'SIGTERM');
  await Promise.race([ended, sleep(STOP_MS)]);
  // What is left of the group, if the leader went first.
  signalGroup(pid, 'SIGKILL');
  await ended;
}
