// What is deployed, and what an isolate carries: sizes, the time that an instance takes, memory.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from '../../scripts/build.mjs';
import { figure, formatTable } from '../lib/table.js';
import { measureFullBatches } from './full-batch.js';
import { measureInstances } from './instances.js';

const SAMPLES = 10;

/** @param {string} file */
const gzipped = (file) => gzipSync(readFileSync(file), { level: 9 }).length;

/**
 * What a worker uploads: its bundle and the modules that this imports; older ones may lie beside them.
 * @param {string} folder
 */
function uploaded(folder) {
  const bundle = path.join(folder, 'index.js');
  const text = readFileSync(bundle, 'utf8');
  const modules = globSync(path.join(folder, '*.wasm')).filter((file) => text.includes(path.basename(file)));
  if (modules.length === 0) throw new Error(`no module is imported by ${bundle}`);
  return [bundle, ...modules].reduce((sum, file) => sum + gzipped(file), 0);
}

/**
 * @param {import('../../scripts/bench.mjs').BenchOptions} options
 * @returns {Promise<Record<string, any>>} sizes of the modules and of both workers' bundles with them; times
 *   and memory of the core's instances, and under `modules` of each module's
 */
export async function run({ root, folder, runs, quick, print }) {
  await build({ test: true });
  const dist = path.join(root, 'dist');
  const modules = await measureInstances({ folder, runs, samples: quick ? 2 : SAMPLES });
  print('instances are measured');
  const full = await measureFullBatches(folder);
  return {
    wasm_gzip_bytes: gzipped(path.join(dist, 'sluice_core.wasm')),
    views_gzip_bytes: gzipped(path.join(dist, 'sluice_views.wasm')),
    chat_gzip_bytes: gzipped(path.join(dist, 'sluice_chat.wasm')),
    main_gzip_bytes: uploaded(path.join(dist, 'main')),
    scraper_gzip_bytes: uploaded(path.join(dist, 'scraper')),
    instantiate_ms: modules.core.instantiateMs,
    configure_ms: modules.core.configureMs,
    first_ms: modules.core.firstMs,
    memory_bytes: modules.core.memory.bytes,
    memory_touched_bytes: modules.core.memory.touched,
    memory_full_bytes: full.plain.bytes,
    memory_full_touched_bytes: full.plain.touched,
    memory_full_long_bytes: full.long.bytes,
    memory_full_long_touched_bytes: full.long.touched,
    modules,
  };
}

/** @param {Record<string, any>} result */
export function table(result) {
  const sizes = [
    ['core, gzipped', 'wasm_gzip_bytes'],
    ['views, gzipped', 'views_gzip_bytes'],
    ['chat, gzipped', 'chat_gzip_bytes'],
    ['main worker, gzipped', 'main_gzip_bytes'],
    ['scraper, gzipped', 'scraper_gzip_bytes'],
    ["the core's memory at rest", 'memory_bytes'],
    ['  of it touched', 'memory_touched_bytes'],
    ['after a batch of 500 jobs', 'memory_full_bytes'],
    ['  of it touched', 'memory_full_touched_bytes'],
    ['after one with payloads of 4 KiB', 'memory_full_long_bytes'],
    ['  of it touched', 'memory_full_long_touched_bytes'],
  ];
  const times = Object.entries(result.modules).map(([name, one]) => [
    name,
    one.instantiateMs,
    one.configureMs,
    one.firstMs,
    `${figure(one.memory.bytes)} (${figure(one.memory.touched)})`,
  ]);
  return [
    ...formatTable(
      ['size', 'bytes'],
      sizes.map(([title = '', field = '']) => [title, result[field]]),
    ),
    '',
    ...formatTable(
      ['module', 'instance ms', 'configured ms', 'first of a process ms', 'bytes (touched)'],
      times,
    ),
  ];
}
