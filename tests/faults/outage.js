// The database is out of reach for a while, under load: nothing acknowledged is lost, what cannot be recorded is
// refused, and afterwards all goes on by itself.
import { Dice } from '../sim/dice.js';
import { auditJobs, auditRecord, drain } from './audit.js';
import { Findings } from './findings.js';
import { makeDisks } from './full-disk.js';
import { Load } from './load.js';
import { LocalSystem, sleep } from './local-system.js';

const DRAIN_MS = 300_000;
const NOTICED_MS = 180_000;
const REFUSALS = 3;
/** Longer than an outage: a worker that cannot reach the record for a whole lease gives its jobs up. */
const vars = { LEASE_MS: '20000' };

/** @typedef {{ begin: () => void, end: () => void }} Fault */

/**
 * @param {LocalSystem} system started here
 * @param {Fault} fault
 * @param {import('./findings.js').Task & { holdMs: number }} task
 * @param {Findings} findings
 * @returns {Promise<Record<string, any>>} figures
 */
async function outages(system, fault, { seed, cycles = 1, print, holdMs }, findings) {
  const began = Date.now();
  const load = new Load(system, new Dice(seed), { perSecond: 30, strict: true });
  await system.start();
  system.startTicks(1000);
  load.start();
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const enough = load.acknowledged.size + 30;
    await system.until('work before', NOTICED_MS, () => load.acknowledged.size >= enough);
    const before = load.answers['503'] ?? 0;
    fault.begin();
    const held = Date.now();
    try {
      const refused = () => (load.answers['503'] ?? 0) - before;
      await sleep(holdMs);
      await system.until('refusals', NOTICED_MS, () => refused() >= REFUSALS);
      print(`outage ${cycle}: ${Date.now() - held} ms, ${refused()} requests refused with 503`);
    } finally {
      fault.end();
    }
    const after = load.acknowledged.size;
    await system.until('acknowledgements afterwards', NOTICED_MS, () => load.acknowledged.size > after);
  }
  await load.stop();
  const drainSeconds = await drain(system, DRAIN_MS);
  await system.kill();
  auditRecord(system, findings);
  const counts = auditJobs(system, load, findings);
  findings.equal('no lease was lost', counts.lostLeases, 0);
  findings.check('jobs in = jobs final', counts.jobsIn === counts.completed + counts.failed, counts);
  const seconds = Math.round((Date.now() - began) / 1000);
  const failedCalls = system.events.get('d1.failed') ?? 0;
  return { outages: cycles, ...counts, answers: load.answers, failedCalls, drainSeconds, seconds };
}

/**
 * The disk under the state fills up.
 *
 * @param {import('./findings.js').Task} task
 * @returns {Promise<import('./findings.js').Outcome>}
 */
export async function diskFull(task) {
  const findings = new Findings();
  /** @type {Record<string, any>} */
  const figures = {};
  const rest = makeDisks({ all: !task.small });
  const cycles = task.cycles ?? (task.small ? 1 : 3);
  try {
    while (rest.length > 0) {
      const disk = /** @type {import('./full-disk.js').Disk} */ (rest[0]);
      task.print(`the disk: ${disk.way}`);
      const system = await LocalSystem.make({ state: disk.folder, env: disk.env, vars });
      try {
        const fault = { begin: disk.fill, end: disk.free };
        figures[disk.way] = await outages(system, fault, { holdMs: 5000, ...task, cycles }, findings);
      } finally {
        await system.end();
        disk.remove();
        rest.shift();
      }
    }
  } finally {
    for (const disk of rest) disk.remove();
  }
  return { findings, figures };
}

/**
 * Another process holds the database's lock.
 *
 * @param {import('./findings.js').Task} task
 * @returns {Promise<import('./findings.js').Outcome>}
 */
export async function locked(task) {
  const findings = new Findings();
  const system = await LocalSystem.make({ vars });
  const other = system.open();
  try {
    const fault = { begin: () => other.exec('BEGIN EXCLUSIVE'), end: () => other.exec('ROLLBACK') };
    const cycles = task.cycles ?? (task.small ? 1 : 5);
    const holdMs = task.small ? 1000 : 8000;
    const figures = await outages(system, fault, { ...task, cycles, holdMs }, findings);
    return { findings, figures };
  } finally {
    other.close();
    await system.dispose();
  }
}
