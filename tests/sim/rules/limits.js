// Limits: how many leases there are at once, judged by the jobs' own words; pauses, and the order of lines.

/** @typedef {import('../actor.js').Actor} Actor */

/** Gates that count other places than there are leases, and jobs in a line that do not wait. */
const PLACES = `
SELECT 'gates' AS rule, key AS what FROM (
  SELECT key, used FROM gates
  UNION ALL
  SELECT o.value, -1 FROM jobs, json_each(jobs.gates) AS o WHERE jobs.lease_until IS NOT NULL
) GROUP BY key HAVING sum(used) <> 0
UNION ALL
SELECT 'held and not waiting', id || ' ' || status FROM jobs
WHERE held_by IS NOT NULL AND status NOT IN ('pending', 'delayed')`;

const LEASED = `
SELECT queue FROM jobs WHERE lease_until IS NOT NULL AND `;

/** The first who stands in a line before somebody. */
const AHEAD = `
SELECT id FROM jobs WHERE held_by = ?1 AND (created_at + priority * 600000, id) < (?2, ?3) LIMIT 1`;

/** @param {any} job @returns {string[]} keys of its gates, its queue's first */
function gatesOf({ queue, concurrency_key: key, tenant, gates }) {
  const own = [`q:${queue}`, ...(key ? [`c:${key}`] : []), ...(tenant ? [`t:${tenant}`] : [])];
  return [...new Set([...own, ...JSON.parse(gates ?? '[]')])];
}

export class Limits {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
    this.world = checker.world;
  }

  /** @param {string} queue @returns {number} the most leases at once that any version allows there */
  cap(queue) {
    const types = this.world.fleet.versions.flatMap((version) => version.types);
    const caps = types.filter((type) => type.queue === queue).map((type) => type.concurrency);
    return Math.max(...caps.map((cap) => cap ?? Number.POSITIVE_INFINITY));
  }

  /** A job was leased. @param {Actor} actor @param {any} move */
  judgeLease(actor, { id }) {
    const { database } = this.world;
    const [job] = database.all('SELECT id, queue, tenant, concurrency_key FROM jobs WHERE id = ?', id);
    const [{ paused } = { paused: 0 }] = database
      .of(id)
      .all('SELECT paused FROM gates WHERE key = ?', `q:${job.queue}`);
    if (paused) this.checker.blame('limitExceeded', 'started while paused', `${id} by ${actor.name}`);
    const { TENANT_CONCURRENCY: tenants } = actor.host.version.vars;
    for (const [column, cap] of /** @type {[string, number][]} */ ([
      ['queue', this.cap(job.queue)],
      ['concurrency_key', 1],
      ['tenant', Number(tenants)],
    ])) {
      if (job[column] === null || !Number.isFinite(cap)) continue;
      // On whichever shards they are: a key is its judge's.
      const n = database
        .all(`${LEASED} ${column} = ?`, job[column])
        .filter(({ queue }) => this.world.judgeOf(queue) === this.world.judgeOf(job.queue)).length;
      if (n <= cap) continue;
      const words = `${n} of ${column} ${job[column]} by ${actor.name}`;
      this.checker.blame('limitExceeded', 'too many at once', words);
    }
  }

  /**
   * Who comes, and who goes into lines and out of them.
   * @param {Actor} actor @param {any[]} births @param {any[]} lines
   */
  observe(actor, births, lines) {
    const now = new Set(births.map(({ id }) => id));
    for (const { id, is_now: line } of lines) {
      if (line !== null) now.add(id);
      this.world.note(
        actor.name,
        line === null ? `lets ${id} out of its line` : `puts ${id} in line ${line}`,
      );
    }
    for (const { id, was, is_now: line, status, rank } of lines) {
      const leaves = line === null || line.startsWith('p:');
      if (!leaves || was === null || was.startsWith('p:') || status === 'cancelled') continue;
      const before = this.world.database
        .of(id)
        .all(AHEAD, was, rank, id)
        .find((other) => !now.has(other.id));
      if (before) this.checker.blame('overwritten', 'out of turn', `${id} before ${before.id} in ${was}`);
    }
    for (const birth of births)
      if (birth.status === 'pending' && birth.held_by === null) this.judgeBirth(birth, now);
  }

  /** @param {any} birth @param {Set<string>} now who came, or joined a line, in the same batch */
  judgeBirth(birth, now) {
    for (const key of gatesOf(birth)) {
      const waiting = this.world.database.of(birth.id).all('SELECT id FROM jobs WHERE held_by = ?', key);
      const before = waiting.find(({ id }) => !now.has(id));
      if (before)
        this.checker.blame('overwritten', 'overtakes', `${birth.id} overtakes ${before.id} in ${key}`);
    }
  }

  scan() {
    for (const { rule, what } of this.world.database.all(PLACES))
      this.checker.blame('counterDrift', rule, what);
  }
}
