// The main job: builds and migrates, starts both workers on this machine, runs the demo through them and
// stays up.
// Usage: npm start -- [--once | --no-demo] [--port N] [--token T] [--state DIR] [--allow-private]
import path from 'node:path';
import { demo } from '../demo/demo.js';
import { serveSites, siteVariables } from '../demo/server.js';
import { columns } from '../demo/tracker.js';
import { whenAborted } from './local/abort.js';
import { connect } from './local/api.js';
import { readLocalOptions } from './local/options.js';
import { Screen } from './local/screen.js';
import { runUntilStopped, startSystem } from './local/system.js';
import { readIfPresent, writeIfChanged } from './tools.mjs';

const help = `npm start -- [options]
  --once           exit when the demo's jobs are final: 0 if all went as expected, else 1
  --no-demo        only the workers
  --port N         of the main worker on 127.0.0.1 (8787)
  --token T        the admin token (made at random)
  --state DIR      where D1 is kept (.wrangler/state)
  --allow-private  let jobs fetch loopback and private addresses`;

/**
 * Serves the demo's sites, on the ports of the last time where they are free.
 *
 * @param {string} state
 */
async function startSites(state) {
  const memory = path.join(state, 'local', 'demo-ports.json');
  const sites = await serveSites(JSON.parse(readIfPresent(memory) ?? '{}'));
  writeIfChanged(memory, `${JSON.stringify(sites.ports)}\n`);
  return sites;
}

/**
 * @param {Screen} screen
 * @param {{ url: string }} system
 * @param {string} token
 */
function printAddress(screen, { url }, token) {
  screen.print(`Sluice listens on ${url}`);
  screen.print(`Dashboard: ${url}/#token=${token}`);
  screen.print(`Token: ${token}`);
}

/**
 * @param {import('./local/options.js').LocalOptions} options
 * @param {AbortSignal} stopped
 * @returns {Promise<number>} the exit status
 */
async function start(options, stopped) {
  const screen = new Screen(process.stdout, columns);
  const print = (/** @type {string} */ line) => screen.print(line);
  /** @type {import('./local/log-lines.js').LogEntry[]} */
  const alerts = [];
  const sites = options.demo ? await startSites(options.state) : undefined;
  const system = await startSystem(options, {
    vars: sites ? siteVariables(sites.origins) : {},
    print,
    stopped,
    onEntry: (entry) => {
      if (entry.event === 'jobs.dead') alerts.push(entry);
    },
  });
  try {
    printAddress(screen, system, options.token);
    const api = connect(system.url, options.token);
    const origins = sites?.origins;
    const well = origins ? await demo({ api, origins, screen, alerts, stopped }) : true;
    if (options.once) return stopped.aborted ? 130 : well ? 0 : 1;
    if (origins) printAddress(screen, system, options.token);
    print('Ctrl-C ends it.');
    await Promise.race([whenAborted(stopped), system.ended]);
    return stopped.aborted ? 0 : 1;
  } finally {
    await system.stop();
    sites?.close();
  }
}

await runUntilStopped(async (stopped) => {
  const options = readLocalOptions(process.argv.slice(2), { demo: true });
  if (options.help) {
    console.log(help);
    return 0;
  }
  return start(options, stopped);
});
