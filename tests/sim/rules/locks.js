// Locks: what one handler has, no other gets before the time for which it was taken is over, or it was given back.

/** @typedef {import('../actor.js').Actor} Actor */
/** @typedef {{ value: string, until: number, actor: Actor }} Owner */

export class Locks {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
    /** @type {Map<string, Owner>} takings as they were committed, by value */
    this.taken = new Map();
    /** @type {Map<string, Owner[]>} handlers that know of their lock and have not given it back, by key */
    this.owners = new Map();
  }

  /** @param {Actor} actor @param {{ value: string, expires_at: number }[]} lockings */
  observe(actor, lockings) {
    for (const { value, expires_at: until } of lockings) this.taken.set(value, { value, until, actor });
  }

  /** A handler hears that it has a lock. @param {string} key @param {string} value */
  own(key, value) {
    const { now } = this.checker.world.timeline;
    const mine = this.taken.get(value);
    const open = (this.owners.get(key) ?? []).filter(({ actor, until }) => until - actor.skewMax > now);
    if (!mine) return this.checker.blame('overwritten', 'lock of nobody', `${key} ${value}`);
    for (const other of open) {
      const left = other.until - other.actor.skewMax - now;
      this.checker.blame(
        'limitExceeded',
        'two owners of one lock',
        `${key}, ${left} ms before the time of ${other.actor.name} is over`,
      );
    }
    this.owners.set(key, [...open, mine]);
  }

  /** A handler is about to give it back. @param {string} key @param {string} value */
  disown(key, value) {
    const open = (this.owners.get(key) ?? []).filter((owner) => owner.value !== value);
    this.owners.set(key, open);
  }
}
