// One simulated world: a database, queues, workers with clocks of their own, and users, from one seed.
import { StoppedError } from '../../scraper/runner.js';
import { bury } from '../../shim/flows/bury.js';
import { consume } from '../../shim/flows/consume.js';
import { Actor } from './actor.js';
import { queueBinding, SimQueue } from './broker.js';
import { Checker } from './checker.js';
import { Database, d1Binding } from './database.js';
import { Dice } from './dice.js';
import { Faults } from './faults.js';
import { actors, EPOCH, enter, idle, Timeline } from './time.js';
import { operate, operateOnFrozen, produce, produceForeign, read, tick, workWith } from './workload.js';

/** Two clocks differ by at most twice this. */
const SKEW_MS = 5000;
/** So long after the last fault everything must have come to rest. */
export const DRAIN_MS = 2 * 3600_000;
const TICK_MS = 60000;
const EVENTS_KEPT = 80;
const HOSTS = 5;
/** A frozen isolate wakes after this at most; the platform ends a consumer after 15 minutes. */
const FREEZE_MS = 12 * 60000;

/** @typedef {{ root: string, queues: import('./broker.js').ConsumerSettings[], bindings: Record<string, string>,
 *   vars: Record<string, string>, cut: (sql: string) => string, verbose?: boolean }} Plan */

export class World {
  /** @param {number} seed @param {Plan} plan */
  constructor(seed, plan) {
    this.seed = seed;
    this.plan = plan;
    this.dice = new Dice(seed);
    this.timeline = new Timeline();
    this.faults = new Faults(this.dice);
    this.database = new Database(plan.root, plan.cut);
    this.checker = new Checker(this);
    this.skews = Array.from({ length: HOSTS }, () => this.dice.between(-SKEW_MS, SKEW_MS));
    this.serial = 0;
    this.jobs = 0;
    /** @type {string[]} jobs that users know of */
    this.ids = [];
    /** @type {Set<Actor>} */
    this.alive = new Set();
    /** @type {[number, string, string][]} the last of what happened */
    this.events = [];
    this.noted = 0;
    /** Whether something was found: then the log ends there. */
    this.told = false;
    /** @type {unknown} what the simulation itself ended with */
    this.failure = undefined;
    this.queues = plan.queues.map((settings) => this.open(settings));
    for (const queue of this.queues) {
      const name = queue.settings.dead_letter_queue;
      if (name) queue.deadLetters = this.queue(name);
    }
  }

  /** @param {import('./broker.js').ConsumerSettings} settings */
  open(settings) {
    if (!settings.queue.endsWith('dlq')) {
      return new SimQueue(this, settings, 'consume', (batch, actor) => {
        const env = this.env(actor);
        return consume(batch, env, workWith(this, env), StoppedError);
      });
    }
    return new SimQueue(this, settings, 'bury', (batch, actor) => {
      for (const { body } of batch.messages) {
        for (const { id, metadata } of body?.jobs ?? [body])
          actor.letters.add(`${id}/${metadata?.sluice?.fence}`);
      }
      return bury(batch, this.env(actor));
    });
  }

  /** @param {string} name */
  queue(name) {
    const queue = this.queues.find(({ settings }) => settings.queue === name);
    if (!queue) throw new Error(`No consumer reads ${name}.`);
    return queue;
  }

  next() {
    return ++this.serial;
  }

  /** @param {Actor['kind']} kind */
  actor(kind) {
    const actor = new Actor(kind, `${kind}-${this.next()}`, this.dice.pick(this.skews));
    if (this.faults.strikes('vanishes')) actor.fuse = this.dice.below(8);
    return actor;
  }

  /** @param {Actor} actor @returns {Record<string, any>} its bindings and variables */
  env(actor) {
    const queues = Object.entries(this.plan.bindings).map(([binding, name]) => [
      binding,
      queueBinding(this, actor, this.queue(name)),
    ]);
    return { ...this.plan.vars, DB: d1Binding(this, actor), ...Object.fromEntries(queues) };
  }

  /** Runs an actor to its end, or until it vanishes. @param {Actor} actor @param {() => Promise<unknown>} work */
  run(actor, work) {
    this.alive.add(actor);
    actors.run(actor, () => {
      work().then(
        () => this.alive.delete(actor),
        (error) => {
          this.failure ??= error;
        },
      );
    });
  }

  /** @param {Actor} actor @param {string} when */
  vanish(actor, when) {
    this.note(actor.name, `vanishes ${when}`);
    this.alive.delete(actor);
    actor.die();
  }

  /** @param {Actor} actor @param {import('./database.js').Bound[]} list */
  commit(actor, list) {
    try {
      const rows = this.database.transact(list);
      this.checker.observe(actor);
      if (actor.kind === 'sweep' && this.faults.on) this.thawBehindSweep();
      return rows;
    } catch (error) {
      // No statement may fail on what this world contains.
      const { message } = /** @type {Error} */ (error);
      this.checker.blame('overwritten', 'statement refused', message);
      throw new Error(`D1_ERROR: ${message}`);
    }
  }

  /** @param {number} ms */
  sleep(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** @param {string} who @param {string} what */
  note(who, what) {
    if (!this.told) this.events[this.noted++ % EVENTS_KEPT] = [this.timeline.now, who, what];
    if (this.plan.verbose) process.stdout.write(`${this.line([this.timeline.now, who, what])}\n`);
  }

  /** @param {[number, string, string]} event */
  line([at, who, what]) {
    return `${((at - EPOCH) / 1000).toFixed(3).padStart(10)} s  ${who.padEnd(12)} ${what}`;
  }

  /** The last of what happened, one line each; where something was found, what led to it. */
  log() {
    const from = Math.max(0, this.noted - EVENTS_KEPT);
    const lines = [];
    for (let i = from; i < this.noted; i++) {
      lines.push(this.line(/** @type {[number, string, string]} */ (this.events[i % EVENTS_KEPT])));
    }
    return lines;
  }

  /** Lays out who does what when, until the faults stop. @param {number} end */
  schedule(end) {
    const { dice, timeline } = this;
    const at = (/** @type {(world: World) => void} */ act) =>
      timeline.at(EPOCH + dice.below(end), () => act(this));
    for (let n = dice.between(4, 16); n > 0; n--) at(produce);
    for (let n = dice.below(5); n > 0; n--) at(produceForeign);
    for (let n = dice.below(25); n > 0; n--) at(operate);
    for (let n = dice.below(3); n > 0; n--) at(read);
    for (let n = dice.below(4); n > 0; n--) at((world) => world.crash());
    for (let n = dice.below(12); n > 0; n--) at((world) => world.freezeOne());
    for (let n = dice.below(4); n > 0; n--) at(operateOnFrozen);
    for (let n = dice.below(3); n > 0; n--) at((world) => world.faults.cutOff(world.timeline.now));
    const ticking = () => {
      tick(this);
      timeline.after(TICK_MS, ticking);
    };
    timeline.at(EPOCH + dice.below(TICK_MS), ticking);
  }

  /** Something takes one running isolate down. */
  crash() {
    if (this.alive.size === 0) return;
    this.faults.count++;
    this.vanish(this.dice.pick([...this.alive]), 'at a bad moment');
  }

  /** One running isolate stands still for a while, and knows nothing of it. */
  freezeOne() {
    const consumers = [...this.alive].filter(({ kind }) => kind === 'consume');
    if (consumers.length > 0) this.freeze(this.dice.pick(consumers));
  }

  /** @param {Actor} actor */
  freeze(actor) {
    if (actor.frozen) return;
    this.faults.count++;
    actor.frozen = true;
    this.note(actor.name, 'freezes');
    this.timeline.after(this.dice.below(FREEZE_MS), () => this.thaw(actor));
  }

  /** @param {Actor} actor */
  thaw(actor) {
    if (!actor.frozen) return;
    actor.frozen = false;
    this.note(actor.name, 'goes on');
    for (const event of actor.parked.splice(0)) this.timeline.postpone(event, this.timeline.now);
  }

  /** What the sweep has read is most easily wrong when those come back that it takes for gone. */
  thawBehindSweep() {
    for (const actor of this.alive) {
      if (!actor.frozen || !this.dice.chance(0.2)) continue;
      this.timeline.after(this.dice.below(40), () => this.thaw(actor));
    }
  }

  calm() {
    this.faults.on = false;
    for (const actor of this.alive) actor.fuse = Number.POSITIVE_INFINITY;
    this.note('world', 'no more faults');
  }

  /** Lives through it all. @returns {Promise<{ drainMs: number }>} */
  async live() {
    enter({ timeline: this.timeline, entropy: new Dice(this.seed, 1), names: new Dice(this.seed, 2) });
    const end = this.dice.between(5, 60) * 60000;
    this.schedule(end);
    this.timeline.at(EPOCH + end, () => this.calm());
    let checked = EPOCH + end;
    while (this.timeline.now < EPOCH + end + DRAIN_MS) {
      const event = this.timeline.pop();
      if (!event) break;
      if (!event.run) continue;
      this.timeline.now = event.at;
      event.run();
      await idle();
      if (this.failure) throw this.failure;
      if (!this.faults.on && event.at >= checked) {
        if (this.checker.quiet()) break;
        checked = event.at + TICK_MS;
      }
    }
    this.checker.conclude();
    this.database.close();
    return { drainMs: this.timeline.now - EPOCH - end };
  }
}
