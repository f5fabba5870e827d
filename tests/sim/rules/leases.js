// Leases as they were granted, whatever the rows say of them later: who has one, until when, and who may change it.

import { shardOf } from '../database.js';

/** @typedef {import('../actor.js').Actor} Actor */
/** @typedef {{ fence: number, until: number, actor: Actor }} Lease */
/** @typedef {{ id: string, run: import('./runs.js').HandlerRun }} Begun */

/** A lease is lost this often before its job runs by itself. */
const LOSSES_ALONE = 2;
/** Answers of the database, and time awake, after which a worker has been told what it asks for with each pulse. */
const ANSWERS = 8;
const AWAKE_MS = 15000;
/** A clock may be set back while a handler's wish is on its way, ms. */
const CLOCK_STEP_MS = 11000;

export class Leases {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
    this.world = checker.world;
    /** @type {Map<string, Lease>} by job */
    this.granted = new Map();
    /** @type {Map<string, Actor['woke']>} when a lease was over, and its holder's answers until then, by `id/fence` */
    this.over = new Map();
    /** @type {WeakMap<Actor, Set<string>>} jobs that an actor has settled */
    this.settled = new WeakMap();
    /** @type {WeakMap<Actor, Begun[]>} handlers that an actor has begun */
    this.running = new WeakMap();
    /** @type {Map<string, number>} leases that a job had lost when it was leased, by `id/fence` */
    this.losses = new Map();
  }

  /** @param {Actor} actor @param {any} move */
  judge(actor, move) {
    const { id, was, is_now: now, was_fence: wasFence, fence, was_lease: wasLease, lease } = move;
    if (now === 'processing' && (was !== now || fence !== wasFence)) {
      this.losses.set(`${id}/${fence}`, move.losses);
      return this.grant(actor, id, fence, lease);
    }
    if (actor.kind !== 'consume' && was !== now) this.end(id, wasFence);
    const holds = actor.held.get(id) === fence;
    if (now === 'processing' && lease !== wasLease) this.renew(actor, id, lease, holds);
    if (actor.kind === 'consume' && was === now && now !== 'processing' && (lease ?? 0) > (wasLease ?? 0)) {
      this.checker.blame('overwritten', 'lease of what does not run', `${id} ${now} by ${actor.name}`);
    }
    if (actor.kind === 'consume' && !holds && lease === null && wasLease !== null && was === now) {
      this.checker.blame('overwritten', 'released by another', `${id} ${now} by ${actor.name}`);
    }
    if (actor.kind !== 'consume' || !holds) return;
    if (lease === null) this.granted.delete(id);
    if (was !== 'processing' || now === was) return;
    const settled = this.settled.get(actor) ?? new Set();
    this.settled.set(actor, settled.add(id));
    this.judgeWish(actor, move);
  }

  /** @param {Actor} actor @param {string} id @param {number} fence @param {number} until */
  grant(actor, id, fence, until) {
    const before = this.granted.get(id);
    const left = before ? before.until - before.actor.skewMax - this.world.timeline.now : 0;
    if (left > 0) {
      this.checker.blame('limitExceeded', 'two leases at once', `${id}, ${left} ms before the first is over`);
    }
    if (before) this.end(id, before.fence);
    this.granted.set(id, { fence, until, actor });
  }

  /** @param {Actor} actor @param {string} id @param {number} until @param {boolean} holds */
  renew(actor, id, until, holds) {
    const lease = this.granted.get(id);
    if (lease) lease.until = until;
    if (!holds) this.checker.blame('overwritten', 'renewed by another', `${id} by ${actor.name}`);
  }

  /** A lease has ended without its holder. @param {string} id @param {number} fence */
  end(id, fence) {
    const lease = this.granted.get(id);
    if (lease?.fence === fence && !this.over.has(`${id}/${fence}`)) {
      this.over.set(`${id}/${fence}`, { at: this.world.timeline.now, heard: [...lease.actor.heard] });
    }
  }

  /** When a handler wishes its job to be tried again. @param {Actor} actor @param {any} move */
  judgeWish(actor, { id, is_now: now, fence, run_at: runAt, code }) {
    const wish = this.checker.runs.get(id, fence)?.wish;
    if (wish === undefined || code !== 'later' || now === 'failed') return;
    const early = wish + actor.skew - CLOCK_STEP_MS - (runAt ?? 0);
    if (early > 0)
      this.checker.blame('limitExceeded', 'before its wish', `${id}/${fence}, ${early} ms early`);
  }

  /**
   * A handler starts: alone, where its job or one that runs beside it has lost two leases.
   * @param {Actor} actor @param {string} id @param {import('./runs.js').HandlerRun} run
   */
  judgeStart(actor, id, run) {
    const beside = (this.running.get(actor) ?? []).filter(
      ({ run: { ended, signal } }) => !ended && !signal?.aborted,
    );
    const together = [...beside, { id, run }];
    // Where the answer that brought it was late, its worker has had no time to hear of more.
    const over = this.over.get(`${id}/${actor.held.get(id)}`);
    if (over) Object.assign(over, { at: this.world.timeline.now, heard: [...actor.heard] });
    this.running.set(actor, together);
    if (beside.length === 0) return;
    for (const { id: job } of together) {
      if (Number(this.losses.get(`${job}/${actor.held.get(job)}`)) < LOSSES_ALONE) continue;
      this.checker.blame('limitExceeded', 'not alone', `${job}, with ${beside.length} others`);
    }
  }

  /**
   * A pulse is committed; whom it found without his lease is stopped as soon as it is answered.
   * @param {Actor} actor @param {string} runs that it tells of: [id, fencing token, …] each
   * @returns {() => void} to be called with the answer
   */
  judgePulse(actor, runs) {
    const names = JSON.parse(runs).map((/** @type {[string, number]} */ [id, fence]) => `${id}/${fence}`);
    const lost = names.filter((/** @type {string} */ name) => this.over.has(name));
    const { trapped } = actor;
    const judge = () => {
      if (actor.dead || actor.trapped > trapped) return;
      for (const name of lost) {
        const run = this.checker.runs.all.get(name);
        if (!run || run.ended || run.signal?.aborted) continue;
        this.checker.blame('overwritten', 'not stopped', `${name}, although ${actor.name} was told`);
      }
    };
    return () => lost.length > 0 && this.world.timeline.after(1, judge);
  }

  /**
   * A handler has come to its end: not long after its lease has, for it is stopped then.
   * @param {Actor} actor @param {string} id @param {number | undefined} fence @param {boolean} stopped
   */
  judgeEnd(actor, id, fence, stopped) {
    const then = this.over.get(`${id}/${fence}`);
    if (stopped || then === undefined) return;
    // Pulses go one after the other, and an answer may be minutes late.
    if (actor.pulses > 0) return;
    const awake = this.world.timeline.now - Math.max(then.at, actor.woke.at, actor.waited);
    const shard = shardOf(id);
    const [now = 0, ...before] = [actor, then, actor.woke].map(({ heard }) => heard[shard] ?? 0);
    if (awake < AWAKE_MS || now - Math.max(...before) < ANSWERS) return;
    this.checker.blame('overwritten', 'not stopped', `${id}/${fence}, whose lease was over long before`);
  }
}
