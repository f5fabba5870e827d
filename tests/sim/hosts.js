// Where the workers run: machines with clocks of their own, an isolate on each, and what is deployed to them.
import { Actor } from './actor.js';
import { queueBinding } from './broker.js';
import { d1Binding } from './database.js';

/** @typedef {import('./world.js').World} World */
/** @typedef {import('./versions.js').Version} Version */
/** @typedef {'main' | 'scraper'} Role */
/** @typedef {{ program: import('./isolates.js').Program, env: Record<string, any> }} Isolate */

/** Two clocks differ by at most twice this. */
export const SKEW_MS = 5000;
const HOSTS_PER_ROLE = 3;
/** A deploy reaches the last machine this long after the first. */
const ROLLOUT_MS = 10 * 60000;

export class Host {
  /**
   * @param {World} world @param {Role} role @param {Version} version
   * @param {number} skew its clock's distance from true time, ms
   */
  constructor(world, role, version, skew) {
    this.world = world;
    this.role = role;
    this.version = version;
    this.skew = skew;
    /** @type {Isolate | undefined} */
    this.isolate = undefined;
  }

  /** Starts an isolate where there is none. @returns {Isolate} its program and environment */
  start() {
    if (this.isolate) return this.isolate;
    const { world, version } = this;
    const handlers = Object.fromEntries(version.types.map(({ type }) => [type, world.handler]));
    const queues = Object.entries(world.plan.bindings).map(([binding, name]) => [
      binding,
      queueBinding(world, world.queue(name)),
    ]);
    const databases = Object.fromEntries(
      Array.from({ length: world.shards }, (_, n) => [n === 0 ? 'DB' : `DB_${n}`, d1Binding(world, n)]),
    );
    this.isolate = {
      program: world.plan.isolates.start(version, handlers),
      env: { ...version.vars, ...databases, ...Object.fromEntries(queues), ...world.services() },
    };
    return this.isolate;
  }
}

export class Fleet {
  /** @param {World} world @param {[Version, Version]} versions */
  constructor(world, versions) {
    this.world = world;
    this.versions = versions;
    /** @type {Host[]} */
    this.hosts = [];
    for (const role of /** @type {Role[]} */ (['main', 'scraper'])) {
      for (let n = 0; n < HOSTS_PER_ROLE; n++) {
        this.hosts.push(new Host(world, role, versions[0], world.dice.between(-SKEW_MS, SKEW_MS)));
      }
    }
  }

  /** @param {Actor['kind']} kind @returns {Actor} an invocation somewhere */
  actor(kind) {
    const { world, hosts } = this;
    const role = kind === 'consume' ? 'scraper' : 'main';
    const host = world.dice.pick(hosts.filter((candidate) => candidate.role === role));
    return new Actor(kind, `${kind}-${world.next()}`, host);
  }

  /**
   * New invocations on a machine are of another version; those under way go on as they are.
   * @param {number} n @param {Version} version
   */
  replace(n, version) {
    const old = /** @type {Host} */ (this.hosts[n]);
    if (old.version === version) return;
    this.world.note('world', `deploys ${version.name} to ${old.role} ${n}`);
    this.hosts[n] = new Host(this.world, old.role, version, old.skew);
  }

  /** One of the workers, or both, machine after machine. @param {Version} version */
  deploy(version) {
    const { dice, timeline } = this.world;
    const roles = dice.pick([['main'], ['scraper'], ['main', 'scraper'], ['main', 'scraper']]);
    this.hosts.forEach(({ role }, n) => {
      if (roles.includes(role)) timeline.after(dice.below(ROLLOUT_MS), () => this.replace(n, version));
    });
  }

  /** A clock is set right, or wrong. */
  step() {
    const { dice, alive } = this.world;
    const host = dice.pick(this.hosts);
    host.skew = dice.between(-SKEW_MS, SKEW_MS);
    for (const actor of alive) if (actor.host === host) actor.skewMax = Math.max(actor.skewMax, host.skew);
  }

  /** An isolate dies, and with it all that runs in it. @param {Host} host @param {string} why */
  kill(host, why) {
    host.isolate = undefined;
    for (const actor of [...this.world.alive]) if (actor.host === host) this.world.vanish(actor, why);
  }
}
