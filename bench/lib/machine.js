// What figures depend on: the machine, and what was measured.
import { availableParallelism, cpus, totalmem } from 'node:os';
import { run } from '../../scripts/tools.mjs';

/** @returns {{ cpus: number, model: string, memoryGiB: number, node: string }} */
export function machine() {
  return {
    cpus: availableParallelism(),
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Number((totalmem() / 2 ** 30).toFixed(1)),
    node: process.version,
  };
}

/** @returns {Promise<string | null>} the checked-out commit, `-dirty` where files differ; null outside git */
export async function commit() {
  const args = ['describe', '--always', '--abbrev=40', '--exclude=*', '--dirty'];
  const { code, stdout } = await run('git', args, { capture: true });
  return code === 0 ? stdout.trim() : null;
}
