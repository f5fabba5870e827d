// Both workers on this machine, reloaded when their source changes: wrangler watches what it bundles, this
// script what that is built from.
// Usage: npm run dev -- [--port N] [--token T] [--state DIR] [--allow-private]
import { watch } from 'node:fs';
import path from 'node:path';
import { build } from './build.mjs';
import { whenAborted } from './local/abort.js';
import { writeLocalConfig } from './local/config.js';
import { readLocalOptions } from './local/options.js';
import { localVariables, runUntilStopped, startSystem } from './local/system.js';
import { root, UserError } from './tools.mjs';

const help = `npm run dev -- [options]
  --port N         of the main worker on 127.0.0.1 (8787)
  --token T        the admin token (made at random)
  --state DIR      where D1 is kept (.wrangler/state)
  --allow-private  let jobs fetch loopback and private addresses`;

const QUIET_MS = 300; // an editor writes several files, and some of them twice

/**
 * Calls `rebuild` when something under the folders has changed and no further change follows at once; never
 * twice at a time.
 *
 * @param {string[]} folders relative to the root
 * @param {() => Promise<void>} rebuild must not reject
 */
function watchFolders(folders, rebuild) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let running = Promise.resolve();
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(rebuild);
    }, QUIET_MS);
  };
  for (const folder of folders) watch(path.join(root, folder), { recursive: true }, changed);
}

await runUntilStopped(async (stopped) => {
  const options = readLocalOptions(process.argv.slice(2), { demo: false });
  if (options.help) {
    console.log(help);
    return 0;
  }
  const print = (/** @type {string} */ line) => console.log(line);
  const system = await startSystem(options, { vars: {}, print, stopped });
  watchFolders(['wasm', path.join('scraper', 'handlers')], async () => {
    try {
      await build({ bundles: false });
      // Job types are part of the configuration that the core keeps: both workers have to start anew.
      await writeLocalConfig({ ...options, vars: localVariables(options) });
      print('rebuilt');
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      print(error.message);
    }
  });
  print(`Sluice listens on ${system.url} and reloads on changes; Ctrl-C ends it.`);
  print(`Token: ${options.token}`);
  await Promise.race([whenAborted(stopped), system.ended]);
  await system.stop();
  return stopped.aborted ? 0 : 1;
});
