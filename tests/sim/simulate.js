// One run of the simulator for a test: a process of its own, since it puts virtual time in place of the real one.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/**
 * Other tests run beside it, for which one core is left.
 * @param {string[]} options of scripts/sim.mjs
 * @returns {Promise<{ status: number | null, stdout: string, report: any }>} report: its last line
 */
export function simulate(...options) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['scripts/sim.mjs', ...options], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.on('error', reject);
    child.on('close', (status) => {
      const last = stdout.trimEnd().split('\n').at(-1) ?? '';
      resolve({ status, stdout, report: JSON.parse(last) });
    });
  });
}
