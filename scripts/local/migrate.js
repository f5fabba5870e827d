// The local D1 database, brought to the newest migration.
import { readFileSync } from 'node:fs';
import { runOrThrow } from '../tools.mjs';
import { wranglerEnvironment } from './wrangler.js';

/**
 * Applies what the database lacks; throws a UserError with wrangler's words when a migration fails.
 *
 * @param {{ config: string, state: string }} options config: the main worker's local configuration
 */
export async function migrate({ config, state }) {
  const { d1_databases: databases } = JSON.parse(readFileSync(config, 'utf8'));
  for (const { database_name: name } of databases) {
    const target = ['--local', '--persist-to', state, '--config', config];
    await runOrThrow('wrangler', ['d1', 'migrations', 'apply', name, ...target], {
      // CI: wrangler asks nobody.
      env: /** @type {Record<string, string>} */ ({ ...wranglerEnvironment(state), CI: 'true' }),
    });
  }
}
