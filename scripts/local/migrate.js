// The local D1 databases, brought to the newest migration.
import { readFileSync } from 'node:fs';
import { runOrThrow } from '../tools.mjs';
import { wranglerEnvironment } from './wrangler.js';

/**
 * The commands that apply what the databases lack, one for each.
 *
 * @param {{ config: string, state: string }} options config: the main worker's local configuration
 * @returns {{ program: string, args: string[], env: Record<string, string> }[]} env: all of its environment
 */
export function migrationCommands({ config, state }) {
  const { d1_databases: databases } = JSON.parse(readFileSync(config, 'utf8'));
  const target = ['--local', '--persist-to', state, '--config', config];
  return databases.map((/** @type {{ database_name: string }} */ { database_name: name }) => ({
    program: 'wrangler',
    args: ['d1', 'migrations', 'apply', name, ...target],
    // CI: wrangler asks nobody.
    env: { ...wranglerEnvironment(state), CI: 'true' },
  }));
}

/**
 * Applies what the databases lack; throws a UserError with wrangler's words when a migration fails.
 *
 * @param {{ config: string, state: string }} options config: the main worker's local configuration
 */
export async function migrate(options) {
  for (const { program, args, env } of migrationCommands(options)) await runOrThrow(program, args, { env });
}
