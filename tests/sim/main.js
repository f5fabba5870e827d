// Runs worlds one after the other and tells what was found; scripts/sim.mjs bundles and starts this.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BREAKS } from './breaks.js';
import { Isolates } from './isolates.js';
import { acting, actors, enter, install } from './time.js';
import { World } from './world.js';

const { root, isolate, module, seeds, from, guard, expect, verbose } = JSON.parse(process.argv[2] ?? '{}');

/** Calls under this number are no flows. */
const FIRST_FLOW = 10;

/** @type {World | undefined} */
let world;

/** @param {string} path @returns {any} a configuration file with comments on lines of their own */
function configuration(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8').replace(/^\s*\/\/.*$/gm, ''));
}

/** The core traps now and then, before or after what it was to decide has been written. @param {number} op */
function trapNow(op) {
  if (op < FIRST_FLOW || !world?.faults.strikes('traps', acting())) return;
  throw new WebAssembly.RuntimeError('unreachable');
}

function plan() {
  const parts = [configuration('wrangler.jsonc'), configuration('scraper/wrangler.jsonc')];
  const producers = parts.flatMap((part) => part.queues.producers);
  const cut = BREAKS[guard] ?? ((/** @type {string} */ sql) => sql);
  /** @type {Map<string, string>} */
  const texts = new Map();
  return {
    root,
    queues: parts.flatMap((part) => part.queues.consumers),
    bindings: Object.fromEntries(producers.map(({ binding, queue }) => [binding, queue])),
    vars: { ...parts[0].vars, LOG_LEVEL: 'warn', ALERT_WEBHOOK_URL: 'https://alerts.example/' },
    isolates: new Isolates(isolate, module, { call: trapNow }),
    /** @param {string} sql */
    cut(sql) {
      const text = texts.get(sql) ?? cut(sql);
      texts.set(sql, text);
      return text;
    },
    verbose,
  };
}

/** The far end of the alerts. @param {string} _ @param {{ body: string }} request */
async function webhook(_, { body }) {
  await world?.sleep(world.dice.between(10, 500));
  if (world?.faults.strikes('webhookFails')) throw new Error('The webhook cannot be reached.');
  world?.checker.deliveries.hear(JSON.parse(body));
  if (world?.faults.strikes('webhookUnreported')) throw new Error('The webhook does not answer.');
  return { ok: true, status: 200, body: null };
}

install();
const line = (/** @type {string} */ text) => world?.note(actors.getStore()?.name ?? '', text.slice(0, 300));
Object.assign(console, { log: line, warn: line, error: line });
globalThis.fetch = /** @type {any} */ (webhook);

const settings = plan();
const report = {
  seeds: 0,
  jobs: 0,
  faults: 0,
  lost: 0,
  duplicated: 0,
  overwritten: 0,
  limitExceeded: 0,
  counterDrift: 0,
  stuck: 0,
  /** @type {number[]} */
  failedSeeds: [],
};
/** @type {Record<string, number>} */
const rules = {};
let drainMs = 0;
for (let seed = from; seed < from + seeds; seed++) {
  world = new World(seed, settings);
  let failure;
  try {
    drainMs = Math.max(drainMs, (await world.live()).drainMs);
  } catch (error) {
    failure = /** @type {Error} */ (error).stack ?? String(error);
  }
  world.close();
  report.seeds++;
  report.jobs += world.jobs;
  report.faults += world.faults.count;
  const { found, faults } = world.checker;
  for (const [verdict, count] of Object.entries(found)) {
    report[/** @type {import('./checker.js').Verdict} */ (verdict)] += count;
  }
  if (!failure && faults.size === 0) continue;
  report.failedSeeds.push(seed);
  for (const fault of faults) {
    const rule = fault.slice(0, fault.indexOf(':'));
    rules[rule] = (rules[rule] ?? 0) + 1;
  }
  const command = `node scripts/sim.mjs --seeds 1 --from ${seed}${guard ? ` --break ${guard}` : ''}`;
  const told =
    guard && report.failedSeeds.length > 1 ? [] : [...world.log(), ...faults, ...(failure ? [failure] : [])];
  process.stdout.write(`${told.join('\n')}\nSeed ${seed} failed; replay: ${command}\n`);
  if (guard && (expect === undefined || rules[expect])) break;
}
enter(undefined);
process.stdout.write(`${JSON.stringify({ ...report, rules, drainMs })}\n`);
