// Runs worlds one after the other and tells what was found; scripts/sim.mjs bundles and starts this.
import { SLUICE_OP_DESCRIBE } from '../../shim/abi.generated.js';
import { BREAKS } from './breaks.js';
import { planOf } from './plan.js';
import { record } from './recorder.js';
import { acting, actors, enter, install } from './time.js';
import { World } from './world.js';

/**
 * @typedef {import('./plan.js').Parts & { seeds: number, from: number }} Task
 *   one run of worlds; with a guard taken away it ends at the first world in which its rule is found
 */
/**
 * @type {{ root: string, tasks: Task[], verbose?: boolean, brief?: boolean,
 *   log?: { file: string, version: string } }}
 */
const { root, tasks, verbose, brief, log } = JSON.parse(process.argv[2] ?? '{}');

const recorded = log
  ? record(log.file, log.version)
  : (/** @type {Record<string, any>} */ exports) => exports;

/** Calls under this number are no flows. */
const FIRST_FLOW = 10;

/** @type {World | undefined} */
let world;

/**
 * The core traps now and then, before or after what it was to decide has been written; not where a handler asks
 * for its job, by which the checker knows that it has started.
 * @param {number} op
 */
function trapNow(op) {
  if (op < FIRST_FLOW || op === SLUICE_OP_DESCRIBE || !world?.faults.strikes('traps', acting())) return;
  acting().trapped++;
  throw new WebAssembly.RuntimeError('unreachable');
}

/** @param {Task} task */
const plan = (task) => planOf(root, task, { call: trapNow, record: recorded, verbose });

/** The far end of the alerts. @param {string} _ @param {{ body: string }} request */
async function webhook(_, { body }) {
  await world?.sleep(world.dice.between(10, 500));
  if (world?.faults.strikes('webhookFails')) throw new Error('The webhook cannot be reached.');
  world?.checker.alerts.judge(actors.getStore(), JSON.parse(body).jobs);
  world?.checker.deliveries.hear(JSON.parse(body));
  if (world?.faults.strikes('webhookUnreported')) throw new Error('The webhook does not answer.');
  return { ok: true, status: 200, body: null };
}

install();
const line = (/** @type {string} */ text) => world?.note(actors.getStore()?.name ?? '', text.slice(0, 300));
Object.assign(console, { log: line, warn: line, error: line });
globalThis.fetch = /** @type {any} */ (webhook);

/** @param {Task} task */
async function simulate(task) {
  const { seeds, from, guard, shards = 1 } = task;
  const settings = plan(task);
  const expected = guard && BREAKS[guard]?.rule;
  const report = {
    guard,
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
    /** @type {Record<string, number>} */
    rules: {},
    drainMs: 0,
  };
  for (let seed = from; seed < from + seeds; seed++) {
    world = new World(seed, settings);
    let failure;
    try {
      report.drainMs = Math.max(report.drainMs, (await world.live()).drainMs);
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
    const rules = new Set([...faults].map((fault) => fault.slice(0, fault.indexOf(':'))));
    for (const rule of rules) report.rules[rule] = (report.rules[rule] ?? 0) + 1;
    const spread = shards > 1 ? ` --shards ${shards}` : '';
    const command = `npm run sim -- --seeds 1 --from ${seed}${spread}${guard ? ` --break ${guard}` : ''}`;
    const silent = brief || (guard && report.failedSeeds.length > 1);
    const told = silent ? [] : [...world.log(), ...faults, ...(failure ? [failure] : [])];
    const end = expected ? rules.has(expected) : guard !== undefined;
    if (!brief || end)
      process.stdout.write(`${[...told, `Seed ${seed} failed; replay: ${command}`].join('\n')}\n`);
    if (end) break;
  }
  return report;
}

const reports = [];
for (const task of tasks) reports.push(await simulate(task));
enter(undefined);
process.stdout.write(`${JSON.stringify(reports)}\n`);
