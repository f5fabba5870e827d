// Dead letters that come again when their job has been revived, runs, or has failed anew.
import { freeze } from '../accidents.js';
import { operateOnce } from '../workload/users.js';

/** @typedef {import('../world.js').World} World */

/** How long they keep coming, s. */
const SECONDS = 12;

/** @param {World} world @param {any} job @param {number} delayMs */
function deliver(world, { id, type, fence }, delayMs) {
  const text = JSON.stringify({
    id,
    type,
    payload: null,
    payloadRef: 'd1',
    metadata: { sluice: { v: 1, fence } },
  });
  for (const queue of world.queues.filter(({ deadLetters }) => !deadLetters)) {
    const message = { id: `m${world.next()}`, text, attempts: world.dice.below(2), at: 0 };
    queue.put(message, delayMs);
    if (world.dice.chance(0.3)) queue.put({ ...message, id: `m${world.next()}` }, delayMs);
  }
}

/** Old ones, every second or so from now on. @param {World} world @param {any} job */
function keepComing(world, job) {
  for (let second = 0; second < SECONDS; second++) {
    if (world.dice.chance(0.4)) deliver(world, job, second * 1000 + world.dice.below(1000));
  }
}

/** An operator whose wish takes effect long after he has seen the job. @param {World} world @param {string} id */
function retryLate(world, id) {
  operateOnce(world, 'retry', id);
  const late = [...world.alive].at(-1);
  if (late?.kind === 'retry') world.timeline.after(world.dice.between(5, 60), () => freeze(world, late));
}

/** And one who deletes a dead letter late, when it may be another failure's. @param {World} world @param {string} id */
function discardLate(world, id) {
  operateOnce(world, 'discard', id);
  const late = [...world.alive].at(-1);
  if (late?.kind === 'discard') world.timeline.after(world.dice.between(5, 60), () => freeze(world, late));
}

/** A job that has failed, one that will fail again where there is one. @param {World} world */
function someFailed({ dice, database }) {
  const failed = database.all(
    "SELECT id, type, fence, payload ->> 'cursed' AS cursed FROM jobs WHERE status = 'failed' ORDER BY id",
  );
  const cursed = failed.filter((row) => row.cursed);
  return failed.length > 0 ? dice.pick(cursed.length > 0 ? cursed : failed) : undefined;
}

/** A dead letter is deleted by somebody who has read it before its job was tried again. @param {World} world */
export function deleteLate(world) {
  const job = someFailed(world);
  if (!job) return;
  discardLate(world, job.id);
  world.timeline.after(world.dice.between(200, 3000), () => operateOnce(world, 'retry', job.id));
}

/** @param {World} world */
export function bringOldLetters(world) {
  const { dice, timeline } = world;
  const job = someFailed(world);
  if (!job) return;
  world.faults.count++;
  keepComing(world, job);
  if (dice.chance(0.5)) retryLate(world, job.id);
  timeline.after(dice.between(200, 3000), () => operateOnce(world, 'retry', job.id));
  world.checker.transitions.awaiting.set(job.id, () => keepComing(world, job));
}

/** A message that is no job comes again under its own id. @param {World} world */
export function bringGarbageAgain(world) {
  const queue = world.queue('background-jobs');
  const message = {
    id: `m${world.next()}`,
    text: '{"no":"job"}',
    attempts: 0,
    at: 0,
    expects: [{ place: 0 }],
  };
  world.faults.count++;
  for (let n = 0; n < 3; n++) queue.put({ ...message }, n * world.dice.below(60000));
}
