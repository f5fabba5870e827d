// Crashes each flow at each of its doors, and tells what was found; scripts/sim.mjs --crash bundles and starts this.
import { createHash } from 'node:crypto';
import * as abi from '../../../shim/abi.generated.js';
import { BREAKS } from '../breaks.js';
import { planOf } from '../plan.js';
import { acting, enter, install } from '../time.js';
import { ReusedDatabase } from './database.js';
import { FLOWS } from './flows/index.js';
import { BOUND_MS, CrashWorld } from './world.js';

/**
 * @typedef {import('./world.js').Crash} Crash
 * @typedef {import('./world.js').Extent} Extent
 * @typedef {import('./world.js').Flow} Flow
 * @typedef {import('../plan.js').Parts & { share: number, shares: number }} Task one process's share of the flows;
 *   with a guard taken away it ends at the first crash after which its rule is found
 */
/** @type {{ root: string, tasks: Task[], crash: string, verbose?: boolean, brief?: boolean }} */
const { root, tasks, crash: wish, verbose, brief } = JSON.parse(process.argv[2] ?? '{}');

/** @type {CrashWorld | undefined} */
let world;

const NAMES = Object.fromEntries(
  Object.entries(abi)
    .filter(([name]) => name.startsWith('SLUICE_OP_'))
    .map(([name, op]) => [op, name.slice('SLUICE_OP_'.length).toLowerCase()]),
);

/** @param {number} op */
function call(op) {
  const actor = acting();
  if (op >= abi.SLUICE_OP_ADMIT && actor) world?.asked.set(actor, NAMES[op] ?? '');
}

/** A crash's name, and what of it to ask for again. @param {string} flow @param {Crash} crash */
const nameOf = (flow, { at, early, extent }) => `${flow}/${at}/${early ? 'before' : 'after'}/${extent}`;

/** @type {Extent[]} */
const EXTENTS = ['all', 'isolate', 'kept'];

/** Every crash of a flow with so many doors. @param {number} doors @param {Extent[]} extents @returns {Crash[]} */
function crashesOf(doors, extents) {
  const places = Array.from({ length: doors }, (_, at) => at);
  return places.flatMap((at) =>
    [true, false].flatMap((early) => extents.map((extent) => ({ at, early, extent }))),
  );
}

install();
// The platform's answers when a thread has done its work, at no time that a world knows of.
Object.defineProperty(crypto.subtle, 'digest', {
  /** @param {string} _ @param {Uint8Array} data */
  value: async (_, data) => new Uint8Array(createHash('sha256').update(data).digest()).buffer,
});
const line = (/** @type {string} */ text) => world?.note(acting()?.name ?? '', text.slice(0, 300));
Object.assign(console, { log: line, warn: line, error: line });
globalThis.fetch = /** @type {any} */ (
  (/** @type {string} */ _, /** @type {{ body: string }} */ { body }) => world?.hear(body)
);

/**
 * One life. @param {import('../world.js').Plan} plan @param {Flow} flow @param {Crash} [crash]
 * @returns {Promise<{ faults: string[], drainMs: number }>}
 */
async function live(plan, flow, crash) {
  world = new CrashWorld(plan, flow, crash);
  let drainMs = 0;
  try {
    ({ drainMs } = await world.live());
  } catch (error) {
    world.checker.faults.add(`failure: ${/** @type {Error} */ (error).stack}`);
  }
  world.close();
  return { faults: [...world.checker.faults], drainMs };
}

class Run {
  /** @param {Task} task */
  constructor(task) {
    this.task = task;
    this.expected = task.guard && BREAKS[task.guard]?.rule;
    const plan = planOf(root, task, { call, verbose });
    const database = new ReusedDatabase(root, plan.cut);
    this.plan = { ...plan, database: () => database.begin() };
    this.report = {
      guard: task.guard,
      points: 0,
      crashes: 0,
      jobs: 0,
      drainMs: 0,
      boundMs: BOUND_MS,
      /** @type {string[]} */
      failed: [],
      /** @type {Record<string, number>} */
      rules: {},
      /** @type {Record<string, number>} doors at which each flow was crashed */
      flows: {},
      /** @type {Record<string, number>} and those of each call of the core */
      calls: {},
    };
    this.isOver = false;
  }

  /** @param {string} name @param {string[]} faults */
  blame(name, faults) {
    const { report, expected, task } = this;
    report.failed.push(name);
    const rules = new Set(faults.map((fault) => fault.slice(0, fault.indexOf(':'))));
    for (const rule of rules) report.rules[rule] = (report.rules[rule] ?? 0) + 1;
    this.isOver = expected ? rules.has(expected) : task.guard !== undefined;
    if (brief) return;
    const option = task.guard ? ` --break ${task.guard}` : '';
    const told = [...(world?.log() ?? []), ...faults, `Replay: npm run sim -- --crash '${name}'${option}`];
    process.stdout.write(`${told.join('\n')}\n`);
  }

  /** @param {Flow} flow @param {Crash[]} [crashes] all of them where none are named */
  async crash(flow, crashes) {
    const { plan, report } = this;
    const { faults } = await live(plan, flow);
    if (faults.length > 0) return this.blame(flow.name, faults);
    const passages = world?.passages ?? [];
    for (const { door, op, kind } of passages) {
      const call = `${op || kind} ${door}`;
      report.calls[call] = (report.calls[call] ?? 0) + 1;
    }
    report.flows[flow.name] = passages.length;
    report.points += passages.length;
    for (const crash of crashes ?? crashesOf(passages.length, wish === 'worst' ? ['all'] : EXTENTS)) {
      const { faults, drainMs } = await live(plan, flow, crash);
      report.crashes++;
      report.jobs += world?.judge.ended ?? 0;
      report.drainMs = Math.max(report.drainMs, drainMs);
      if (faults.length > 0) this.blame(nameOf(flow.name, crash), faults);
      if (this.isOver) return;
    }
  }

  async all() {
    const [name, at, half, extent] = wish.split('/');
    const flows = FLOWS.filter((flow) => ['all', 'worst', flow.name].includes(name));
    if (flows.length === 0)
      throw new Error(`There is no flow ${name}: ${FLOWS.map((flow) => flow.name).join(', ')}`);
    const crashes = at === undefined ? undefined : [{ at: Number(at), early: half === 'before', extent }];
    for (const [n, flow] of flows.entries()) {
      if (n % this.task.shares !== this.task.share) continue;
      await this.crash(flow, /** @type {Crash[] | undefined} */ (crashes));
      if (this.isOver) break;
    }
    return this.report;
  }
}

const reports = [];
for (const task of tasks) reports.push(await new Run(task).all());
enter(undefined);
process.stdout.write(`${JSON.stringify(reports)}\n`);
