// The bench's worker in workerd, with the main worker's own variables and an empty database.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/tools.mjs';

export const NAME = 'bench-core';

/** wrangler.jsonc of the main worker: JSON with comments. */
function mainConfig() {
  const text = readFileSync(path.join(root, 'wrangler.jsonc'), 'utf8');
  return JSON.parse(text.replace(/("(?:[^"\\]|\\.)*")|\/\/.*/g, (_, string) => string ?? ''));
}

/**
 * @param {string} folder for its temporary files
 * @param {string} [main] the worker's program
 * @returns {Promise<import('wrangler').TestHarness>} running; close it
 */
export async function startServer(folder, main = path.join(root, 'bench/core/worker.ts')) {
  Object.assign(process.env, { WRANGLER_LOG: 'error', WRANGLER_SEND_METRICS: 'false' });
  const { createTestHarness } = await import('wrangler');
  const { vars, compatibility_date } = mainConfig();
  const migrations_dir = path.join(root, 'migrations');
  const config = {
    name: NAME,
    main,
    compatibility_date,
    vars,
    d1_databases: [{ binding: 'DB', database_name: NAME, database_id: NAME, migrations_dir }],
  };
  const server = createTestHarness({ root: folder, workers: [{ config }] });
  try {
    await server.listen();
    await server.getWorker(NAME).applyD1Migrations('DB');
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}
