// Jobs that depend on others: none starts before those have come to their end, none is cancelled that proceeds, and
// none waits for nothing.
import { FINAL } from '../checker.js';

/** @typedef {{ parents: string[], proceeds: boolean, ended: Set<string> }} Child */

/** Jobs that wait although nobody will tell them. */
const FORGOTTEN = `
SELECT c.id FROM jobs AS c
WHERE c.status = 'blocked' AND c.wake_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM json_each(c.depends_on) AS e
  JOIN dependencies AS d ON d.parent_id = e.value AND d.child_id = c.id AND d.open = 1
  JOIN jobs AS p ON p.id = e.value AND (p.completed_at IS NULL OR p.wake_at IS NOT NULL)
)`;

/** Dependencies of which no account was taken. */
const OPEN = `
SELECT d.child_id AS id, p.id AS parent FROM dependencies AS d JOIN jobs AS p ON p.id = d.parent_id
WHERE d.open = 1 AND p.completed_at IS NOT NULL`;

/** Dependencies of jobs, or on jobs, that are not kept. */
const ORPHANS = `
SELECT parent_id AS parent, child_id AS id FROM dependencies
WHERE parent_id NOT IN (SELECT id FROM jobs) OR child_id NOT IN (SELECT id FROM jobs)`;

export class Dependencies {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
    this.world = checker.world;
    /** @type {Map<string, Child>} jobs that depend on others */
    this.children = new Map();
    /** @type {Map<string, string[]>} who depends on a job */
    this.byParent = new Map();
    /** @type {Map<string, string>} what each job is now */
    this.status = new Map();
    /** @type {Set<string>} ids that no job ever has */
    this.invented = new Set();
  }

  /** An id that is no job's. */
  invent() {
    const id = `01900000-0000-7000-8000-${String(this.world.next()).padStart(12, '0')}`;
    this.invented.add(id);
    return id;
  }

  /** Whether what a request depends on is not all there. @param {Record<string, any>} job */
  isUnknown({ dependsOn = [] }) {
    const { jobs: pruned } = this.checker.retention;
    return dependsOn.some((/** @type {string} */ id) => this.invented.has(id) || pruned.has(id));
  }

  /** @param {any[]} births @param {any[]} moves @param {any[]} deaths */
  observe(births, moves, deaths) {
    for (const birth of births) this.bear(birth);
    for (const { id, was, is_now: now } of moves) {
      this.status.set(id, now);
      if (was === now || !FINAL.includes(now)) continue;
      for (const child of this.byParent.get(id) ?? []) this.children.get(child)?.ended.add(id);
    }
    for (const { id } of deaths) this.bury(id);
  }

  /** @param {any} birth */
  bear({ id, status, depends_on: list, on_failure: policy }) {
    this.status.set(id, status);
    if (!list) return;
    /** @type {string[]} */
    const parents = JSON.parse(list);
    const ended = parents.filter((parent) => FINAL.includes(this.status.get(parent) ?? ''));
    this.children.set(id, { parents, proceeds: policy === 'proceed', ended: new Set(ended) });
    for (const parent of parents) {
      this.byParent.set(parent, [...(this.byParent.get(parent) ?? []), id]);
      if (!this.status.has(parent))
        this.checker.blame('overwritten', 'depends on no job', `${id}: ${parent}`);
    }
  }

  /** A job is removed. @param {string} id */
  bury(id) {
    this.status.delete(id);
    for (const child of this.byParent.get(id) ?? []) {
      if (!this.status.has(child)) continue;
      this.checker.blame('lost', 'pruned before what depends on it', `${id}, of ${child}`);
    }
  }

  /**
   * A job that waited does so no longer.
   * @param {any} move @returns {boolean} whether that was decided with another job, not by an operator
   */
  judge({ id, was, is_now: now, code }) {
    const child = this.children.get(id);
    if (was !== 'blocked' || was === now || !child) return false;
    if (now !== 'cancelled') {
      this.judgeReady(id, child);
      return true;
    }
    if (code !== 'dependency_failed') return false;
    return !child.proceeds && child.parents.some((parent) => this.isBad(parent));
  }

  /** @param {string} id @param {Child} child */
  judgeReady(id, { parents, proceeds, ended }) {
    for (const parent of parents) {
      const over = proceeds ? ended.has(parent) : this.status.get(parent) === 'completed';
      if (!over) {
        this.checker.blame(
          'overwritten',
          'before its parents',
          `${id}, and ${parent} is ${this.status.get(parent)}`,
        );
      }
    }
  }

  /** @param {string} id */
  isBad(id) {
    const status = this.status.get(id);
    return status === 'failed' || status === 'cancelled';
  }

  /** A handler starts. @param {string} id @param {any[]} given what its job depends on, as it is told */
  judgeStart(id, given) {
    const { parents = [] } = this.children.get(id) ?? {};
    const names = given.map(({ jobId }) => jobId);
    if (JSON.stringify(names) !== JSON.stringify(parents)) {
      this.checker.blame('lost', 'parents', `${id} is given ${names}`);
    }
    for (const { jobId, status, result } of given) {
      const [row] = this.world.database.all('SELECT fence FROM jobs WHERE id = ?', jobId);
      const { text } = this.checker.runs.get(jobId, row?.fence) ?? {};
      if (
        status === 'completed' &&
        text !== undefined &&
        JSON.stringify(result) !== JSON.stringify(JSON.parse(text))
      ) {
        this.checker.blame('lost', 'parents', `${id} is not given what ${jobId} returned`);
      }
    }
  }

  scan() {
    const { database } = this.world;
    for (const { id } of database.all(FORGOTTEN)) this.checker.blame('stuck', 'waits for nothing', id);
    for (const { id, parent } of database.all(ORPHANS)) {
      this.checker.blame('overwritten', 'dependency of no job', `${id} on ${parent}`);
    }
  }

  conclude() {
    for (const { id, parent } of this.world.database.all(OPEN)) {
      this.checker.blame('stuck', 'dependency left open', `${id} on ${parent}`);
    }
  }
}
