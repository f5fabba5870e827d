// What figures depend on: the machine, and what was measured.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { run } from '../../scripts/tools.mjs';
import { median, rounded } from './statistics.js';

const FLUSHES = 51;

/** @returns {number} median milliseconds in which a page is on the disk of the temporary folder */
function flushMs() {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-bench-flush-'));
  const file = openSync(path.join(folder, 'pages'), 'w');
  try {
    const page = Buffer.alloc(4096);
    const times = Array.from({ length: FLUSHES }, () => {
      const began = performance.now();
      writeSync(file, page);
      fdatasyncSync(file);
      return performance.now() - began;
    });
    return rounded(median(times), 3);
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
}

/**
 * @returns {{ cpus: number, model: string, memoryGiB: number, node: string, flushMs: number }} flushMs: what
 *   a durable write costs where the benchmarks keep their files
 */
export function machine() {
  return {
    cpus: availableParallelism(),
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: rounded(totalmem() / 2 ** 30, 1),
    node: process.version,
    flushMs: flushMs(),
  };
}

/** @returns {Promise<string | null>} the checked-out commit, `-dirty` where files differ; null outside git */
export async function commit() {
  const args = ['describe', '--always', '--abbrev=40', '--exclude=*', '--dirty'];
  const { code, stdout } = await run('git', args, { capture: true });
  return code === 0 ? stdout.trim() : null;
}
