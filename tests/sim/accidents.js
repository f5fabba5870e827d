// What befalls machines, isolates and queues, by chance and at the worst moments.
import { Actor } from './actor.js';
import { scheduleScenarios } from './scenarios/index.js';
import { EPOCH } from './time.js';
import { operateOnce } from './workload/users.js';

/** @typedef {import('./world.js').World} World */

/** A frozen isolate wakes after this at most; the platform ends a consumer after 15 minutes. */
const FREEZE_MS = 12 * 60000;
const PAUSE_MS = 3600_000;

/** Something takes one running invocation down, or the isolate that it runs in. @param {World} world */
function crash(world) {
  if (world.alive.size === 0) return;
  world.faults.count++;
  const actor = world.dice.pick([...world.alive]);
  if (world.dice.chance(0.5)) world.vanish(actor, 'at a bad moment');
  else world.fleet.kill(actor.host, 'with its isolate');
}

/** A power failure, or whatever ends all isolates at once. @param {World} world */
function blackout(world) {
  world.faults.count++;
  for (const host of world.fleet.hosts) world.fleet.kill(host, 'with all others');
  for (const actor of [...world.alive]) world.vanish(actor, 'with all others');
}

/** @param {World} world @param {Actor} actor */
export function thaw(world, actor) {
  if (!actor.frozen) return;
  actor.frozen = false;
  actor.woke = { at: world.timeline.now, heard: [...actor.heard] };
  world.note(actor.name, 'goes on');
  for (const event of actor.parked.splice(0)) world.timeline.postpone(event, world.timeline.now);
}

/** @param {World} world @param {Actor} actor */
export function freeze(world, actor) {
  if (actor.frozen) return;
  world.faults.count++;
  actor.frozen = true;
  actor.struck++;
  world.note(actor.name, 'freezes');
  world.timeline.after(world.dice.below(FREEZE_MS), () => thaw(world, actor));
}

/** One running consumer stands still for a while, and knows nothing of it. @param {World} world */
function freezeOne(world) {
  const consumers = [...world.alive].filter(({ kind }) => kind === 'consume');
  if (consumers.length > 0) freeze(world, world.dice.pick(consumers));
}

/** A job that runs now and who runs it. @param {World} world @returns {{ id: string, holder: Actor } | undefined} */
export function running(world) {
  const rows = world.database.all("SELECT id FROM jobs WHERE status = 'processing' ORDER BY id");
  if (rows.length === 0) return undefined;
  const { id } = world.dice.pick(rows);
  const holder = world.checker.transitions.holders.get(id);
  return holder && !holder.dead ? { id, holder } : undefined;
}

/**
 * A worker stands still until its job has been given to another, and comes back while that one is at it.
 * @param {World} world
 */
function freezePastLease(world) {
  const found = running(world);
  if (!found) return;
  const { id, holder } = found;
  freeze(world, holder);
  world.checker.transitions.awaiting.set(id, (other) => {
    if (other !== holder) world.timeline.after(world.dice.below(2000), () => thaw(world, holder));
  });
}

/**
 * The worst moment for an operator to change his mind: the worker stands still and so does not hear of it, and the
 * queue repeats itself.
 * @param {World} world
 */
function operateOnFrozen(world) {
  const { dice, timeline } = world;
  const found = running(world);
  if (!found) return;
  const { id, holder } = found;
  freeze(world, holder);
  timeline.after(dice.below(5000), () => operateOnce(world, 'cancel', id));
  timeline.after(dice.between(5000, 10000), () => operateOnce(world, 'retry', id));
  timeline.after(10000, () => {
    for (const queue of world.queues) if (queue.deadLetters) queue.echo(id);
  });
}

/** What the sweep has read is most easily wrong when those come back that it takes for gone. @param {World} world */
export function thawBehindSweep(world) {
  for (const actor of world.alive) {
    if (!actor.frozen || !world.dice.chance(0.2)) continue;
    world.timeline.after(world.dice.below(40), () => thaw(world, actor));
  }
}

/** A new version comes, perhaps goes again, and perhaps comes once more. @param {World} world @param {number} end */
function scheduleDeploys({ dice, timeline, fleet }, end) {
  const at = EPOCH + dice.below(end);
  const [old, next] = fleet.versions;
  timeline.at(at, () => fleet.deploy(next));
  if (!dice.chance(0.4)) return;
  timeline.at(at + dice.below(end), () => fleet.deploy(old));
  if (dice.chance(0.5)) timeline.at(at + end, () => fleet.deploy(next));
}

/** A machine is told to stop, and ends when its work has, or has had its time. @param {World} world */
function stopOne(world) {
  const { dice, fleet } = world;
  const host = dice.pick(fleet.hosts.filter(({ role, isolate }) => role === 'scraper' && isolate));
  if (!host?.isolate) return;
  const { isolate } = host;
  const actor = new Actor('stop', `stop-${world.next()}`, host);
  world.faults.count++;
  world.note(actor.name, 'tells a scraper to stop');
  world.run(actor, async () => {
    await isolate.program.stopWork();
    if (host.isolate !== isolate) return;
    world.alive.delete(actor);
    world.fleet.kill(host, 'with its machine');
  });
}

/** Lays out what befalls them until the faults stop. @param {World} world @param {number} end ms after the beginning */
export function scheduleAccidents(world, end) {
  const { dice, timeline } = world;
  const at = (/** @type {(world: World) => void} */ act) =>
    timeline.at(EPOCH + dice.below(end), () => act(world));
  for (let n = dice.below(4); n > 0; n--) at(crash);
  for (let n = dice.below(12); n > 0; n--) at(freezeOne);
  for (let n = dice.below(4); n > 0; n--) at(freezePastLease);
  for (let n = dice.below(4); n > 0; n--) at(operateOnFrozen);
  for (let n = dice.below(3); n > 0; n--) at(stopOne);
  for (let n = dice.below(3); n > 0; n--) at(({ faults }) => faults.cutOff(timeline.now, world.someShard()));
  for (let n = dice.below(4); n > 0; n--) at(({ fleet }) => fleet.step());
  if (dice.chance(0.15)) at(blackout);
  if (dice.chance(0.15)) at(({ queues }) => dice.pick(queues).pause(dice.below(PAUSE_MS)));
  if (dice.chance(0.5)) scheduleDeploys(world, end);
  scheduleScenarios(world, end);
}
