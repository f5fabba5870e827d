// The configuration with which wrangler runs both workers on this machine: derived from the real wrangler
// files, so that there is nothing to keep in step.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { localDatabases } from '../databases.mjs';
import { readIfPresent, root, writeIfChanged } from '../tools.mjs';

/** Lost messages and leases come back quickly here: nobody wants to watch for 15 minutes. */
export const RESEND_AFTER_MS = 15_000;
const LEASE_MS = 60_000;

// Seconds. The urgent queue must not lose by waiting what it wins by its priority.
/** @type {Record<string, number>} */
const batchTimeouts = { 'scraping-priority': 0, 'scraping-tasks': 2 };
const BATCH_TIMEOUT = 1;

/** @typedef {Record<string, any>} RawConfig */

/**
 * @param {string} token
 * @returns {string} the secret SLUICE_TOKENS that admits it, with every scope
 */
export function tokensSecret(token) {
  const sha256 = createHash('sha256').update(token).digest('hex');
  return JSON.stringify([{ name: 'local', sha256, scopes: ['jobs:read', 'jobs:write', 'admin'] }]);
}

/**
 * One worker's configuration, made local.
 *
 * @param {RawConfig} config as its file says
 * @param {string} from the file's folder
 * @param {string} to folder of the local file: paths are relative to it
 * @param {Record<string, string>} vars on top of the file's own
 * @returns {RawConfig}
 */
export function localConfig(config, from, to, vars) {
  const moved = (/** @type {string} */ file) =>
    path.relative(to, path.resolve(from, file)).split(path.sep).join('/');
  const { $schema: _schema, ...rest } = structuredClone(config);
  rest.main = moved(rest.main);
  if (rest.d1_databases) rest.d1_databases = localDatabases(rest.d1_databases);
  for (const database of rest.d1_databases ?? []) {
    if (database.migrations_dir) database.migrations_dir = moved(database.migrations_dir);
  }
  if (rest.assets?.directory) rest.assets.directory = moved(rest.assets.directory);
  for (const consumer of rest.queues?.consumers ?? []) {
    const timeout = batchTimeouts[consumer.queue] ?? BATCH_TIMEOUT;
    consumer.max_batch_timeout = Math.min(consumer.max_batch_timeout, timeout);
  }
  rest.vars = { ...rest.vars, ...vars };
  return rest;
}

/**
 * Writes the local configuration of both workers under the state folder.
 *
 * @param {{ state: string, token: string, vars: Record<string, string> }} options vars: both workers'
 *   variables, where they differ from the wrangler files'
 * @returns {Promise<{ main: string, scraper: string }>} the files
 */
export async function writeLocalConfig({ state, token, vars }) {
  // Loading wrangler takes seconds: not before a wrong option has been refused.
  const { experimental_readRawConfig: readRawConfig } = await import('wrangler');
  const local = { RESEND_AFTER_MS: String(RESEND_AFTER_MS), LEASE_MS: String(LEASE_MS), ...vars };
  const write = (/** @type {string} */ name, /** @type {string} */ source) => {
    const file = path.join(root, source);
    const folder = path.join(state, 'local', name);
    const { rawConfig } = readRawConfig({ config: file });
    const config = localConfig(rawConfig, path.dirname(file), folder, local);
    const target = path.join(folder, 'wrangler.json');
    writeIfChanged(target, `${JSON.stringify(config, null, 2)}\n`);
    return target;
  };
  const files = {
    main: write('main', 'wrangler.jsonc'),
    scraper: write('scraper', path.join('scraper', 'wrangler.jsonc')),
  };
  writeSecrets(path.dirname(files.main), path.join(root, '.dev.vars'), token);
  writeSecrets(path.dirname(files.scraper), path.join(root, 'scraper', '.dev.vars'));
  return files;
}

/**
 * The worker's own .dev.vars, if there is one, and the tokens.
 *
 * @param {string} folder
 * @param {string} own
 * @param {string} [token]
 */
function writeSecrets(folder, own, token) {
  const lines = [readIfPresent(own) ?? '', token ? `SLUICE_TOKENS='${tokensSecret(token)}'\n` : ''];
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, '.dev.vars'), lines.filter((line) => line !== '').join('\n'), {
    mode: 0o600,
  });
}
