// Builds what the workers need: the handler registry, the ABI's constants, the core as a WASM module and both
// worker bundles. Usage: node scripts/build.mjs [--registry-only] [--no-bundles] [--test] [--extra DIR]…
//   --registry-only  nothing but the registry
//   --no-bundles     all but the worker bundles
//   --test           the registry for the tests as well (with tests/handlers)
//   --extra DIR      a further folder of handlers, <domain>/<type>/ inside
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeAbiConstants } from './abi-constants.mjs';
import { writeRegistry } from './registry.mjs';
import { root, runMain, runOrThrow, UserError } from './tools.mjs';

/** @type {ReadonlyArray<{ name: string, config: string }>} */
export const workers = [
  { name: 'main', config: 'wrangler.jsonc' },
  { name: 'scraper', config: 'scraper/wrangler.jsonc' },
];

/**
 * Whether a preset's build tree was made from the presets as they are now.
 * @param {string} preset
 */
function isConfigured(preset) {
  const tree = path.join(root, 'build', preset, 'build.ninja');
  const presets = path.join(root, 'CMakePresets.json');
  return existsSync(tree) && statSync(tree).mtimeMs > statSync(presets).mtimeMs;
}

/**
 * Configures (where needed) and builds one CMake preset; quick when nothing changed.
 *
 * @param {string} preset dev, asan, fuzz, coverage or wasm
 */
export async function buildPreset(preset) {
  if (!isConfigured(preset)) await runOrThrow('cmake', ['--preset', preset]);
  await runOrThrow('cmake', ['--build', '--preset', preset]);
}

/**
 * Bundles both workers as a deployment would, into dist/main and dist/scraper, without an account.
 */
export async function bundleWorkers() {
  for (const { name, config } of workers) {
    // A relative folder would be taken from the configuration's own.
    const out = path.join(root, 'dist', name);
    await runOrThrow('wrangler', ['deploy', '--dry-run', '--config', config, '--outdir', out]);
  }
}

/**
 * @param {{ registryOnly?: boolean, bundles?: boolean, test?: boolean, extra?: string[] }} [options]
 */
export async function build({ registryOnly = false, bundles = true, test = false, extra = [] } = {}) {
  writeRegistry({ extra });
  if (test) writeRegistry({ test, extra });
  if (registryOnly) return;
  writeAbiConstants();
  await buildPreset('wasm');
  if (bundles) await bundleWorkers();
}

/** @param {string[]} args */
function readOptions(args) {
  try {
    return parseArgs({
      args,
      options: {
        'registry-only': { type: 'boolean' },
        'no-bundles': { type: 'boolean' },
        test: { type: 'boolean' },
        extra: { type: 'string', multiple: true },
      },
    }).values;
  } catch (error) {
    throw new UserError(/** @type {Error} */ (error).message);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(() => {
    const values = readOptions(process.argv.slice(2));
    return build({
      registryOnly: values['registry-only'],
      bundles: !values['no-bundles'],
      test: values.test,
      extra: values.extra,
    });
  });
}
