// One simulated world: a database, queues, workers with clocks of their own, and users, from one seed.
import { scheduleAccidents, thawBehindSweep } from './accidents.js';
import { SimQueue } from './broker.js';
import { Checker } from './checker.js';
import { Database, Databases, total } from './database.js';
import { Dice } from './dice.js';
import { Faults } from './faults.js';
import { Fleet } from './hosts.js';
import { Refusals, TOO_BIG } from './refusals.js';
import { jobsOf } from './rules/deliveries.js';
import { actors, EPOCH, enter, idle, Timeline } from './time.js';
import { drawJudges, drawRetention, drawVersions } from './versions.js';
import { handle } from './workload/handlers.js';
import { runSchedulesOnce } from './workload/schedules.js';
import { scheduleUsers } from './workload/users.js';

/** So long after the last fault, and the time of the last job that has one, everything must have come to rest. */
export const DRAIN_MS = 2 * 3600_000;
const TICK_MS = 60000;
const EVENTS_KEPT = 80;

/** @typedef {import('./actor.js').Actor} Actor */
/** @typedef {import('./database.js').Bound} Bound */
/** @typedef {{ root: string, queues: import('./broker.js').ConsumerSettings[], bindings: Record<string, string>,
 *   vars: Record<string, string>, cut: (sql: string) => string, isolates: import('./isolates.js').Isolates,
 *   database?: () => Database, shards?: number, verbose?: boolean }} Plan */

export class World {
  /** @param {number} seed @param {Plan} plan */
  constructor(seed, plan) {
    this.seed = seed;
    this.plan = plan;
    this.dice = new Dice(seed);
    this.timeline = new Timeline();
    this.faults = new Faults(this.dice);
    /** How many databases there are. */
    this.shards = plan.shards ?? 1;
    /** The seed's own stream for what only worlds with several have. */
    this.shardDice = new Dice(seed, 11);
    const database = () => plan.database?.() ?? new Database(plan.root, plan.cut);
    this.database =
      this.shards === 1 ? database() : new Databases(Array.from({ length: this.shards }, database));
    this.checker = new Checker(this);
    /** Polls of a tick: several at once where an earlier one goes on. */
    this.pollDice = new Dice(seed, 3);
    this.serial = 0;
    this.jobs = 0;
    /** @type {string[]} jobs that users know of */
    this.ids = [];
    /** @type {Set<Actor>} */
    this.alive = new Set();
    this.refusals = new Refusals(this);
    /** When the last of what has a time, or is on its way, is due. */
    this.dueBy = 0;
    /** Until when there may be schedules; 0: there are none. */
    this.schedulesUntil = 0;
    /** @type {[number, string, string][]} the last of what happened */
    this.events = [];
    this.noted = 0;
    /** Whether something was found: then the log ends there. */
    this.told = false;
    /** @type {unknown} what the simulation itself ended with */
    this.failure = undefined;
    /** @type {SimQueue[]} */
    this.queues = plan.queues.map((settings) => this.open(settings));
    for (const queue of this.queues) {
      const name = queue.settings.dead_letter_queue;
      if (name) queue.deadLetters = this.queue(name);
    }
    /** What every isolate runs as every type's handler. @param {any} payload @param {any} context */
    this.handler = (payload, context) => handle(this, payload, context);
    /** @type {Record<string, number>} the judge of each queue that has another than shard 0 */
    this.judges = this.shards === 1 ? {} : drawJudges(this.shardDice, this.shards);
    const judges = this.shards > 1 && { QUEUE_SHARDS: JSON.stringify(this.judges) };
    const vars = { ...plan.vars, ...drawRetention(new Dice(seed, 2)), ...judges };
    this.fleet = new Fleet(this, drawVersions(this.dice, vars));
  }

  /** @param {import('./broker.js').ConsumerSettings} settings @returns {SimQueue} */
  open(settings) {
    if (!settings.queue.endsWith('dlq')) {
      return new SimQueue(this, settings, 'consume', (batch, actor) => {
        const { program, env } = actor.host.start();
        return program.consumeBatch(batch, env);
      });
    }
    return new SimQueue(this, settings, 'bury', (batch, actor) => {
      for (const { body, attempts } of batch.messages) {
        if (attempts > 1) for (const job of jobsOf(body)) actor.repeated.add(job?.id);
        for (const job of jobsOf(body)) actor.letters.add(`${job?.id}/${job?.metadata?.sluice?.fence}`);
      }
      const { program, env } = actor.host.start();
      return program.bury(batch, env);
    });
  }

  /** @param {string} name @returns {SimQueue} */
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
    const actor = this.fleet.actor(kind);
    if (this.faults.strikes('vanishes')) actor.fuse = this.dice.below(8);
    return actor;
  }

  /**
   * Whether an actor vanishes at a door that it has come to.
   * @param {Actor} actor @param {string} _door
   */
  atDoor(actor, _door) {
    return actor.burn();
  }

  /** And whether before what it wants there has taken effect. */
  isEarly() {
    return this.dice.chance(0.5);
  }

  /** Bindings of every isolate besides the database and the queues. @returns {Record<string, any>} */
  services() {
    return {};
  }

  /** Runs an actor to its end, or until it vanishes. @param {Actor} actor @param {() => Promise<unknown>} work */
  run(actor, work) {
    this.alive.add(actor);
    const end = () => {
      this.alive.delete(actor);
      this.refusals.judge(actor);
    };
    actors.run(actor, () => {
      work().then(end, (error) => {
        end();
        // A trapped core fails a request, or a tick of the cron; nothing more may come of it.
        if (error?.code === 'core_trap' && actor.struck > 0) this.note(actor.name, error.message);
        else {
          this.checker.blame('lost', 'a flow threw', `${actor.name}: ${error?.message}`);
          this.failure ??= error;
        }
      });
    });
  }

  /** @param {Actor} actor @param {string} when */
  vanish(actor, when) {
    this.note(actor.name, `vanishes ${when}`);
    this.alive.delete(actor);
    actor.die();
  }

  /** The shard that judges the keys of a queue. @param {string} queue */
  judgeOf(queue) {
    return this.judges[queue] ?? 0;
  }

  /** One of several databases, or all: undefined. @returns {number | undefined} */
  someShard() {
    return this.shards > 1 && this.shardDice.chance(0.8) ? this.shardDice.below(this.shards) : undefined;
  }

  /** @param {Actor} actor @param {Bound[]} list @param {number} shard */
  commit(actor, list, shard) {
    if (this.refusals.strike(actor, list)) throw new Error(TOO_BIG);
    for (const { params } of list) this.checker.bodies.judgeParameters(params);
    try {
      const rows = this.database.part(shard).transact(list);
      this.checker.observe(actor, shard);
      if (actor.kind === 'sweep' && this.faults.on) thawBehindSweep(this);
      return rows;
    } catch (error) {
      // No statement may fail on what this world contains.
      const { message } = /** @type {Error} */ (error);
      this.checker.blame('overwritten', 'statement refused', message);
      throw new Error(`D1_ERROR: ${message}`);
    }
  }

  /** A batch whose failure was told long ago. @param {Actor} actor @param {Bound[]} list @param {number} shard */
  commitLate(actor, list, shard) {
    this.note(actor.name, 'has its batch committed late');
    if (!this.refusals.strike(actor, list)) this.commit(actor, list, shard);
  }

  /** @param {number} ms */
  sleep(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** Something has to wait until then: what a user or a fault wants so. @param {number} at */
  expectBy(at) {
    this.dueBy = Math.max(this.dueBy, at);
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

  tick() {
    const { faults, dice, timeline } = this;
    const sweepOnce = () => {
      const actor = this.actor('sweep');
      const { program, env } = actor.host.start();
      this.run(actor, async () => {
        const ticks = await program.sweep(env);
        if (ticks && this.schedulesUntil > 0) runSchedulesOnce(this);
      });
    };
    const pollOnce = () => {
      const actor = this.actor('consume');
      actor.polls = true;
      const { program, env } = actor.host.start();
      this.run(actor, () => program.pollLines(env));
    };
    timeline.after(this.untilTick(), () => this.tick());
    for (let n = this.pollDice.pick([1, 1, 2, 3]); n > 0; n--) {
      timeline.after(this.pollDice.below(5000), pollOnce);
    }
    if (faults.strikes('cronNever')) return;
    timeline.after(faults.strikes('cronLate') ? dice.below(180000) : 0, sweepOnce);
    if (faults.strikes('cronTwice')) timeline.after(dice.below(5000), sweepOnce);
  }

  /** Milliseconds to the next tick that can find something to do: a minute, or more once all is at rest for longer. */
  untilTick() {
    const { timeline, queues, alive, database } = this;
    if (this.faults.on || alive.size > 0 || timeline.now < this.schedulesUntil) return TICK_MS;
    const rows = database.all(`SELECT min(wake_at) AS next,
      coalesce(sum(wake_at IS NULL AND completed_at IS NULL AND status <> 'blocked'), 0) AS unwatched FROM jobs`);
    if (total(rows, 'unwatched') > 0) return TICK_MS;
    const due = queues.flatMap((queue) => queue.waiting.map(({ at }) => at));
    const pruning = this.checker.retention.next() ?? Number.POSITIVE_INFINITY;
    const woken = rows.map(({ next }) => next ?? Number.POSITIVE_INFINITY);
    const first = Math.min(...woken, pruning, ...due);
    if (!Number.isFinite(first)) return TICK_MS;
    return TICK_MS * Math.max(1, Math.floor((first - timeline.now) / TICK_MS));
  }

  calm() {
    this.faults.on = false;
    for (const actor of this.alive) actor.fuse = Number.POSITIVE_INFINITY;
    for (const queue of this.queues) queue.pause(0);
    this.note('world', 'no more faults');
  }

  /** Lives through it all. @returns {Promise<{ drainMs: number }>} */
  async live() {
    const { timeline, dice } = this;
    enter({ timeline, entropy: new Dice(this.seed, 1) });
    const end = dice.between(5, 40) * 60000;
    scheduleUsers(this, end);
    scheduleAccidents(this, end);
    timeline.at(EPOCH + dice.below(TICK_MS), () => this.tick());
    timeline.at(EPOCH + end, () => this.calm());
    this.expectBy(EPOCH + end);
    let checked = EPOCH + end;
    /** @type {number | undefined} when nothing was left to do but to forget */
    let drained;
    while (
      timeline.now < (drained === undefined ? this.dueBy + DRAIN_MS : drained + this.checker.retention.rest)
    ) {
      const event = timeline.pop();
      if (!event) break;
      if (!event.run) continue;
      timeline.now = event.at;
      event.run();
      await idle();
      if (this.failure) throw this.failure;
      if (this.faults.on || drained !== undefined || event.at < checked) continue;
      checked = event.at + TICK_MS;
      if (!this.checker.quiet()) continue;
      drained = event.at;
    }
    this.checker.conclude();
    return { drainMs: Math.max(0, (drained ?? timeline.now) - this.dueBy) };
  }

  close() {
    this.database.close();
    this.plan.isolates.end();
  }
}
