// Workers that stand still, or are gone, while their jobs are cancelled or given to others.
import { freeze, running, thaw } from '../accidents.js';
import { ask, request } from '../workload/producers.js';
import { operateOnce } from '../workload/users.js';

/** @typedef {import('../world.js').World} World */

const KEEPERS = `
SELECT id FROM jobs WHERE status = 'processing' AND payload ->> 'keeper' ORDER BY id`;

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

/** Jobs that run for minutes and keep checkpoints all the while. @param {World} world */
export function produceKeepers(world) {
  const { dice, timeline, database, checker } = world;
  ask(world, [
    { ...request(world, { keeper: true, text: '' }), timeoutMs: 600000, maxAttempts: 3, delaySeconds: 0 },
  ]);
  timeline.after(dice.between(15000, 60000), () => {
    const [job] = database.all(KEEPERS);
    const holder = job && checker.transitions.holders.get(job.id);
    if (!holder || holder.dead) return;
    if (dice.chance(0.4)) return operateOnce(world, 'cancel', job.id);
    freeze(world, holder);
    checker.transitions.awaiting.set(job.id, (other) => {
      if (other !== holder) timeline.after(dice.between(500, 2000), () => thaw(world, holder));
    });
  });
}

/** What a keeper's run comes to. @param {World} world @param {any} context @param {string} id */
export async function keepOn(world, context, id) {
  for (let n = 0; n < 20; n++) {
    const step = world.next();
    await context.checkpoint({ step });
    if (!context.signal.aborted) world.checker.runs.keep(id, step);
    await world.sleep(world.dice.between(5000, 10000));
  }
}
