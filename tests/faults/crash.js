// kill -9 at random times under continuous load, again and again on the same state.
import { Dice } from '../sim/dice.js';
import { auditJobs, auditRecord, drain } from './audit.js';
import { Findings } from './findings.js';
import { Load } from './load.js';
import { LocalSystem, sleep } from './local-system.js';

const CYCLES = 50;
const UP_MS = { least: 500, most: 6000 };
const STARTING_MS_MAX = 5000;
const DRAIN_MS = 300_000;

/** What is killed, and when: three in four times all of it while it runs. */
const strikes = /** @type {const} */ ([...Array(9).fill('all'), ...Array(2).fill('workerd'), 'starting']);

/**
 * One cycle: the system is started, and something of it killed.
 *
 * @param {LocalSystem} system
 * @param {Dice} dice
 * @returns {Promise<string>} what was done
 */
async function strike(system, dice) {
  const what = dice.pick(strikes);
  if (what === 'starting') {
    const ms = dice.below(STARTING_MS_MAX);
    system.spawn();
    await sleep(ms);
    await system.kill();
    return `all of it, ${ms} ms after it was told to start`;
  }
  await system.start();
  const ms = dice.between(UP_MS.least, UP_MS.most);
  await sleep(ms);
  if (what === 'workerd') {
    system.killWorkerd();
    await sleep(500);
  }
  await system.kill();
  return what === 'workerd' ? `workerd after ${ms} ms, then the rest` : `all of it after ${ms} ms`;
}

/**
 * @param {import('./findings.js').Task} task
 * @returns {Promise<import('./findings.js').Outcome>}
 */
export async function crash({ seed, cycles = CYCLES, print }) {
  const began = Date.now();
  const findings = new Findings();
  const dice = new Dice(seed);
  const system = await LocalSystem.make();
  const load = new Load(system, new Dice(seed, 1), { perSecond: 40 });
  try {
    load.start();
    system.startTicks(1000);
    for (let cycle = 1; cycle <= cycles; cycle++) {
      const done = await strike(system, dice);
      const [{ n }] = system.rows(`SELECT count(*) AS n FROM jobs WHERE status = 'processing'`);
      print(`cycle ${cycle}: killed ${done}; ${load.acknowledged.size} jobs in, ${n} under way`);
    }
    await system.start();
    await load.stop();
    const drainSeconds = await drain(system, DRAIN_MS);
    // Whatever is still in the queues has its time to do damage.
    await sleep(3000);
    await system.kill();
    auditRecord(system, findings);
    const counts = auditJobs(system, load, findings);
    findings.check('jobs in = jobs final', counts.jobsIn === counts.completed + counts.failed, counts);
    // Killed between what a worker told the record and the handler's first write: at most one job a kill, and rare.
    findings.equal('no job is poison for a lease under which it had not begun', counts.poisonedUnbegun, 0);
    findings.check(
      'poison has run under its last lease',
      counts.poisonedUnstarted <= Math.ceil(cycles / 10),
      counts.poisonedUnstarted,
    );
    const seconds = Math.round((Date.now() - began) / 1000);
    return { findings, figures: { cycles, ...counts, answers: load.answers, drainSeconds, seconds } };
  } finally {
    await system.dispose();
  }
}
