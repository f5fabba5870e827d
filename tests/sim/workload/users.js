// Who uses the system, and when: producers, foreign producers, operators, readers.
import { EPOCH } from '../time.js';
import { talk } from './chat.js';
import { produceForeign } from './foreign.js';
import { produceCrowd, produceGraph } from './graphs.js';
import { produce, produceHeavy } from './producers.js';
import { scheduleRated } from './rated.js';
import { scheduleReachers } from './reachers.js';

/** @typedef {import('../world.js').World} World */

/** What an operator can ask for: the flow, the kind of its invocation, and what the job is afterwards. */
const WISHES = /** @type {const} */ ({
  cancel: { flow: 'cancelJob', kind: 'cancel', after: 'cancelled' },
  retry: { flow: 'retryJob', kind: 'retry', after: 'pending' },
  requeue: { flow: 'requeueLetter', kind: 'retry', after: 'pending' },
  discard: { flow: 'discardLetter', kind: 'discard', after: undefined },
});

const FINAL = ['completed', 'failed', 'cancelled'];

/** @param {World} world @param {keyof typeof WISHES} wish @param {string} id */
export function operateOnce(world, wish, id) {
  const { flow, kind, after } = WISHES[wish];
  const actor = world.actor(kind);
  const { program, env } = actor.host.start();
  world.run(actor, async () => {
    const reply = await program[flow](env, id);
    world.note(actor.name, `asks for ${wish} of ${id}: ${reply.status}`);
    const { status } = JSON.parse(reply.body);
    if (reply.status !== 200 || after === undefined || status === after) return;
    // A message that was no job to one version may have become one by its copy that another version got.
    if (id.startsWith('message:') && FINAL.includes(status)) return;
    world.checker.blame('overwritten', 'answered without effect', `${wish} of ${id}, which is ${status}`);
  });
}

/** An operator cancels, retries, or changes his mind; what failed interests him most. @param {World} world */
function operate(world) {
  const { dice } = world;
  if (world.ids.length === 0) return;
  const known = dice.chance(0.6)
    ? world.database.all(
        "SELECT id FROM jobs WHERE status IN ('failed', 'cancelled', 'processing') ORDER BY id",
      )
    : [];
  const id = known.length > 0 ? dice.pick(known).id : dice.pick(world.ids);
  const wish = dice.below(3);
  if (wish !== 1) operateOnce(world, 'cancel', id);
  if (wish !== 0)
    world.timeline.after(dice.between(0, wish === 2 ? 20000 : 100), () => operateOnce(world, 'retry', id));
}

/** An operator looks after dead letters: one of them, or many at once. @param {World} world */
function redrive(world) {
  const { dice } = world;
  const letters = world.database.all('SELECT id, type, queue FROM dead_letters ORDER BY id');
  if (letters.length === 0) return;
  const { id, type, queue } = dice.pick(letters);
  if (dice.chance(0.3)) return operateOnce(world, dice.chance(0.5) ? 'requeue' : 'discard', id);
  const limit = dice.chance(0.3) ? { limit: dice.between(1, 3) } : {};
  const ids = [id, 'nobody', ...letters.map((letter) => letter.id).slice(0, 9)];
  /** @type {object[]} */
  const which = [{ all: true }, { queue }, { ids }];
  if (type) which.push({ type });
  requeueMany(world, { ...dice.pick(which), ...limit });
}

/** @param {World} world @param {object} request */
function requeueMany(world, request) {
  const actor = world.actor('retry');
  const { program, env } = actor.host.start();
  world.run(actor, async () => {
    const reply = await program.requeueLetters(env, JSON.stringify(request));
    const { requeued, skipped } = JSON.parse(reply.body);
    world.note(
      actor.name,
      `requeues ${JSON.stringify(request)}: ${reply.status}, ${requeued}, ${skipped?.length}`,
    );
    if (reply.status === 200) world.checker.redrives.judgeAnswer(actor, requeued);
  });
}

/** @param {World} world @param {'pauseQueue' | 'resumeQueue'} wish @param {string} queue */
function setQueue(world, wish, queue) {
  const actor = world.actor('pause');
  const { program, env } = actor.host.start();
  world.run(actor, async () => {
    const reply = await program[wish](env, queue);
    world.note(actor.name, `asks for ${wish} of ${queue}: ${reply.status}`);
    if (reply.status === 200 && JSON.parse(reply.body).paused !== (wish === 'pauseQueue'))
      world.checker.blame('overwritten', 'answered without effect', `${wish} of ${queue}`);
  });
}

/** A queue is stopped for a while. @param {World} world */
function pause(world) {
  const queue = world.dice.pick(['background-jobs', 'scraping-tasks', 'test-limited', 'nobody-knows-it']);
  setQueue(world, 'pauseQueue', queue);
  world.timeline.after(world.dice.below(600000), () => setQueue(world, 'resumeQueue', queue));
}

/** A pause that an operator wished for is committed this long after the last fault at most, ms. */
const LATE_MS = 30 * 60000;

/** Nothing stays paused when the faults are over. @param {World} world @param {number} until */
function resumeAll(world, until) {
  const keys = world.database.all('SELECT substr(key, 3) AS queue FROM gates WHERE paused = 1');
  for (const { queue } of keys) setQueue(world, 'resumeQueue', queue);
  if (world.timeline.now < until) world.timeline.after(60000, () => resumeAll(world, until));
}

/** A reader changes nothing. @param {World} world */
function read(world) {
  const actor = world.actor('enqueue');
  const { program, env } = actor.host.start();
  const kind = world.dice.pick([
    'stats',
    'queues',
    'list',
    'health',
    'job',
    'letters',
    'failures',
    'explain',
    'logicalQueues',
  ]);
  world.run(actor, () => program.query(env, { kind, id: world.ids.at(-1) ?? 'none' }));
}

/**
 * Lays out who does what when, until the faults stop.
 * @param {World} world @param {number} end ms after the beginning
 */
export function scheduleUsers(world, end) {
  const { dice, timeline } = world;
  const at = (/** @type {(world: World) => void} */ act) =>
    timeline.at(EPOCH + dice.below(end), () => act(world));
  for (let n = dice.between(3, 12); n > 0; n--) at(produce);
  scheduleReachers(world, end);
  scheduleRated(world, end);
  if (dice.chance(0.006)) at(produceHeavy);
  for (let n = dice.below(4); n > 0; n--) at(produceGraph);
  if (dice.chance(0.05)) at(produceCrowd);
  for (let n = dice.below(3); n > 0; n--) at(talk);
  for (let n = dice.below(6); n > 0; n--) at(produceForeign);
  for (let n = dice.below(18); n > 0; n--) at(operate);
  for (let n = dice.below(6); n > 0; n--) at(redrive);
  for (let n = dice.below(3); n > 0; n--) at(read);
  for (let n = dice.below(4); n > 0; n--) at(pause);
  timeline.at(EPOCH + end + 1000, () => resumeAll(world, EPOCH + end + LATE_MS));
}
