// What must hold after a crash, besides what holds in every world.

/** @typedef {import('../actor.js').Actor} Actor */
/** @typedef {{ actor: Actor, jobs: number }} Request that is not answered: jobs that it brings */

/** Jobs that came to another end than they were to. */
const ENDS = `
SELECT jobs.id, jobs.status, p.ends FROM jobs, (
  SELECT j.id, coalesce(j.payload, b.body) ->> '$.ends' AS ends
  FROM jobs AS j LEFT JOIN bodies AS b ON b.job_id = j.id AND b.kind = 'payload'
) AS p WHERE p.id = jobs.id AND p.ends IS NOT NULL AND instr(p.ends, jobs.status) = 0`;

/** What is left of a job that is not there, and locks whose time is over. ?1: a time before which none may end. */
const REMAINS = `
SELECT 'key of no job' AS rule, key AS what FROM unique_keys WHERE job_id NOT IN (SELECT id FROM jobs)
UNION ALL
SELECT 'line of no gate', id || ' ' || held_by FROM jobs WHERE held_by IS NOT NULL
UNION ALL
SELECT 'place of nobody', key FROM gates WHERE used <> 0
UNION ALL
SELECT 'lock of nobody', key FROM locks WHERE expires_at < ?1`;

/** The sweep removes a lock so long after its time. */
const LOCK_MS = 3 * 60000;

export class Judge {
  /** @param {import('./world.js').CrashWorld} world */
  constructor(world) {
    this.world = world;
    /** @type {Set<Request>} requests under way */
    this.open = new Set();
    /** @type {Map<Actor, number>} jobs that each has inserted */
    this.born = new Map();
    /** @type {Map<string, Actor[]>} handlers that came to a good end, by job */
    this.returned = new Map();
    /** @type {Set<string>} jobs with which operators have to do: they may well be done again */
    this.operated = new Set();
    /** @type {Map<string, string>} what an operator was told that a job is */
    this.told = new Map();
    /** Jobs that came to their end. */
    this.ended = 0;
  }

  /** @param {Actor} actor @param {number} births */
  count(actor, births) {
    if (births > 0) this.born.set(actor, (this.born.get(actor) ?? 0) + births);
  }

  /** What nobody was told of is recorded whole, or not at all. */
  judgeRequests() {
    for (const { actor, jobs } of this.open) {
      const born = this.born.get(actor) ?? 0;
      if (born === 0 || born === jobs) continue;
      this.world.checker.blame('lost', 'half a request', `${born} of ${jobs} jobs by ${actor.name}`);
    }
  }

  /** A handler came to a good end. @param {string} id @param {Actor} actor */
  complete(id, actor) {
    this.returned.set(id, [...(this.returned.get(id) ?? []), actor]);
  }

  /**
   * Who has archived a dead letter tells of it next. When he is gone and the queue does not bring the letter again,
   * nobody does: the record says only that it is archived.
   */
  excuseAlerts() {
    const { buried, told } = this.world.checker.deliveries;
    for (const [name, failedAt] of buried) told.add(`${name.split('/')[0]}@${failedAt}`);
  }

  conclude() {
    const { checker, database, timeline } = this.world;
    for (const { id, status, ends } of database.all(ENDS))
      checker.blame('lost', 'another end', `${id} is ${status}, not ${ends}`);
    for (const { rule, what } of database.all(REMAINS, timeline.now - LOCK_MS))
      checker.blame('stuck', rule, what);
    for (const [id, status] of this.told) {
      const [job] = database.all('SELECT status FROM jobs WHERE id = ?', id);
      if (job && job.status !== status)
        checker.blame('overwritten', 'not what was answered', `${id} is ${job.status}, not ${status}`);
    }
    for (const [id, actors] of this.returned) {
      if (this.operated.has(id)) continue;
      if (actors.slice(0, -1).some((actor) => !actor.dead))
        checker.blame('duplicated', 'done again', `${id}, whose first worker had not vanished`);
    }
    const [{ n }] = database.all('SELECT count(*) AS n FROM jobs WHERE completed_at IS NOT NULL');
    this.ended = n + checker.retention.jobs.size;
  }
}
