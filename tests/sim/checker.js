// Judges a world, in the manner of Jepsen's total-queue: every commit as it happens, and what is left at the end.
import { total } from './database.js';
import { Admissions } from './rules/admissions.js';
import { Alerts } from './rules/alerts.js';
import { Bodies } from './rules/bodies.js';
import { Deliveries } from './rules/deliveries.js';
import { Dependencies } from './rules/dependencies.js';
import { Leases } from './rules/leases.js';
import { Limits } from './rules/limits.js';
import { Locks } from './rules/locks.js';
import { Messages } from './rules/messages.js';
import { Polls } from './rules/polls.js';
import { Rates } from './rules/rates.js';
import { Reach } from './rules/reach.js';
import { ASTRAY, DRIFT, FINISHED, LETTER_DRIFT, LETTERS, UNWATCHED } from './rules/record.js';
import { Redrives } from './rules/redrives.js';
import { Retention } from './rules/retention.js';
import { Runs } from './rules/runs.js';
import { Schedules } from './rules/schedules.js';
import { Transitions } from './rules/transitions.js';

export const FINAL = ['completed', 'failed', 'cancelled'];

/** These read in one batch and write in a later one. */
const READ_FIRST = ['sweep', 'cancel', 'retry', 'discard'];

/** Commits from one look at the whole record to the next: it costs more than the commits. */
const SCAN_EVERY = 5;

/** @typedef {'lost' | 'duplicated' | 'overwritten' | 'limitExceeded' | 'counterDrift' | 'stuck'} Verdict */
/** @typedef {import('./actor.js').Actor} Actor */

export class Checker {
  /** @param {import('./world.js').World} world */
  constructor(world) {
    this.world = world;
    this.commits = 0;
    /** @type {Record<Verdict, number>} */
    this.found = { lost: 0, duplicated: 0, overwritten: 0, limitExceeded: 0, counterDrift: 0, stuck: 0 };
    /** @type {Set<string>} what was wrong, in words, each once */
    this.faults = new Set();
    this.admissions = new Admissions(this);
    this.runs = new Runs(this);
    this.transitions = new Transitions(this);
    this.deliveries = new Deliveries(this);
    this.leases = new Leases(this);
    this.limits = new Limits(this);
    this.rates = new Rates(this);
    this.reach = new Reach(this);
    this.messages = new Messages(this);
    this.alerts = new Alerts(this);
    this.polls = new Polls(this);
    this.bodies = new Bodies(this);
    this.retention = new Retention(this);
    this.dependencies = new Dependencies(this);
    this.locks = new Locks(this);
    this.redrives = new Redrives(this);
    this.schedules = new Schedules(this);
  }

  /** @param {Verdict} verdict @param {string} rule @param {string} words */
  blame(verdict, rule, words) {
    if (this.faults.has(`${rule}: ${words}`)) return;
    this.faults.add(`${rule}: ${words}`);
    this.found[verdict]++;
    this.world.note('CHECKER', `${verdict}, ${rule}: ${words}`);
    this.world.told = true;
  }

  /** Looks at what an actor's batch has changed. @param {Actor} actor @param {number} shard of the batch */
  observe(actor, shard) {
    const { database } = this.world;
    const births = database.take('births');
    if (births.length > 0) this.admissions.judgeBirths(actor, births);
    this.schedules.observe(actor, births);
    const deaths = database.take('deaths');
    const discarded = this.redrives.judgeLetters(actor, database.take('discarded'));
    this.retention.judge(actor, deaths, database.take('forgotten'), discarded);
    const moves = database.take('moves');
    this.redrives.observe(actor, moves);
    this.messages.observe(births, moves);
    this.limits.observe(actor, births, database.take('lines'));
    this.dependencies.observe(births, moves, deaths);
    for (const move of moves) {
      this.leases.judge(actor, move);
      this.transitions.judge(actor, move);
    }
    this.rates.observe(actor, moves);
    this.polls.judge(actor, moves);
    this.reach.observe(actor, moves);
    const burials = database.take('burials');
    for (const burial of burials) this.deliveries.judgeBurial(actor, burial);
    this.alerts.observe(actor, burials);
    this.bodies.judgeCheckpoints(actor, database.take('checkpoints'));
    this.locks.observe(actor, database.take('lockings'));
    for (const { rule, id } of database.take('breaches')) this.blame('overwritten', rule, id);
    if (actor.kind === 'sweep' || actor.kind === 'bury') this.scanWatch();
    if (moves.length + births.length + deaths.length > 0 && this.commits++ % SCAN_EVERY === 0) this.scan();
    if (moves.length === 0 && READ_FIRST.includes(actor.kind)) {
      actor.seen ??= new Map();
      for (const { id, op } of database.part(shard).all('SELECT id, op FROM jobs')) actor.seen.set(id, op);
    }
  }

  scanWatch() {
    const rows = this.world.database.all(UNWATCHED);
    for (const { id, status } of rows) this.blame('stuck', 'unwatched', `${id} ${status}`);
    for (const { id, status } of this.world.database.all(FINISHED)) {
      this.blame('stuck', 'watched after its end', `${id} ${status}`);
    }
  }

  /** What holds after every commit. */
  scan() {
    const { database } = this.world;
    this.scanWatch();
    for (const row of database.all(DRIFT)) this.blame('counterDrift', 'counters', `${row.queue}/${row.type}`);
    for (const { what, id } of database.all(ASTRAY)) this.blame('stuck', what, id);
    for (const { name } of database.all(LETTER_DRIFT))
      this.blame('counterDrift', 'counts of dead letters', name);
    for (const { what, id } of database.all(LETTERS)) this.blame('lost', what, id);
    this.admissions.judgeSum();
    this.dependencies.scan();
    this.retention.scan();
    this.limits.scan();
  }

  /** @returns {boolean} whether nothing is left to do */
  quiet() {
    const { alive, database, queues, timeline, schedulesUntil } = this.world;
    if (timeline.now < schedulesUntil) return false;
    if (alive.size > 0 || queues.some((queue) => queue.waiting.length > 0 || queue.active > 0)) return false;
    const left = database.all(`SELECT count(*) AS n FROM jobs WHERE completed_at IS NULL
      OR (status = 'failed' AND wake_at IS NOT NULL)
      OR EXISTS (SELECT 1 FROM dependencies AS d WHERE d.parent_id = jobs.id AND d.open = 1)`);
    return total(left, 'n') === 0;
  }

  /** What must hold when the faults are over and the system has had its time. */
  conclude() {
    const { database, queues } = this.world;
    this.scan();
    const rows = new Map(database.all('SELECT id, status FROM jobs').map((row) => [row.id, row.status]));
    this.admissions.conclude(rows);
    for (const [id, status] of rows) {
      if (!FINAL.includes(status)) this.blame('stuck', 'not final', `${id} ${status}`);
    }
    for (const { settings, waiting } of queues) {
      if (waiting.length > 0) this.blame('stuck', 'queue', `${settings.queue} holds ${waiting.length}`);
    }
    this.runs.conclude();
    this.deliveries.conclude();
    this.bodies.judgeOwners();
    this.retention.conclude();
    this.dependencies.conclude();
  }
}
