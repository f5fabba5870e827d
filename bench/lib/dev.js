// Workers of the benchmarks' own in `wrangler dev`, as `npm start` runs Sluice's.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { localConfig } from '../../scripts/local/config.js';
import { migrate } from '../../scripts/local/migrate.js';
import { startWorkers } from '../../scripts/local/wrangler.js';
import { writeIfChanged } from '../../scripts/tools.mjs';
import { freePort } from './ports.js';

/** Never aborts: this process's end ends what it started. */
export const unstoppable = new AbortController().signal;

/**
 * Starts one worker with an empty state, its database migrated and the batch timeouts of its queues as short
 * as Sluice's are locally.
 *
 * @param {string} file its wrangler.jsonc
 * @param {string} state an empty folder
 * @param {(line: string) => void} print is given what wrangler and the worker complain of
 * @returns {Promise<import('../../scripts/local/wrangler.js').RunningWorkers>}
 */
export async function startWorker(file, state, print) {
  const { experimental_readRawConfig: readRawConfig } = await import('wrangler');
  const { rawConfig } = readRawConfig({ config: file });
  const folder = path.join(state, 'local', 'main');
  const target = path.join(folder, 'wrangler.json');
  const config = localConfig(rawConfig, path.dirname(file), folder, {});
  writeIfChanged(target, `${JSON.stringify(config, null, 2)}\n`);
  // No secrets of the project's reach it.
  writeFileSync(path.join(folder, '.dev.vars'), '');
  if (config.d1_databases) await migrate({ config: target, state });
  return startWorkers({
    files: { main: target },
    port: await freePort(),
    state,
    stopped: unstoppable,
    onLine: ({ text, isError }) => {
      if (isError) print(text);
    },
  });
}
