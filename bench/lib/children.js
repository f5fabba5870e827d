// Servers as child processes that never outlive this one.
import { spawn } from 'node:child_process';
import { eachLine } from '../../scripts/local/log-lines.js';

const STOP_MS = 10_000;
const TAIL_LINES = 40;

// The program, and beside it a watch on the pipe from this process: when that breaks, because this process
// was killed, the whole group ends.
const guarded = `exec 3<&0
(read -r _ <&3; trap '' TERM; kill -TERM 0; sleep 3; kill -KILL 0) &
exec "$@" 3<&- </dev/null`;

/**
 * @typedef {object} Child
 * @property {() => Promise<void>} stop ends it, politely at first; resolves when it has ended
 * @property {Promise<number>} ended resolves to its exit status (1 after a signal), whoever ended it
 * @property {() => string} output the end of what it wrote
 */

/**
 * Starts a program as the leader of a process group of its own.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, uid?: number, gid?: number, signal?: NodeJS.Signals,
 *   onLine?: (line: string) => void }} [options] env: all of its environment; signal: what asks it to end
 *   (SIGTERM); onLine: is given each line that it writes
 * @returns {Child}
 */
export function startChild(program, args, { signal = 'SIGTERM', onLine, ...options } = {}) {
  const child = spawn('sh', ['-c', guarded, program, program, ...args], {
    ...options,
    stdio: 'pipe',
    detached: true,
  });
  /** @type {string[]} */
  const tail = [];
  for (const stream of [child.stdout, child.stderr]) {
    eachLine(stream, (line) => {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      onLine?.(line);
    });
  }
  child.stdin.on('error', () => {});
  const killAtExit = () => signalGroup(child.pid, 'SIGKILL');
  process.once('exit', killAtExit);
  /** @type {Promise<number>} */
  const ended = new Promise((resolve) => {
    child.once('error', (error) => {
      tail.push(error.message);
      resolve(1);
    });
    child.once('exit', (code) => resolve(code ?? 1));
  });
  const stop = async () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) child.kill(signal);
    const timer = setTimeout(killAtExit, STOP_MS);
    await ended;
    clearTimeout(timer);
    // The watch, and what else is left of the group.
    killAtExit();
    process.removeListener('exit', killAtExit);
  };
  return { stop, ended, output: () => tail.join('\n') };
}

/** @param {number | undefined} pid of the group's leader @param {NodeJS.Signals} signal */
function signalGroup(pid, signal) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nothing of it is left.
  }
}
