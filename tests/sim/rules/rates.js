// Rates: nobody is leased long before his turn, a worker starts each job at its own, by its own clock, and those at
// which jobs started are as far apart as their gate says.

/** @typedef {import('../actor.js').Actor} Actor */

/** Who is leased has his turn within so long; those who kept a lease of theirs may come on top of it, ms. */
const AHEAD_MS = 60000;
/** A handler starts so long after its turn at the most, ms. */
const LATE_MS = 1000;

const JOB = 'SELECT type, queue, tenant, concurrency_key, gates, started_at FROM jobs WHERE id = ?';

export class Rates {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
    this.world = checker.world;
    /** @type {Map<string, { key: string, spacing: number, turn: number }>} by `id/fence` */
    this.turns = new Map();
    /** @type {Map<string, number[]>} turns at which jobs started, by gate */
    this.started = new Map();
  }

  /**
   * The gate at which a job has its turn, and ms from one turn to the next.
   * @param {import('../versions.js').Version} version @param {any} job
   * @returns {{ key: string, spacing: number } | undefined}
   */
  pace({ types, vars }, job) {
    const rate = types.find(({ type }) => type === job.type)?.rate;
    if (rate) {
      const key = rate.by === 'tenant' ? `r:${job.queue}:${job.tenant ?? ''}` : `q:${job.queue}`;
      return { key, spacing: Math.ceil(rate.perMs / rate.count) };
    }
    const host = JSON.parse(job.gates ?? '[]').find((/** @type {string} */ key) => key.startsWith('h:'));
    const spacing = Number(vars.HOST_DELAY_MS);
    return host && spacing > 0 ? { key: host, spacing } : undefined;
  }

  /** What was leased, turn by turn. @param {Actor} actor @param {any[]} moves */
  observe(actor, moves) {
    const leased = moves.filter((move) => move.is_now === 'processing' && move.fence !== move.was_fence);
    leased.sort((a, b) => (a.run_at ?? 0) - (b.run_at ?? 0));
    for (const move of leased) this.judgeLease(actor, move);
  }

  /** @param {Actor} actor @param {any} move */
  judgeLease(actor, { id, fence, run_at: turn }) {
    const [job] = this.world.database.all(JOB, id);
    const pace = this.pace(actor.host.version, job);
    if (!pace) return;
    if ((turn ?? 0) < job.started_at)
      this.blame('too fast', `${id} has no turn at ${pace.key} by ${actor.name}`);
    // A claim that was committed late was told an older time.
    const now = Math.max(job.started_at, this.world.timeline.now + actor.host.skew);
    if (turn - now > AHEAD_MS) this.blame('leased too far ahead', `${id} at ${pace.key}`);
    this.turns.set(`${id}/${fence}`, { ...pace, turn });
  }

  /** A handler starts. @param {Actor} actor @param {string} id */
  judgeStart(actor, id) {
    const lease = this.turns.get(`${id}/${actor.held.get(id)}`);
    if (lease === undefined) return;
    const { key, spacing, turn } = lease;
    const started = this.started.get(key) ?? [];
    this.started.set(key, started);
    const near = started.find((other) => Math.abs(other - turn) < spacing);
    if (near !== undefined) this.blame('too fast', `${id}, ${turn - near} ms behind another at ${key}`);
    started.push(turn);
    const late = this.world.timeline.now + actor.host.skew - turn;
    if (late < 0) this.blame('before its turn', `${id}, ${-late} ms, by ${actor.name}`);
    if (late > LATE_MS) this.blame('after its turn', `${id}, ${late} ms, by ${actor.name}`);
  }

  /** @param {string} rule @param {string} words */
  blame(rule, words) {
    this.checker.blame('limitExceeded', rule, words);
  }
}
