// Which changes of a job's state are right, and who may make them.
import { FINAL } from '../checker.js';

/** @typedef {import('../actor.js').Actor} Actor */

/** The lease that a job loses at last. */
const LOSSES_MAX = 3;
/** From so many on only the loss of a lease under which the handler had begun counts. */
const LOSSES_ALONE = 2;
/** Failures that no handler causes: there is none, or nothing to give to it. */
const UNSTARTED = ['unknown_type', 'payload_missing'];

/** Whether two rows of the witness differ in nothing but their last member. @param {string} a @param {string} b */
function sameButHistory(a, b) {
  const [one, other] = [a, b].map((text) => JSON.stringify(JSON.parse(text).slice(0, -1)));
  return one === other;
}

export class Transitions {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
    this.world = checker.world;
    /** @type {Map<string, number>} times that a job became completed */
    this.completions = new Map();
    /** @type {Map<string, Actor>} a job's latest holder, by whose clock its lease is over */
    this.holders = new Map();
    /** @type {Set<string>} leases under which a job was told to begin, as `id/fence` */
    this.begun = new Set();
    /** @type {Map<string, (actor: Actor) => void>} told once when a job is leased next */
    this.awaiting = new Map();
  }

  /** @param {Actor} actor @param {any} move */
  judge(actor, move) {
    const { id, was, is_now: now, was_fence: wasFence, fence } = move;
    actor.neighbours.delete(id);
    if (was !== now || wasFence !== fence) {
      this.world.note(actor.name, `moves ${id} from ${was}/${wasFence} to ${now}/${fence}`);
    }
    if (now === 'delayed' && this.world.faults.on) this.world.expectBy(move.run_at);
    if (now === 'completed' && was !== now) this.judgeCompletion(id, wasFence);
    if (fence < wasFence) this.overwritten('fencing token fell', `${id} ${wasFence} to ${fence}`);
    if (now === 'processing' && (was !== now || fence !== wasFence)) {
      this.checker.limits.judgeLease(actor, move);
      this.checker.reach.judgeLease(actor, move);
      return this.judgeLease(actor, move);
    }
    if (FINAL.includes(was)) this.judgeFinal(actor, move);
    if (was === 'processing') this.judgeEnd(actor, move);
    const decided = this.checker.dependencies.judge(move);
    if (now === 'cancelled' && was !== now && actor.kind !== 'cancel' && !decided) {
      this.overwritten('cancelled by no operator', `${id} by ${actor.name}`);
    }
    // Who moves in a line is chosen in the batch that lets him out.
    if (was === now && move.was_line !== move.line) return;
    const seen = actor.seen?.get(id);
    if (actor.seen && seen !== undefined && seen !== move.was_op && !decided) {
      this.overwritten('stale decision', `${actor.name} changed ${id}, which had changed since it was read`);
    }
  }

  /** @param {string} rule @param {string} words */
  overwritten(rule, words) {
    this.checker.blame('overwritten', rule, words);
  }

  /** @param {string} id @param {number} fence */
  judgeCompletion(id, fence) {
    const times = (this.completions.get(id) ?? 0) + 1;
    this.completions.set(id, times);
    if (times > 1) this.checker.blame('duplicated', 'completed again', `${id}, ${times} times`);
    if (this.checker.runs.get(id, fence)?.ended !== 'returned') {
      this.overwritten('completed without a return', `${id}: no handler returned under ${fence}`);
    }
  }

  /** How long a lease still holds by its holder's own clock, ms. @param {string} id @param {number} until */
  left(id, until) {
    return until - (this.holders.get(id)?.skew ?? 0) - this.world.timeline.now;
  }

  /** @param {Actor} actor @param {any} move */
  judgeLease(actor, { id, was, was_fence: wasFence, fence, was_lease: lease, was_run_at: runAt, ...move }) {
    if (was !== 'pending' && was !== 'delayed') {
      this.overwritten('lease of what was not waiting', `${id} was ${was}`);
    }
    if (fence !== wasFence + 1) this.overwritten('fencing token', `${id} ${wasFence} to ${fence}`);
    if (move.attempts !== move.was_attempts + 1) this.overwritten('attempt not counted', `${id}/${fence}`);
    if (lease !== null && this.left(id, lease) > 0) {
      const words = `${id}, ${this.left(id, lease)} ms before the first is over`;
      this.checker.blame('limitExceeded', 'two leases at once', words);
    }
    if (was === 'delayed' && this.world.timeline.now + actor.skewMax < runAt) {
      const words = `${id}, ${runAt - this.world.timeline.now} ms early`;
      this.checker.blame('limitExceeded', 'before its time', words);
    }
    this.checker.runs.lease(id, fence);
    this.holders.set(id, actor);
    actor.held.set(id, fence);
    const told = this.awaiting.get(id);
    this.awaiting.delete(id);
    told?.(actor);
  }

  /** @param {Actor} actor @param {any} move */
  judgeFinal(actor, { id, was, is_now: now, was_row: wasRow, row }) {
    const retried = was !== 'completed' && now === 'pending' && actor.kind === 'retry';
    const discarded = was === 'failed' && now === 'failed' && actor.kind === 'discard';
    if (discarded && sameButHistory(wasRow, row)) return;
    if (retried || (was === now && wasRow === row)) return;
    this.overwritten('final state', `${id} from ${was} to ${now} by ${actor.name}: ${wasRow} to ${row}`);
  }

  /** @param {Actor} actor @param {any} move */
  judgeEnd(actor, move) {
    const { id, is_now: now, was_fence: fence, was_lease: wasLease, lease } = move;
    if (actor.kind === 'consume' && actor.held.get(id) !== fence) {
      const held = actor.held.get(id);
      this.overwritten('settled after a later lease', `${id} by ${actor.name} with ${held}, not ${fence}`);
    }
    if (now === 'processing') {
      if (actor.kind === 'consume' && move.progress !== null) this.begun.add(`${id}/${fence}`);
      if (actor.kind !== 'consume' || lease >= wasLease) return;
      const words = `${id}/${fence}, by ${wasLease - lease} ms`;
      this.checker.blame('limitExceeded', 'lease cut short', words);
    } else if (actor.kind === 'sweep') {
      this.judgeLoss(move);
    } else if (actor.kind === 'consume') {
      this.judgeAttempt(move);
    }
  }

  /** The sweep takes a lease away. @param {any} move */
  judgeLoss({ id, is_now: now, was_fence: fence, was_lease: lease, was_losses: wasLosses, losses, ...move }) {
    const left = this.left(id, lease);
    if (left > 0) {
      this.checker.blame('limitExceeded', 'lease taken early', `${id}, ${left} ms before it is over`);
    }
    const started = this.checker.runs.get(id, fence) !== undefined;
    const forgiven = wasLosses >= LOSSES_ALONE && !started && losses === wasLosses;
    if ((losses !== wasLosses + 1 && !forgiven) || move.attempts !== move.was_attempts - 1) {
      this.overwritten('loss not counted', `${id}/${fence}`);
    }
    // A worker may vanish between the commit of what it tells the record and the handler's start.
    if (now === 'failed' && !started && !this.begun.has(`${id}/${fence}`)) {
      this.overwritten('poison without having begun', `${id}/${fence}`);
    }
    if ((now === 'failed') !== losses >= LOSSES_MAX) {
      this.overwritten('poison', `${id} is ${now} after ${losses} lost leases`);
    }
    const holder = this.holders.get(id);
    if (holder && !holder.dead && !holder.frozen && holder.struck + holder.refused === 0) {
      this.overwritten('lease lost for no reason', `${id}/${fence}, which ${holder.name} holds`);
    }
  }

  /** What an attempt costs, and what follows from how it ended. @param {any} move */
  judgeAttempt({ id, is_now: now, was_fence: fence, attempts, was_attempts: was, max_attempts: max, code }) {
    const run = this.checker.runs.get(id, fence);
    const unstarted = !run && !UNSTARTED.includes(code);
    const ended = code === 'timeout' ? 'threw' : run?.ended;
    const name = `${id}/${fence}`;
    if (attempts === was && unstarted) this.overwritten('attempt charged without a start', name);
    if (attempts === was && now !== 'completed' && ended === 'snoozed') {
      this.overwritten('attempt charged for a snooze', name);
    }
    const handedBack = run?.signal?.reason?.reason === 'stopping';
    if (attempts !== was && run && run.ended !== 'snoozed' && !handedBack)
      this.overwritten('attempt not charged', name);
    if (code === 'payload_missing') this.checker.blame('lost', 'payload', name);
    if (now === 'failed' && attempts < max && run && ended !== 'fatal' && ended !== 'returned') {
      this.overwritten('failed with attempts left', `${name}, ${attempts} of ${max}: ${code}`);
    }
    if (
      now !== 'failed' &&
      now !== 'completed' &&
      attempts === was &&
      (ended === 'fatal' || attempts >= max)
    ) {
      this.overwritten('tried again without attempts left', `${name}, ${attempts} of ${max}: ${code}`);
    }
  }
}
