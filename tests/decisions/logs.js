// Where decision logs are, and how they are made: committed ones, one per release, and those of this build.
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import manifest from '../../package.json' with { type: 'json' };
import { run, UserError } from '../../scripts/tools.mjs';
import { SLUICE_ABI_VERSION } from '../../shim/abi.generated.js';
import { decideByHand } from './by_hand.js';
import { FORMAT, readLog, writeLog } from './format.js';
import { replay } from './replay.js';
import { select } from './select.js';

/** @typedef {import('./format.js').Header} Header */
/** @typedef {import('./format.js').Decision} Decision */
/** @typedef {{ file: string, header: Header, decisions: Decision[] }} Log */

const root = path.join(import.meta.dirname, '../..');
const committedFolder = 'tests/decisions';
const buildFolder = 'build/decisions';
/** Worlds that a release's log is chosen from. */
const SEEDS_RECORDED = 9;
/** Worlds whose decisions are replayed in every test run. */
const SEEDS_FRESH = 5;
const BYTES_MAX = 550_000;

/** @type {Header} of the logs of this build */
const header = { decisions: FORMAT, version: manifest.version, abi: SLUICE_ABI_VERSION };

/** @param {string} name @returns {any} a module of this build */
function moduleOf(name) {
  const { Module } = /** @type {any} */ (WebAssembly);
  return new Module(readFileSync(path.join(root, `dist/${name}.wasm`)));
}

/** @returns {import('./replay.js').Compiled} the modules of this build that decide */
export const compiled = () => ({ core: moduleOf('sluice_core'), views: moduleOf('sluice_views') });

/** @param {string} file gzipped or not @returns {Log} */
export function load(file) {
  const bytes = readFileSync(path.resolve(root, file));
  return { file, ...readLog(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes) };
}

/** @returns {Log[]} of the releases whose decisions this one must know */
export const committed = () => globSync(`${committedFolder}/*.log.gz`, { cwd: root }).sort().map(load);

/**
 * What the simulator makes the core decide.
 * @param {number} seeds @param {number} from
 * @param {boolean} sound whether its checker must have nothing to say about it
 * @returns {Promise<Decision[]>}
 */
async function simulated(seeds, from, sound) {
  const file = path.join(root, buildFolder, 'simulated.gz');
  const args = ['scripts/sim.mjs', '--seeds', `${seeds}`, '--from', `${from}`, '--record', file];
  const { code, stdout, stderr } = await run(process.execPath, args, { capture: true });
  try {
    if (code !== 0 && sound) throw new Error('It found something.');
    return load(file).decisions;
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new UserError(`The simulator failed: ${message}\n${stdout}${stderr}`);
  } finally {
    rmSync(file, { force: true });
  }
}

/** @param {string} name @param {Header} from @param {Decision[]} decisions @returns {Log} */
function keep(name, from, decisions) {
  const file = `${buildFolder}/${name}.log`;
  writeFileSync(path.join(root, file), writeLog(from, decisions));
  return { file, header: from, decisions };
}

/**
 * Writes the logs of this build into build/decisions, without compression: what it decides in the simulator, on
 * the calls made by hand, and on the calls of every committed log.
 * @returns {Promise<Log[]>}
 */
export async function prepare() {
  const modules = compiled();
  rmSync(path.join(root, buildFolder), { recursive: true, force: true });
  mkdirSync(path.join(root, buildFolder), { recursive: true });
  const logs = [
    keep('simulated', header, await simulated(SEEDS_FRESH, 1, false)),
    keep('by-hand', header, decideByHand(modules, moduleOf('sluice_chat'))),
  ];
  for (const log of committed()) logs.push(keep(log.header.version, header, replay(modules, log.decisions)));
  return logs;
}

/**
 * Writes this release's log anew: of all that many worlds and the calls by hand show, the least that shows it.
 * @returns {Promise<{ file: string, seen: number, kept: number, bytes: number }>}
 */
export async function record() {
  mkdirSync(path.join(root, buildFolder), { recursive: true });
  const shown = decideByHand(compiled(), moduleOf('sluice_chat'));
  const decisions = await simulated(SEEDS_RECORDED, 1, true);
  const seen = shown.length + decisions.length;
  shown.push(...select(decisions));
  const kept = select(shown);
  const bytes = gzipSync(writeLog(header, kept), { level: 9 });
  if (bytes.length > BYTES_MAX)
    throw new UserError(`The log would be ${bytes.length} bytes, ${BYTES_MAX} at most.`);
  const file = `${committedFolder}/${manifest.version}.log.gz`;
  writeFileSync(path.join(root, file), bytes);
  return { file, seen, kept: kept.length, bytes: bytes.length };
}

/**
 * @param {string} version of a release
 * @returns {import('./compare.js').Intended[]} the changes since then that are meant
 */
export function intendedSince(version) {
  const text = readFileSync(path.join(root, committedFolder, 'changes.json'), 'utf8');
  return JSON.parse(text)[version] ?? [];
}
