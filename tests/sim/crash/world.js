// A world in which nothing goes wrong but one thing: at one door, before or after what is wanted there takes effect,
// isolates vanish, and what the queues hold may be gone as well. From then on there is nobody but the minute cron,
// fresh consumers, and an operator who resumes what is paused.
import { types } from '#registry/types';
import { never } from '../actor.js';
import { Dice } from '../dice.js';
import { Fleet } from '../hosts.js';
import { acting, EPOCH, enter, idle } from '../time.js';
import { handle } from '../workload/handlers.js';
import { World } from '../world.js';
import { act, give } from './handlers.js';
import { Judge } from './judge.js';
import { User } from './user.js';

/**
 * Everything is final, and forgotten where it is to be, so long after the crash, or after the time of the last job that
 * has one: what a lost message waits for (RESEND_AFTER_MS and a minute), what a lost lease does (LEASE_MS, the clocks'
 * difference and a minute), and the minutes in which the one follows from the other.
 */
export const BOUND_MS = 15 * 60000;
const SETTINGS = {
  LEASE_MS: '60000',
  RESEND_AFTER_MS: '300000',
  TENANT_CONCURRENCY: '2',
  POLL_BATCH: '2',
  SITES: JSON.stringify([{ scrapeType: 'hotel', url: 'https://hotels.example/find?q={query}' }]),
};
const TICK_MS = 60000;
/** The cron's first tick. */
const FIRST_TICK_MS = 20000;
/** An operator comes this long after the crash. */
const OPERATOR_MS = 3 * 60000;
/** Without a crash a session and what follows from it take no longer. */
const SESSION_MS = 3 * 3600_000;
/** How often it is asked whether everything has come to rest. */
const LOOK_MS = 5000;
const SEED = 1;

/** @typedef {import('../actor.js').Actor} Actor */
/**
 * @typedef {'all' | 'isolate' | 'kept'} Extent what a crash takes: `all` isolates and all messages; one `isolate` and
 *   all messages; one isolate, and the queues have `kept` theirs
 * @typedef {{ at: number, early: boolean, extent: Extent }} Crash `at`: doors that are passed before it
 * @typedef {{ name: string, vars?: Record<string, string>, session: (user: User) => Promise<void>,
 *   isAtRest?: (world: CrashWorld) => boolean, restMs?: number }} Flow `isAtRest`: besides that everything is final,
 *   which may take `restMs` more
 * @typedef {{ door: string, op: string, kind: string }} Passage
 */

export class CrashWorld extends World {
  /**
   * @param {import('../world.js').Plan} plan @param {Flow} flow
   * @param {Crash} [crash] none: to count the doors
   */
  constructor(plan, flow, crash) {
    super(SEED, plan);
    this.flow = flow;
    this.crash = crash;
    this.faults.rates = {};
    const vars = { ...plan.vars, ...SETTINGS, ...flow.vars };
    const version = { name: 'only', types, vars };
    this.fleet = new Fleet(this, [version, version]);
    /** @param {any} payload @param {any} context */
    this.handler = (payload, context) => handle(this, payload, context, act, give);
    /** @type {Passage[]} doors that were passed */
    this.passages = [];
    /** @type {Actor | undefined} who is to vanish at its door */
    this.doomed = undefined;
    this.crashedAt = Number.POSITIVE_INFINITY;
    this.hasSession = true;
    this.judge = new Judge(this);
    /** @type {Map<Actor, string>} what each asked the core for last */
    this.asked = new Map();
  }

  get crashed() {
    return this.timeline.now >= this.crashedAt;
  }

  /** @param {Actor} actor @param {string} door */
  atDoor(actor, door) {
    if (!this.crash || !this.crashed) {
      this.passages.push({ door, op: this.asked.get(actor) ?? '', kind: actor.kind });
    }
    if (this.crash?.at !== this.passages.length - 1 || this.crashed || this.doomed) return false;
    this.doomed = actor;
    return true;
  }

  isEarly() {
    return this.crash?.early ?? false;
  }

  /** @param {Actor} actor @param {string} when */
  vanish(actor, when) {
    super.vanish(actor, when);
    if (actor === this.doomed && !this.crashed) this.fall(actor);
  }

  /** What falls with an actor that has vanished at its door. @param {Actor} actor */
  fall(actor) {
    const extent = this.crash?.extent;
    this.judge.judgeRequests();
    this.crashedAt = this.timeline.now;
    this.faults.on = false;
    this.hasSession = false;
    if (extent === 'all') {
      for (const host of this.fleet.hosts) this.fleet.kill(host, 'with all others');
      for (const other of [...this.alive]) this.vanish(other, 'with all others');
    } else {
      this.fleet.kill(actor.host, 'with its isolate');
    }
    if (extent !== 'kept') this.loseMessages();
    this.timeline.after(OPERATOR_MS, () => new User(this, true).putRight());
  }

  /** The queues are empty: what was in them is nowhere but in the record. */
  loseMessages() {
    this.judge.excuseAlerts();
    this.note('broker', 'has lost all messages');
    for (const queue of this.queues) queue.waiting = [];
  }

  services() {
    return {
      SCRAPER: {
        poll: () => this.call('consume', (program, env) => new program.Scraper(undefined, env).poll()),
        /** @param {string} kind */
        produce: (kind) =>
          this.call('enqueue', (program, env) => new program.Scraper(undefined, env).produce(kind)),
      },
    };
  }

  /**
   * One worker calls another by RPC.
   * @param {Actor['kind']} kind of the other @param {(program: any, env: any) => Promise<unknown>} work
   */
  async call(kind, work) {
    const caller = acting();
    const vanishes = this.atDoor(caller, 'RPC');
    await this.sleep(2);
    if (vanishes && this.isEarly()) {
      this.vanish(caller, 'before its call');
      return never();
    }
    const actor = this.actor(kind);
    actor.polls = kind === 'consume';
    const { program, env } = actor.host.start();
    const answer = await new Promise((resolve, reject) => {
      actor.onDeath = () => reject(new Error('The isolate is gone.'));
      this.run(actor, () => work(program, env).then(resolve, reject));
    }).finally(() => caller.dead && never());
    if (caller.dead) return never();
    if (vanishes) {
      this.vanish(caller, 'before its answer');
      return never();
    }
    return answer;
  }

  /** The far end of the alerts. @param {string} body */
  async hear(body) {
    const actor = acting();
    const vanishes = this.atDoor(actor, 'webhook');
    await this.sleep(20);
    if (vanishes && this.isEarly()) {
      this.vanish(actor, 'before its alert');
      return never();
    }
    const event = JSON.parse(body);
    this.checker.alerts.judge(actor, event.jobs);
    this.checker.deliveries.hear(event);
    if (vanishes) {
      this.vanish(actor, 'after its alert');
      return never();
    }
    return { ok: true, status: 200, body: null };
  }

  tick() {
    this.timeline.after(TICK_MS, () => this.tick());
    this.onCron('*/1 * * * *');
  }

  /** @param {string} cron */
  onCron(cron) {
    const actor = this.actor('sweep');
    const { program, env } = actor.host.start();
    this.run(actor, () => /** @type {any} */ (program).onCron(env, cron));
  }

  /** @param {Actor} actor @param {import('../database.js').Bound[]} list @param {number} shard */
  commit(actor, list, shard) {
    const { births } = this.checker.admissions;
    const rows = super.commit(actor, list, shard);
    this.judge.count(actor, this.checker.admissions.births - births);
    return rows;
  }

  /** Lives through it all. */
  async live() {
    const { timeline } = this;
    enter({ timeline, entropy: new Dice(SEED, 1) });
    timeline.at(EPOCH + FIRST_TICK_MS, () => this.tick());
    this.flow.session(new User(this)).then(
      () => {
        this.hasSession = false;
      },
      (error) => {
        this.failure ??= error;
      },
    );
    await idle();
    const end = () => (this.crashed ? Math.max(this.crashedAt, this.dueBy) + BOUND_MS : EPOCH + SESSION_MS);
    let looks = false;
    const look = () => {
      looks = true;
      timeline.after(LOOK_MS, look);
    };
    timeline.after(LOOK_MS / 2, look);
    /** @type {number | undefined} when everything was final */
    let quiet;
    while (timeline.now < end()) {
      const event = timeline.pop();
      if (!event) break;
      if (!event.run) continue;
      timeline.now = event.at;
      event.run();
      await idle();
      if (this.failure) throw this.failure;
      if (!looks) continue;
      looks = false;
      if (this.hasSession || !this.checker.quiet()) continue;
      quiet ??= timeline.now;
      if (this.flow.isAtRest?.(this) ?? true) return this.conclude(quiet);
    }
    this.checker.blame('stuck', 'no rest', this.flow.name);
    return this.conclude(timeline.now);
  }

  /** @param {number} quiet when everything was final */
  conclude(quiet) {
    this.checker.conclude();
    this.judge.conclude();
    return { drainMs: this.crashed ? Math.max(0, quiet - Math.max(this.crashedAt, this.dueBy)) : 0 };
  }
}
