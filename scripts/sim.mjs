// Runs the simulator: node scripts/sim.mjs --seeds N [--from S] [--jobs N] [--break GUARD | --break list]
// [--verbose]. With --break it ends at the first seed that fails, or with --expect RULE at the first one that
// fails by that rule. The last line is one JSON object; the exit code is 1 when anything was found.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    break: { type: 'string' },
    expect: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});

/** The module whose decisions are simulated. */
const MODULE = 'dist/sluice_core.wasm';

// What a worker is given by its registry and by the platform is each isolate's own here.
const perIsolate = {
  name: 'per-isolate',
  /** @param {import('esbuild').PluginBuild} builder */
  setup(builder) {
    const names = { filter: /^#registry\/|\.wasm$/ };
    builder.onResolve(names, ({ path }) => ({ path, namespace: 'isolate' }));
    builder.onLoad({ filter: /./, namespace: 'isolate' }, ({ path }) => ({
      contents: path.endsWith('.wasm')
        ? 'export default wasmModule;'
        : 'export const { types, handlers } = registry;',
      loader: 'js',
    }));
  },
};

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
 * @returns {Promise<Record<string, any>>} what it reports in its last line
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
      else if (name === 'rules')
        for (const rule in value) total.rules[rule] = (total.rules[rule] ?? 0) + value[rule];
      else total[name] = name === 'drainMs' ? Math.max(total[name], value) : total[name] + value;
    }
  }
  return total;
}

const { BREAKS } = await import(pathToFileURL(join(root, 'tests/sim/breaks.js')).href);
if (values.break === 'list') {
  console.log(Object.keys(BREAKS).join('\n'));
} else if (values.break !== undefined && !Object.hasOwn(BREAKS, values.break)) {
  throw new Error(`There is no guard ${values.break}; --break list names them.`);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-sim-'));
  try {
    const program = join(folder, 'sim.mjs');
    const isolate = join(folder, 'isolate.js');
    await bundle('tests/sim/main.js', program, { format: 'esm' });
    await bundle('tests/sim/isolate.js', isolate, {
      format: 'iife',
      globalName: 'program',
      plugins: [perIsolate],
    });
    const seeds = Number(values.seeds);
    const shares = Math.max(1, Math.min(Number(values.jobs), seeds));
    const starts = Array.from({ length: shares + 1 }, (_, i) => Math.floor((seeds * i) / shares));
    const tasks = starts.slice(1).map((end, i) => ({
      root,
      isolate,
      module: join(root, MODULE),
      seeds: end - (starts[i] ?? 0),
      from: Number(values.from) + (starts[i] ?? 0),
      guard: values.break,
      expect: values.expect,
      verbose: values.verbose,
    }));
    const total = sum(await Promise.all(tasks.map((task) => run(program, task))));
    console.log(JSON.stringify(total));
    process.exitCode = total.failedSeeds.length > 0 ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
