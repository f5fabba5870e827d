// Workers that stand still, or are gone, while their jobs are cancelled or given to others.
import { freeze, running, thaw } from '../accidents.js';
import { ask, request } from '../workload/producers.js';
import { operateOnce } from '../workload/users.js';

/** @typedef {import('../world.js').World} World */
/** @typedef {import('../actor.js').Actor} Actor */

const RUNNING = `
SELECT id FROM jobs WHERE status = 'processing' AND payload ->> ? IS NOT NULL ORDER BY id`;

/** It comes back when its job has been cancelled under the next one. @param {World} world */
export function comeBackAfterCancel(world) {
  const { dice, timeline } = world;
  const found = running(world);
  if (!found) return;
  const { id, holder } = found;
  freeze(world, holder);
  world.checker.transitions.awaiting.set(id, (other) => {
    if (other === holder) return;
    freeze(world, other);
    timeline.after(dice.between(100, 1000), () => operateOnce(world, 'cancel', id));
    timeline.after(dice.between(1500, 3000), () => thaw(world, holder));
    timeline.after(dice.between(10000, 15000), () => operateOnce(world, 'retry', id));
  });
}

/** It is gone, its job is cancelled, and then its message comes again. @param {World} world */
export function cancelOrphan(world) {
  const found = running(world);
  if (!found) return;
  world.faults.count++;
  world.vanish(found.holder, 'and its job is cancelled');
  world.timeline.after(world.dice.below(900), () => operateOnce(world, 'cancel', found.id));
}

/** Jobs that run for minutes and keep checkpoints all the while, or return something long. @param {World} world */
export function produceKeepers(world) {
  const { dice, timeline } = world;
  const payload = { keeper: true, sleeper: dice.chance(0.3), text: '', cursed: false };
  const job = {
    ...request(world, payload),
    timeoutMs: 600000,
    maxAttempts: 3,
    delaySeconds: 0,
    runAt: undefined,
  };
  ask(world, [job], (dependsOn) =>
    ask(world, [{ ...request(world), uniqueKey: undefined, uniqueForSeconds: undefined, dependsOn }]),
  );
  timeline.after(dice.between(8000, 25000), () => befall(world, 'keeper', 12));
}

/**
 * Something befalls a job that runs.
 * @param {World} world @param {string} mark in its payload @param {number} tries to find one
 */
export function befall(world, mark, tries) {
  const { dice, checker } = world;
  const [job] = world.database.all(RUNNING, mark);
  const holder = job && checker.transitions.holders.get(job.id);
  if (!holder || holder.dead) {
    if (tries > 0 && world.faults.on) world.timeline.after(5000, () => befall(world, mark, tries - 1));
    return;
  }
  const act = dice.pick([
    outlast,
    supersede,
    supersede,
    supersede,
    () => operateOnce(world, 'cancel', job.id),
  ]);
  act(world, job.id, holder);
}

/**
 * Its worker stands still until another has the job, which may be cancelled then.
 * @param {World} world @param {string} id @param {Actor} holder
 */
function supersede(world, id, holder) {
  const { dice, timeline } = world;
  freeze(world, holder);
  world.checker.transitions.awaiting.set(id, (other) => {
    if (other === holder) return;
    timeline.after(dice.between(1500, 3000), () => thaw(world, holder));
    if (dice.chance(0.5)) return;
    freeze(world, other);
    timeline.after(dice.between(100, 1000), () => operateOnce(world, 'cancel', id));
  });
}

/** Nobody reaches the database until a little after its lease. @param {World} world @param {string} id */
function outlast(world, id) {
  const lease = world.checker.leases.granted.get(id);
  if (!lease) return;
  world.faults.count++;
  world.faults.outageOf = undefined;
  world.faults.outageUntil = lease.until - lease.actor.skew + world.dice.between(5000, 30000);
}

/** What a keeper's run comes to. @param {World} world @param {any} payload @param {any} context @param {string} id */
export async function keepOn(world, payload, context, id) {
  if (payload.sleeper) return world.sleep(world.dice.between(26000, 40000));
  for (let n = 0; n < 20; n++) {
    const step = world.next();
    await context.checkpoint({ step });
    if (!context.signal.aborted) world.checker.runs.keep(id, step);
    await world.sleep(world.dice.between(5000, 10000));
  }
}
