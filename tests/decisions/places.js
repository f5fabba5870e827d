// The three places where a log is replayed: this Node.js, the native core, and workerd.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run, UserError } from '../../scripts/tools.mjs';
import { startAlone } from '../worker/harness.js';
import { explain, opName, shown, statementNames } from './compare.js';
import { alone, writeLog } from './format.js';
import { compiled } from './logs.js';
import { differing, replay } from './replay.js';

/** @typedef {import('./logs.js').Log} Log */
/** @typedef {import('./format.js').Decision} Decision */

const root = path.join(import.meta.dirname, '../..');
const TOLD = 5;

/**
 * @param {Log} log @param {{ index: number, replayed: Decision }[]} different what came out otherwise
 * @param {string} place
 * @returns {string[]} lines to read
 */
function report({ file, decisions }, different, place) {
  const names = statementNames(decisions);
  const lines = different.slice(0, TOLD).map(({ index, replayed }) => {
    const logged = /** @type {Decision} */ (decisions[index]);
    const { path: at, was, is } = explain(logged, replayed, names);
    const command = `npm run decisions -- replay ${file} --only ${index} --in ${place}`;
    const what = `decision ${index} (${opName(logged.op)}): ${at} was ${shown(was)} and is ${shown(is)}`;
    return `${what}\n  replay: ${command}`;
  });
  return different.length > TOLD ? [...lines, `${different.length} decisions in all`] : lines;
}

/**
 * What is replayed: the whole log or one decision of it, and where its decisions stand in the log.
 * @param {Log} log @param {number} [only]
 */
function chosen(log, only) {
  if (only === undefined) return { decisions: log.decisions, indexOf: (/** @type {number} */ i) => i };
  return { decisions: alone(log.decisions, only), indexOf: () => only };
}

/** @param {Log} log @param {number} [only] @returns {Promise<string[]>} */
async function inNode(log, only) {
  const { decisions, indexOf } = chosen(log, only);
  const replayed = replay(compiled(), decisions);
  const different = differing(decisions, replayed).map((i) => ({
    index: indexOf(i),
    replayed: /** @type {Decision} */ (replayed[i]),
  }));
  return report(log, different, 'node');
}

/** A worker of workerd that replays logs; stop it when they are done. */
export class Workerd {
  /** @param {Awaited<ReturnType<typeof startAlone>>} worker */
  constructor(worker) {
    this.worker = worker;
  }

  static async start() {
    return new Workerd(await startAlone('decisions.js'));
  }

  /** @param {Log} log @param {number} [only] @returns {Promise<string[]>} */
  async replay(log, only) {
    const { decisions, indexOf } = chosen(log, only);
    const body = writeLog(log.header, decisions);
    const response = await this.worker.server.fetch('/', { method: 'POST', body });
    const answer = /** @type {any} */ (await response.json());
    if (answer.replayed !== decisions.length)
      throw new Error(`workerd replayed ${answer.replayed} decisions`);
    const different = answer.different.map((/** @type {any} */ { index, code, output }) => {
      const logged = /** @type {Decision} */ (decisions[index]);
      return { index: indexOf(index), replayed: { ...logged, code, output: new Uint8Array(output) } };
    });
    return report(log, different, 'workerd');
  }

  stop() {
    return this.worker.stop();
  }
}

/** @param {Log} log @param {number} [only] @returns {Promise<string[]>} */
async function inWorkerd(log, only) {
  const workerd = await Workerd.start();
  try {
    return await workerd.replay(log, only);
  } finally {
    await workerd.stop();
  }
}

/** @param {Log} log @param {number} [only] @returns {Promise<string[]>} */
async function inNative(log, only) {
  const executable = path.join(root, 'build/dev/decisions_tests');
  if (!existsSync(executable))
    throw new UserError('Build the native tests first: cmake --build --preset dev');
  const file = path.join(root, `build/replayed-${process.pid}.log`);
  writeFileSync(file, writeLog(log.header, log.decisions));
  try {
    const env = {
      SLUICE_DECISIONS: file,
      SLUICE_DECISIONS_NAME: log.file,
      ...(only !== undefined && { SLUICE_DECISION: `${only}` }),
    };
    const { code, stdout, stderr } = await run(executable, ['[replay]'], { capture: true, env });
    return code === 0 ? [] : [stdout + stderr];
  } finally {
    rmSync(file);
  }
}

/**
 * Each tells in lines what comes out otherwise there.
 * @type {Record<string, (log: Log, only?: number) => Promise<string[]>>}
 */
export const places = { node: inNode, native: inNative, workerd: inWorkerd };
