// Every check that is not a test. Usage: node scripts/check.mjs [--only NAME]   (NAME: one of `checks` below)
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { abiConstantsCurrent } from './abi-constants.mjs';
import { buildPreset, bundleWorkers } from './build.mjs';
import { writeRegistry } from './registry.mjs';
import { tidinessFaults } from './tidy.mjs';
import { root, runMain, runOrThrow, UserError } from './tools.mjs';

// Loading time counts against a worker's start-up limit of one second: modules stay small. By name, in bytes.
const gzippedBytesMax = { sluice_core: 100_000, sluice_views: 46_000, sluice_chat: 60_000 };
// Whatever else a module wanted to import, the workers could not give it.
const importsAllowed = ['env.emscripten_notify_memory_growth', 'wasi_snapshot_preview1.proc_exit'];

async function checkFormat() {
  const files = globSync(['wasm/**/*.{h,cc}', 'tests/**/*.{h,cc}', 'bench/**/*.{h,cc}'], {
    cwd: root,
    exclude: ['bench/node_modules/**'],
  }).sort();
  await runOrThrow('clang-format', ['--dry-run', '-Werror', ...files]);
}

async function checkLint() {
  await runOrThrow('biome', ['ci', '--colors=off', '--max-diagnostics=100']);
}

async function checkTypes() {
  // The generated modules are part of the program.
  writeRegistry();
  await runOrThrow('tsc', ['--pretty', 'false']);
}

async function checkAbi() {
  if (!abiConstantsCurrent()) throw new UserError('shim/abi.generated.js is stale: run npm run build');
}

async function checkTidiness() {
  const faults = tidinessFaults();
  if (faults.length > 0) throw new UserError(faults.join('\n'));
}

/** @param {string} name @param {number} bytesMax */
function checkOneModule(name, bytesMax) {
  const file = `dist/${name}.wasm`;
  const bytes = readFileSync(path.join(root, file));
  const size = gzipSync(bytes, { level: 9 }).length;
  if (size >= bytesMax) throw new UserError(`${file} is ${size} bytes gzipped, ${bytesMax} is too much`);
  // The types are those of the workers, where a module cannot be compiled at run time.
  const { Module } = /** @type {any} */ (WebAssembly);
  /** @type {string[]} */
  const imports = Module.imports(new Module(bytes)).map(
    (/** @type {{ module: string, name: string }} */ { module, name }) => `${module}.${name}`,
  );
  const surplus = imports.filter((name) => !importsAllowed.includes(name));
  if (surplus.length > 0) throw new UserError(`${file} imports ${surplus.join(', ')}`);
}

async function checkModule() {
  await buildPreset('wasm');
  for (const [name, bytesMax] of Object.entries(gzippedBytesMax)) checkOneModule(name, bytesMax);
}

async function checkBundles() {
  writeRegistry();
  await bundleWorkers();
  const scraper = readFileSync(path.join(root, 'dist', 'scraper', 'index.js'), 'utf8');
  for (const name of ['sluice_views', 'sluice_chat'])
    if (scraper.includes(`${name}.wasm`))
      throw new UserError(`the scraper bundles ${name}.wasm, which is the main worker's alone`);
}

/** @type {Record<string, () => Promise<void>>} */
const checks = {
  format: checkFormat,
  lint: checkLint,
  types: checkTypes,
  abi: checkAbi,
  tidiness: checkTidiness,
  module: checkModule,
  bundles: checkBundles,
};

await runMain(async () => {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const names = values.only ? [values.only] : Object.keys(checks);
  let failed = 0;
  for (const name of names) {
    if (!Object.hasOwn(checks, name))
      throw new UserError(`no check "${name}": ${Object.keys(checks).join(', ')}`);
    try {
      await checks[name]();
      console.log(`ok      ${name}`);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      console.log(`FAILED  ${name}\n${error.message}`);
      failed += 1;
    }
  }
  return failed > 0 ? 1 : 0;
});
