// What has been final for long enough leaves the record, whole and counted; nothing else does, and nothing stays.
import { FINAL } from '../checker.js';

/** @typedef {import('../actor.js').Actor} Actor */

const DAY_MS = 86400_000;
/** A job may stay so long after its time: its dead letter may have been due to be sent again, and the sweep is late. */
const LATE_MS = 20 * 60000;

/**
 * Jobs on which none depends, with the time until which each is kept: ?1 for what completed, ?2 for what failed or was
 * cancelled.
 */
const KEPT = `
SELECT jobs.id, max(
  completed_at + CASE WHEN status = 'completed' THEN ?1 ELSE ?2 END,
  coalesce((SELECT u.expires_at FROM unique_keys AS u WHERE u.key = jobs.unique_key AND u.job_id = jobs.id), 0)
) AS until FROM jobs WHERE completed_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM dependencies AS d WHERE d.parent_id = jobs.id)`;

/** What is to be pruned although it is not final. */
const EARLY = 'SELECT id, status FROM jobs WHERE prune_at IS NOT NULL AND completed_at IS NULL';

/** @param {Record<string, string>} vars @returns {[number, number]} ms: what completed, and what failed */
function retention({ RETENTION_COMPLETED_DAYS: completed, RETENTION_FAILED_DAYS: failed }) {
  return [Number(completed) * DAY_MS, Number(failed) * DAY_MS];
}

export class Retention {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
    this.world = checker.world;
    /** @type {Set<string>} jobs that are not kept any more */
    this.jobs = new Set();
    /** @type {Set<string>} and their unique keys */
    this.keys = new Set();
    /** @type {Set<string>} dead letters that were no jobs, and are not kept any more */
    this.letters = new Set();
  }

  /** Every version of a world has the same. */
  get times() {
    return retention(this.world.fleet.versions[0].vars);
  }

  /** How long everything is gone after it became final, where worlds live long enough to see that; else 0. */
  get rest() {
    const longest = Math.max(...this.times);
    return longest < DAY_MS ? longest + LATE_MS : 0;
  }

  /** @param {Actor} actor @param {any[]} deaths @param {any[]} keys @param {any[]} letters that were no jobs */
  judge(actor, deaths, keys, letters) {
    const now = this.world.timeline.now + actor.skewMax;
    for (const death of deaths) this.judgeDeath(actor, death, now);
    for (const key of keys) this.judgeKey(key, now);
    for (const { id, failed_at: failedAt } of letters) {
      this.letters.add(id);
      const early = failedAt + this.times[1] - now;
      if (early > 0) this.checker.blame('lost', 'pruned early', `${id}, by ${early} ms`);
    }
    if (deaths.length === 0) return;
    this.checker.bodies.judgeOwners();
    this.judgeKeysLeft();
  }

  /** @param {Actor} actor @param {any} death @param {number} now by its clock at most */
  judgeDeath(actor, { id, status, fence, unique_key: key, completed_at: at }, now) {
    this.world.note(actor.name, `prunes ${id} ${status}`);
    this.jobs.add(id);
    if (key) this.keys.add(key);
    if (!FINAL.includes(status))
      return this.checker.blame('lost', 'pruned before its end', `${id} ${status}`);
    const [completed, failed] = this.times;
    const early = at + (status === 'completed' ? completed : failed) - now;
    if (early > 0) this.checker.blame('lost', 'pruned early', `${id} ${status}, by ${early} ms`);
    if (
      status === 'failed' &&
      !this.checker.deliveries.buried.has(`${id}/${fence}`) &&
      !this.checker.redrives.discarded.has(`${id}/${fence}`)
    ) {
      this.checker.blame('lost', 'pruned before its burial', `${id}/${fence}`);
    }
  }

  /** @param {any} key that was forgotten @param {number} now */
  judgeKey({ key, job_id: id, expires_at: until }, now) {
    const [kept] = this.checker.world.database.all('SELECT 1 FROM jobs WHERE id = ?', id);
    if (kept) this.checker.blame('lost', 'key of a job that is kept', `${key} of ${id}`);
    else if (until > now) this.checker.blame('lost', 'key forgotten in its window', `${key} of ${id}`);
  }

  judgeKeysLeft() {
    for (const { key, job_id: id } of this.world.database.all('SELECT key, job_id FROM unique_keys')) {
      if (this.jobs.has(id)) this.checker.blame('overwritten', 'key of no job', `${key} of ${id}`);
    }
  }

  scan() {
    for (const { id, status } of this.world.database.all(EARLY)) {
      this.checker.blame('overwritten', 'to be pruned before its end', `${id} ${status}`);
    }
  }

  /** @returns {number | undefined} when the next job's time has passed */
  next() {
    if (this.rest === 0) return undefined;
    const rows = this.world.database.all(`SELECT min(until) AS next FROM (${KEPT})`, ...this.times);
    const times = rows.flatMap(({ next }) => next ?? []);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** What has had its time is gone. */
  conclude() {
    this.judgeKeysLeft();
    const now = this.world.timeline.now - LATE_MS;
    for (const { id, until } of this.world.database.all(KEPT, ...this.times)) {
      if (until < now) this.checker.blame('stuck', 'kept too long', `${id}, by ${now - until} ms`);
    }
  }
}
