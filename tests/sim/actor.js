// One invocation of a worker, in an isolate that may vanish at any door.

/**
 * @typedef {'enqueue' | 'consume' | 'bury' | 'sweep' | 'cancel' | 'retry' | 'pause' | 'discard' | 'stop'
 *   | 'schedule'} Kind
 */
/** @typedef {import('./hosts.js').Host} Host */

export class Actor {
  /** @param {Kind} kind @param {string} name @param {Host} host */
  constructor(kind, name, host) {
    this.kind = kind;
    this.name = name;
    this.host = host;
    /** How far its clock was ahead at most. */
    this.skewMax = host.skew;
    this.dead = false;
    /** Whether it polls; then its kind is that of a consumer. */
    this.polls = false;
    /** Nothing happens in it while it stands still; then all that should have, in order. */
    this.frozen = false;
    /** @type {import('./time.js').Event[]} what waits for that */
    this.parked = [];
    /** Doors that it will pass before it vanishes. */
    this.fuse = Number.POSITIVE_INFINITY;
    /** @type {(() => void) | undefined} told when it vanishes */
    this.onDeath = undefined;
    /** Faults that hit it: what it fails to do then is excused. */
    this.struck = 0;
    /** Times that its core has trapped. */
    this.trapped = 0;
    /** Batches of it that were refused for one value. */
    this.refused = 0;
    /** @type {Map<string, number>} fencing tokens that it was given, by job */
    this.held = new Map();
    /** @type {Set<string>} `id/fence` of the dead letters that it was delivered */
    this.letters = new Set();
    /** @type {Set<string>} `id/fence` of the failures that it made pending */
    this.revived = new Set();
    /** @type {Set<string>} jobs of messages that were delivered before */
    this.repeated = new Set();
    /** Pulses of it that are under way. */
    this.pulses = 0;
    /** When the latest of its pulses was answered that took long. */
    this.waited = 0;
    /** @type {number[]} answers that each database gave it */
    this.heard = [];
    /** When it went on after its latest standstill, and the answers that it had had by then. */
    this.woke = { at: 0, heard: /** @type {number[]} */ ([]) };
    /** @type {Map<string, string> | undefined} nonces of all jobs when it read last */
    this.seen = undefined;
    /** @type {string[]} the messages that it was delivered, as JSON */
    this.messages = [];
    /** @type {Map<string, string>} nonces of the jobs that were in a batch with a value that the database refused */
    this.neighbours = new Map();
  }

  /** Its clock's distance from true time, ms. */
  get skew() {
    return this.host.skew;
  }

  /** A database has answered it. @param {number} shard */
  hear(shard) {
    this.heard[shard] = (this.heard[shard] ?? 0) + 1;
  }

  die() {
    if (this.dead) return;
    this.dead = true;
    this.onDeath?.();
  }

  /** One door more. @returns {boolean} whether it vanishes at this one */
  burn() {
    return this.fuse-- <= 0;
  }
}

/** What a vanished isolate waits for. */
export const never = () => new Promise(() => {});
