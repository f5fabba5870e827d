// Profiles what the benchmark `core` times, in Node.js, with the core built as the product is and its
// functions named.
// Usage: npx node bench/core/profile.js [CASE…] [--ms N] [--top N] [--who NAME] [--out FOLDER]
//   CASE    what is timed (admit, admit_one, claim, claim_single, settle, settle_single): all of them
//   --ms    how long each is run (3000)
//   --top   functions that are listed (25)
//   --who   core (the default) or typescript
//   --out   writes CASE.cpuprofile files there, which Chrome's developer tools open
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildPreset } from '../../scripts/build.mjs';
import { writeRegistry } from '../../scripts/registry.mjs';
import { root, runMain, UserError } from '../../scripts/tools.mjs';
import { figure, formatTable } from '../lib/table.js';
import { NAME, startServer } from './server.js';

/** @typedef {import('node:inspector').Profiler.Profile} Profile */

const SAMPLE_US = 200;
const named = path.join(root, 'build/profile/sluice_core.wasm');

/** The core's module is the one with names. */
function loadNamedCore() {
  registerHooks({
    load(url, context, nextLoad) {
      if (!url.endsWith('.wasm')) return nextLoad(url, context);
      const file = JSON.stringify(
        path.basename(fileURLToPath(url)) === 'sluice_core.wasm' ? named : fileURLToPath(url),
      );
      const source = `import { readFileSync } from 'node:fs';
export default new WebAssembly.Module(readFileSync(${file}));`;
      return { format: 'module', source, shortCircuit: true };
    },
  });
}

/** @param {() => Promise<unknown>} again @param {number} ms */
async function keepOn(again, ms) {
  let times = 0;
  for (const end = performance.now() + ms; performance.now() < end; times++) await again();
  return times;
}

/**
 * @param {() => Promise<unknown>} again @param {number} ms
 * @returns {Promise<{ profile: Profile, us: number }>} us: of one call
 */
async function profileOf(again, ms) {
  await keepOn(again, ms / 3);
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
  await session.post('Profiler.start');
  const start = performance.now();
  const times = await keepOn(again, ms);
  const us = ((performance.now() - start) * 1000) / times;
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return { profile, us };
}

/** @param {Profile['nodes'][number]} node */
function nameOf({ callFrame: { functionName, url } }) {
  const where = url.startsWith('wasm:') ? 'wasm' : path.basename(url);
  return `${functionName || '(anonymous)'}  ${where}`;
}

/**
 * Samples in each function itself, and in it with all that it called.
 * @param {Profile} profile
 */
function count({ nodes, samples = [] }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  /** @type {Map<number, number>} */
  const parents = new Map();
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id);
  /** @type {Map<string, { self: number, total: number }>} */
  const counts = new Map();
  for (const sample of samples) {
    const seen = new Set();
    for (let id = /** @type {number | undefined} */ (sample); id !== undefined; id = parents.get(id)) {
      const name = nameOf(/** @type {Profile['nodes'][number]} */ (byId.get(id)));
      const entry = counts.get(name) ?? { self: 0, total: 0 };
      counts.set(name, entry);
      if (id === sample) entry.self++;
      if (!seen.has(name)) entry.total++;
      seen.add(name);
    }
  }
  return { counts, whole: samples.length };
}

/** @param {Profile} profile @param {number} us of one job @param {number} top @returns {string[]} */
function report(profile, us, top) {
  const { counts, whole } = count(profile);
  const share = (/** @type {number} */ n) => `${((n / whole) * 100).toFixed(1)} %`;
  const rows = [...counts]
    .sort(([, a], [, b]) => b.self - a.self)
    .slice(0, top)
    .map(([name, { self, total }]) => [
      share(self).padStart(6),
      figure((self / whole) * us),
      share(total).padStart(6),
      name.slice(0, 110),
    ]);
  return formatTable(['self', 'µs', 'total', 'function'], rows);
}

/**
 * Records the calls in this process, where the core is the one with names.
 * @param {any} db @param {Record<string, any>} vars @param {string} who makes them again
 */
async function recorded(db, vars, who) {
  const [{ coreFlows }, { Caller }, { World }, { plainCalls }] = await Promise.all([
    import('./flows.js'),
    import('./calls.js'),
    import('./world.js'),
    import('./plain.js'),
  ]);
  const core = new Caller('core', coreFlows, vars);
  const world = new World(core, db);
  const calls = await plainCalls(world);
  if (who === 'core') return { calls, caller: core };
  const { flows } = await import(pathToFileURL(path.join(root, 'bench/core/contender.ts')).href);
  const caller = new Caller(who, flows(vars), vars);
  for (const { call } of world.calls) await caller.retrace(call);
  return { calls, caller };
}

/** @param {string[]} cases @param {{ ms: number, top: number, who: string, out?: string }} options */
async function profile(cases, { ms, top, who, out }) {
  writeRegistry();
  await buildPreset('profile');
  loadNamedCore();
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-profile-'));
  const server = await startServer(folder);
  try {
    const { DB, ...vars } = await server.getWorker(NAME).getEnv();
    const { calls, caller } = await recorded(DB, vars, who);
    const { freeze, thaw } = await import('./frozen.js');
    for (const name of cases.length > 0 ? cases : Object.keys(calls)) {
      if (!calls[name]) throw new UserError(`There is no case ${name}: ${Object.keys(calls).join(', ')}.`);
      const { call, jobs } = calls[name];
      freeze(call.now, call.seed);
      const { profile, us } = await profileOf(caller.repeater(call), ms).finally(thaw);
      console.log(`\n${name}: ${figure(us / jobs)} µs for each of ${jobs}`);
      console.log(report(profile, us / jobs, top).join('\n'));
      if (out) writeFileSync(path.join(out, `${name}.cpuprofile`), JSON.stringify(profile));
    }
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

await runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ms: { type: 'string', default: '3000' },
      top: { type: 'string', default: '25' },
      who: { type: 'string', default: 'core' },
      out: { type: 'string' },
    },
  });
  const { ms, top, who, out } = values;
  if (out) mkdirSync(out, { recursive: true });
  await profile(positionals, { ms: Number(ms), top: Number(top), who, out });
});
