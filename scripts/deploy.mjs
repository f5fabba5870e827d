// Deploys Sluice to the Cloudflare account that wrangler is logged in to: creates the queues and the D1
// databases that are missing, applies the migrations to each, deploys the scraper, then the main worker,
// which is bound to it.
// Safe to repeat. Usage: node scripts/deploy.mjs [--dry-run]   (--dry-run: only bundle; needs no account)
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { unstable_readConfig as readConfig } from 'wrangler';
import { build, workers } from './build.mjs';
import { lacksId, namedDatabases, withDatabaseId } from './databases.mjs';
import { root, run, runMain, runOrThrow, UserError } from './tools.mjs';

const configs = workers.map(({ config }) => path.join(root, config));

/** @typedef {{ queue: string, dead_letter_queue?: string }} Consumer */

/** @returns {string[]} every queue that a worker sends to, consumes or dead-letters to */
function queueNames() {
  const names = configs.flatMap((config) => {
    /** @type {{ producers?: Array<{ queue: string }>, consumers?: Consumer[] }} */
    const { producers = [], consumers = [] } = readConfig({ config }).queues;
    return [
      ...producers.map(({ queue }) => queue),
      ...consumers.flatMap(({ queue, dead_letter_queue }) => [queue, dead_letter_queue]),
    ];
  });
  return [...new Set(names)].filter((name) => name !== undefined);
}

/** @param {string} name */
async function ensureQueue(name) {
  const { code, stdout, stderr } = await run('wrangler', ['queues', 'info', name], { capture: true });
  if (code === 0) return;
  if (!`${stdout}${stderr}`.includes('does not exist')) throw new UserError(`${stdout}${stderr}`);
  await runOrThrow('wrangler', ['queues', 'create', name]);
  console.log(`created queue ${name}`);
}

/**
 * @param {string} name
 * @returns {Promise<string | undefined>} the id of the account's D1 database of that name
 */
async function findDatabase(name) {
  /** @type {Array<{ name: string, uuid: string }>} */
  const databases = JSON.parse(await runOrThrow('wrangler', ['d1', 'list', '--json']));
  return databases.find((database) => database.name === name)?.uuid;
}

/**
 * Creates the database if the account has none, and writes its id over the placeholder in both files.
 * @param {string} name
 */
async function ensureDatabase(name) {
  const unset = configs.filter((config) => lacksId(readFileSync(config, 'utf8'), name));
  if (unset.length === 0) return;
  if (!(await findDatabase(name))) {
    await runOrThrow('wrangler', ['d1', 'create', name]);
    console.log(`created D1 database ${name}`);
  }
  const id = await findDatabase(name);
  if (!id)
    throw new UserError(`D1 database ${name} was created, but the account does not list it yet: try again`);
  for (const config of unset) {
    writeFileSync(config, withDatabaseId(readFileSync(config, 'utf8'), name, id));
    console.log(`wrote the id of ${name} into ${path.relative(root, config)}`);
  }
}

/** Says what a first deployment still needs from a person. */
async function reportMissingSecrets() {
  const { stdout } = await run('wrangler', ['secret', 'list', '--config', 'wrangler.jsonc'], {
    capture: true,
  });
  if (stdout.includes('SLUICE_TOKENS')) return;
  console.log('Nobody gets in until SLUICE_TOKENS is set: wrangler secret put SLUICE_TOKENS');
}

await runMain(async () => {
  const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean' } } });
  const databases = namedDatabases(configs.map((config) => readConfig({ config }).d1_databases));
  if (values['dry-run']) {
    await build();
    console.log('both workers bundle; nothing was deployed');
    return;
  }
  await build({ bundles: false });
  for (const name of queueNames()) await ensureQueue(name);
  for (const { name } of databases) {
    await ensureDatabase(name);
    // Not interactive: the migrations are the ones that were reviewed with the code.
    await runOrThrow('wrangler', ['d1', 'migrations', 'apply', name, '--remote'], { env: { CI: 'true' } });
  }
  for (const { name, config } of workers.toReversed()) {
    await runOrThrow('wrangler', ['deploy', '--config', config]);
    console.log(`deployed ${name}`);
  }
  await reportMissingSecrets();
});
