// Runs the simulator: npm run sim -- --seeds N [--from S] [--shards N] [--jobs N] [--verbose] [--record FILE]
//   [--break GUARD | --break GUARD,… | --break all | --break list] [--breakable] [--crash all | worst | FLOW]
// With --shards the jobs of each world are spread over so many databases; the same seed is another world
// then. With --break a guard is taken away, and the run ends at the first seed in which the guard's rule
// notices; several guards are several runs. Without S a run begins at 1, or at the seed that
// tests/sim/breaks.js names for its guard. --breakable takes the module in which guards can be taken away,
// with all of them in place. With --crash the flows of tests/sim/crash, or one of them, are crashed at each
// of their doors instead of worlds that seeds make (`worst`: only such crashes as take all isolates and
// messages); with --break as well the run ends at the first crash after which the guard's rule notices.
// With --record everything runs in one process, and every decision of the core goes into FILE, a gzipped
// decision log (tests/decisions/format.js).
// The last line is one JSON object (of several runs: by guard); the exit code is 1 when anything was found.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import manifest from '../package.json' with { type: 'json' };
import { BREAKS, editShim, isShim } from '../tests/sim/breaks.js';
import { buildPreset } from './build.mjs';

const root = join(import.meta.dirname, '..');

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string' },
    shards: { type: 'string' },
    jobs: { type: 'string', default: '1' },
    break: { type: 'string' },
    breakable: { type: 'boolean', default: false },
    crash: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    record: { type: 'string' },
  },
});

/** The core. */
const MODULE = 'dist/sluice_core.wasm';
/** One whose guards can be taken away. */
const BREAKABLE = 'build/breakable/sluice_core.wasm';
/** The others: what writes nothing has no guards. */
const OTHERS = { sluice_views: 'dist/sluice_views.wasm', sluice_chat: 'dist/sluice_chat.wasm' };

/** @param {string} path */
function perIsolateText(path) {
  if (path.endsWith('.wasm')) return `export default wasmModules.${basename(path, '.wasm')};`;
  return path.startsWith('#registry/')
    ? 'export const { types, handlers } = registry;'
    : 'export class WorkerEntrypoint { constructor(ctx, env) { Object.assign(this, { ctx, env }); } }';
}

// What a worker is given by its registry and by the platform is each isolate's own here.
const perIsolate = {
  name: 'per-isolate',
  /** @param {import('esbuild').PluginBuild} builder */
  setup(builder) {
    const names = { filter: /^#registry\/|^cloudflare:workers$|\.wasm$/ };
    builder.onResolve(names, ({ path }) => ({ path, namespace: 'isolate' }));
    builder.onLoad({ filter: /./, namespace: 'isolate' }, ({ path }) => ({
      contents: perIsolateText(path),
      loader: 'js',
    }));
  },
};

/** The shims as they would be without a guard. @param {string} guard */
const without = (guard) => ({
  name: 'without',
  /** @param {import('esbuild').PluginBuild} builder */
  setup(builder) {
    builder.onLoad({ filter: /[\\/]shim[\\/].*\.js$/ }, ({ path }) => ({
      contents: editShim(guard, relative(root, path), readFileSync(path, 'utf8')),
      loader: 'js',
    }));
  },
});

/** @param {string} entry @param {string} outfile @param {import('esbuild').BuildOptions} options */
async function bundle(entry, outfile, options) {
  await build({
    absWorkingDir: root,
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node22',
    conditions: ['sluice-test'],
    logLevel: 'error',
    ...options,
  });
}

/**
 * Runs one share of the seeds in a process of its own.
 * @param {string} program @param {object} task
 * @returns {Promise<Record<string, any>[]>} what it reports in its last line
 */
function run(program, task) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--no-warnings', program, JSON.stringify(task)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let last = '';
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (last) process.stdout.write(`${last}\n`);
        last = line;
      }
    });
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(last));
      else reject(new Error(`A simulator process ended with ${code}: ${last}`));
    });
  });
}

/** @param {Record<string, any>[]} parts */
function sum(parts) {
  const [first = {}, ...others] = parts;
  const total = structuredClone(first);
  for (const part of others) {
    for (const [name, value] of Object.entries(part)) {
      if (Array.isArray(value)) total[name].push(...value);
      else if (typeof value === 'object')
        for (const key in value) total[name][key] = (total[name][key] ?? 0) + value[key];
      else total[name] = name.endsWith('Ms') ? Math.max(total[name], value) : total[name] + value;
    }
  }
  return total;
}

/**
 * @param {string} folder
 * @param {string} [guard] of the shims, to be taken away
 * @returns {Promise<string>} path of the isolates' program
 */
async function bundleIsolate(folder, guard) {
  const outfile = join(folder, `isolate-${guard ?? ''}.js`);
  const plugins = guard ? [perIsolate, without(guard)] : [perIsolate];
  await bundle(`${folderOfMain}/isolate.js`, outfile, { format: 'iife', globalName: 'program', plugins });
  return outfile;
}

/** @param {string} folder @returns {Promise<object[]>} what is to be simulated: one run, or one per guard */
async function plan(folder) {
  const module = join(root, breakable ? BREAKABLE : MODULE);
  const others = Object.fromEntries(Object.entries(OTHERS).map(([name, file]) => [name, join(root, file)]));
  const whole = await bundleIsolate(folder);
  const list = (guards.length > 0 ? guards : [undefined]).map(async (guard) => ({
    isolate: guard && isShim(guard) ? await bundleIsolate(folder, guard) : whole,
    modules: { sluice_core: module, ...others },
    guard,
    shards: Number(values.shards ?? (guard && BREAKS[guard]?.shards) ?? 1),
    share: 0,
    shares: 1,
    from: Number(values.from ?? (guard && BREAKS[guard]?.from) ?? 1),
    seeds: Number(values.seeds),
  }));
  return Promise.all(list);
}

/**
 * Deals tasks out to processes: guards in turn, or the seeds of one run in shares.
 * @param {any[]} tasks @param {number} jobs @returns {any[][]}
 */
function deal(tasks, jobs) {
  if (tasks.length > 1) return Array.from({ length: jobs }, (_, n) => tasks.filter((_, i) => i % jobs === n));
  const [task] = tasks;
  if (values.crash) return Array.from({ length: jobs }, (_, share) => [{ ...task, share, shares: jobs }]);
  const shares = Math.max(1, Math.min(jobs, task.seeds));
  const starts = Array.from({ length: shares + 1 }, (_, i) => Math.floor((task.seeds * i) / shares));
  return starts.slice(1).map((end, i) => {
    const first = starts[i] ?? 0;
    return [{ ...task, seeds: end - first, from: task.from + first }];
  });
}

/** What is simulated. */
const folderOfMain = values.crash ? 'tests/sim/crash' : 'tests/sim';
const breakable = values.breakable || values.break !== undefined;
/** Guards to be taken away, one in each run. */
const guards = values.break === 'all' ? Object.keys(BREAKS) : (values.break?.split(',') ?? []);

async function simulate() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-sim-'));
  try {
    if (breakable) await buildPreset('breakable');
    const program = join(folder, 'sim.mjs');
    await bundle(`${folderOfMain}/main.js`, program, { format: 'esm' });
    const tasks = await plan(folder);
    const log = values.record && { file: resolve(values.record), version: manifest.version };
    const more = { root, verbose: values.verbose, brief: guards.length > 1, log, crash: values.crash };
    const parts = deal(tasks, log ? 1 : Number(values.jobs)).map((share) =>
      run(program, { ...more, tasks: share }),
    );
    const reports = (await Promise.all(parts)).flat();
    const last =
      guards.length > 1 ? Object.fromEntries(reports.map((report) => [report.guard, report])) : sum(reports);
    console.log(JSON.stringify(last));
    process.exitCode = reports.some(({ failedSeeds, failed }) => (failedSeeds ?? failed).length > 0) ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.break === 'list') {
  for (const [name, { cuts }] of Object.entries(BREAKS)) console.log(`${name.padEnd(18)} ${cuts}`);
} else {
  const unknown = guards.find((guard) => !Object.hasOwn(BREAKS, guard));
  if (unknown !== undefined) throw new Error(`There is no guard ${unknown}; --break list names them.`);
  await simulate();
}
