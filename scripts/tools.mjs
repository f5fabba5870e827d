// What the scripts share: where the project is, and how to run a program or write a generated file.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

// A script started by hand gets the same programs, the installed Node.js first, as one started by npm.
const bin = path.join(root, 'node_modules', '.bin');
const environment = {
  ...process.env,
  PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}`,
  WRANGLER_SEND_METRICS: 'false',
};

/**
 * Runs a program in the project's root and resolves when it has ended; rejects only if it cannot be started.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ capture?: boolean, env?: Record<string, string> }} [options] capture: collect stdout and stderr
 *   instead of passing them through; env: variables on top of this process's own
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>} code: exit status, 1 after a signal
 */
export function run(program, args, { capture = false, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...environment, ...env },
      stdio: capture ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal) stderr += `\n${program} ended by ${signal}\n`;
      resolve({ code: code ?? 1, stdout, stderr });
    });
  });
}

/** An error that the person at the terminal can act on: shown without a stack. */
export class UserError extends Error {}

/**
 * Runs a program quietly; throws a UserError with all it wrote when it fails.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: Record<string, string> }} [options]
 * @returns {Promise<string>} its stdout
 */
export async function runOrThrow(program, args, { env } = {}) {
  const { code, stdout, stderr } = await run(program, args, { capture: true, env });
  if (code !== 0) throw new UserError(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  return stdout;
}

/**
 * Writes a file, and its folder, unless it already has this content: what depends on it stays up to date.
 *
 * @param {string} file
 * @param {string} content
 * @returns {boolean} whether it was written
 */
export function writeIfChanged(file, content) {
  if (readIfPresent(file) === content) return false;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return true;
}

/**
 * @param {string} file
 * @returns {string | undefined} its text, or undefined where there is no such file
 */
export function readIfPresent(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * @template T
 * @param {Iterable<T>} items
 * @param {number} lanes items that are asked about at once
 * @param {(item: T) => Promise<boolean>} holds
 * @returns {Promise<number>} how many it holds for
 */
export async function countWhere(items, lanes, holds) {
  const waiting = items[Symbol.iterator]();
  let count = 0;
  const lane = async () => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) {
      // Another lane may count while this one waits: the sum is read when the answer is there.
      if (await holds(next.value)) count += 1;
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, lanes) }, lane));
  return count;
}

/**
 * Runs a script's main function; a UserError ends it with its message and status 1.
 *
 * @param {() => Promise<number | void>} main resolves to the exit status (nothing: 0)
 */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
