// Runs worlds one after the other and tells what was found; scripts/sim.mjs bundles and starts this.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BREAKS } from './breaks.js';
import { actors, enter, install } from './time.js';
import { World } from './world.js';

const { root, seeds, from, guard, expect, verbose } = JSON.parse(process.argv[2] ?? '{}');

/** @param {string} path @returns {any} a configuration file with comments on lines of their own */
function configuration(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8').replace(/^\s*\/\/.*$/gm, ''));
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
    // Shorter than in production, so that what depends on them happens often.
    vars: {
      ...parts[0].vars,
      LEASE_MS: '60000',
      RESEND_AFTER_MS: '300000',
      LOG_LEVEL: 'warn',
      ALERT_WEBHOOK_URL: 'https://alerts.example/',
    },
    /** @param {string} sql */
    cut(sql) {
      const text = texts.get(sql) ?? cut(sql);
      texts.set(sql, text);
      return text;
    },
    verbose,
  };
}

/** @type {World | undefined} */
let world;

install();
const line = (/** @type {string} */ text) => world?.note(actors.getStore()?.name ?? '', text.slice(0, 300));
Object.assign(console, { log: line, warn: line, error: line });
globalThis.fetch = /** @type {any} */ (
  async () => {
    await world?.sleep(world.dice.between(10, 500));
    if (world?.faults.strikes('webhookFails')) throw new Error('The webhook cannot be reached.');
    return { ok: true, status: 200, body: null };
  }
);

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
