// Schedules: set, set anew and deleted, run by crons that come late, twice or at the same time.
import { Dice } from '../dice.js';
import { EPOCH } from '../time.js';
import { TYPES } from '../versions.js';

/** @typedef {import('../world.js').World} World */

/** The seed's own stream for these, so that worlds without them are what they are without them. */
const STREAM = 4;
const MINUTE_MS = 60000;
const NAMES = ['s0', 's1', 's2'];
const PATTERNS = ['* * * * *', '* * * * *', '*/2 * * * *', '*/10 * * * *', '0 9 * * *'];
/** One of them is 45 minutes off the hour. */
const ZONES = ['UTC', 'Europe/Berlin', 'Asia/Kathmandu'];
const TRIES_MAX = 5;
/** From the end on they are judged for so long, then deleted, until nobody can bring one back. */
const JUDGED_MS = 6 * MINUTE_MS;
const LAST_MS = 31 * MINUTE_MS;
/** A tick of the cron comes a minute after the other, and two clocks differ. */
const OVERDUE_MS = 3 * MINUTE_MS;

/** One invocation that runs what is due. @param {World} world */
export function runSchedulesOnce(world) {
  const actor = world.actor('schedule');
  const { program, env } = actor.host.start();
  world.run(actor, () => program.runSchedules(env));
}

/** @param {World} world @param {Dice} dice */
function draw(world, dice) {
  const payload = { serial: world.next(), cursed: false, text: 'x'.repeat(dice.pick([3, 30, 5000])) };
  world.checker.runs.payloads.set(payload.serial, JSON.stringify(payload));
  return {
    cron: dice.pick(PATTERNS),
    timezone: dice.pick(ZONES),
    type: dice.pick(TYPES),
    payload,
    ...(dice.chance(0.3) && { priority: dice.between(1, 10) }),
  };
}

/** @param {World} world @param {string} name @param {Record<string, any>} body @param {number} [tries] */
function putOnce(world, name, body, tries = 1) {
  const actor = world.actor('enqueue');
  const { program, env } = actor.host.start();
  const again = () => {
    if (tries < TRIES_MAX) world.timeline.after(20000, () => putOnce(world, name, body, tries + 1));
  };
  world.run(actor, async () => {
    const known = actor.host.version.types.some(({ type }) => type === body.type);
    const { status, body: answer } = await program.putSchedule(env, name, JSON.stringify(body));
    world.note(actor.name, `sets ${name} to ${body.cron} ${body.timezone} ${body.type}: ${status}`);
    if (status === 503 || (status === 422 && !known)) return again();
    if (status === 422 && world.shards > 1 && answer.includes('several_shards')) return;
    if (status !== 200 && status !== 201) throw new Error(`A schedule was answered ${answer}`);
  });
}

/** @param {World} world @param {string} name */
function deleteOnce(world, name) {
  const actor = world.actor('enqueue');
  const { program, env } = actor.host.start();
  world.run(actor, async () => {
    const { status } = await program.deleteSchedule(env, name);
    world.note(actor.name, `deletes ${name}: ${status}`);
  });
}

/** An operator sets one, or changes of it what he likes. @param {World} world @param {Dice} dice */
function operate(world, dice) {
  const name = dice.pick(NAMES);
  const body = draw(world, dice);
  putOnce(world, name, body);
  const changed = { ...draw(world, dice), type: body.type };
  if (dice.chance(0.5)) changed.cron = body.cron;
  if (dice.chance(0.5)) changed.timezone = body.timezone;
  if (dice.chance(0.6)) world.timeline.after(dice.below(300000), () => putOnce(world, name, changed));
}

/** A reader changes nothing. @param {World} world @param {Dice} dice */
function read(world, dice) {
  const actor = world.actor('enqueue');
  const { program, env } = actor.host.start();
  const kind = dice.pick(['schedule', 'schedules']);
  world.run(actor, () => program.query(env, { kind, id: dice.pick(NAMES) }));
}

/**
 * The moment at which a minute begins: several crons come at once, and somebody deletes a schedule and sets it again,
 * perhaps by a clock on which the minute has not begun.
 * @param {World} world @param {Dice} dice
 */
function meet(world, dice) {
  const { timeline } = world;
  const begins = Math.ceil(timeline.now / MINUTE_MS) * MINUTE_MS;
  for (let n = dice.between(1, 3); n > 0; n--) {
    timeline.at(begins + dice.below(1500), () => runSchedulesOnce(world));
  }
  if (dice.chance(0.5)) return;
  const name = dice.pick(NAMES);
  const body = { ...draw(world, dice), cron: '* * * * *', type: 'test-echo' };
  timeline.at(begins - 50000, () => putOnce(world, name, body));
  timeline.at(begins + 2000, () => deleteOnce(world, name));
  timeline.at(begins + 2300, () => putOnce(world, name, body));
}

/**
 * Nothing that has come may wait for ever; and then there are no schedules any more, so that all comes to rest.
 * @param {World} world @param {number} end @param {Map<string, number>} [overdue] since when, by state
 */
function close(world, end, overdue = new Map()) {
  const { timeline } = world;
  /** @type {Map<string, number>} what is overdue still: who is set anew is not */
  const still = new Map();
  for (const row of world.database.all('SELECT * FROM schedules ORDER BY name')) {
    const state = `${row.name} ${row.op} ${row.next_at}`;
    if (timeline.now >= end + JUDGED_MS) deleteOnce(world, row.name);
    if (row.next_at > timeline.now || !world.checker.schedules.canRun(row)) continue;
    const since = overdue.get(state) ?? timeline.now;
    still.set(state, since);
    if (timeline.now - since >= OVERDUE_MS) world.checker.blame('stuck', 'tick not run', state);
  }
  if (timeline.now < end + LAST_MS) timeline.after(MINUTE_MS, () => close(world, end, still));
}

/** Lays them out until the faults stop. @param {World} world @param {number} end ms after the beginning */
export function scheduleSchedules(world, end) {
  const dice = new Dice(world.seed, STREAM);
  if (dice.chance(0.7)) return;
  const at = (/** @type {(world: World, dice: Dice) => void} */ act) =>
    world.timeline.at(EPOCH + dice.below(end), () => act(world, dice));
  for (let n = dice.between(1, 4); n > 0; n--) at(operate);
  for (let n = dice.below(6); n > 0; n--) at(meet);
  for (let n = dice.below(3); n > 0; n--) at((_, own) => deleteOnce(world, own.pick(NAMES)));
  for (let n = dice.below(3); n > 0; n--) at(read);
  world.schedulesUntil = EPOCH + end + LAST_MS + MINUTE_MS;
  world.timeline.at(EPOCH + end + 1000, () => close(world, EPOCH + end));
}
