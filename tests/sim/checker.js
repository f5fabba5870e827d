// Judges a world, in the manner of Jepsen's total-queue: every commit as it happens, and what is left at the end.

const FINAL = ['completed', 'failed', 'cancelled'];
const STATES = ['pending', 'delayed', 'blocked', 'processing', ...FINAL];

/** Commits from one look at the whole record to the next: it costs more than the commits. */
const SCAN_EVERY = 4;

const DRIFT = `
SELECT queue, type, ${STATES.map((state) => `sum(${state}) AS ${state}`).join(', ')}, sum(attempts) AS attempts FROM (
  SELECT queue, type, ${STATES.join(', ')}, attempts FROM counters
  UNION ALL
  SELECT queue, type, ${STATES.map((state) => `-(status = '${state}')`).join(', ')}, -attempts FROM jobs
) GROUP BY queue, type
HAVING ${STATES.map((state) => `sum(${state}) <> 0`).join(' OR ')} OR sum(attempts) <> 0`;

const UNWATCHED = `
SELECT id, status FROM jobs
WHERE status IN ('pending', 'delayed', 'blocked', 'processing') AND wake_at IS NULL
  AND id <= (SELECT watermark FROM sweep)
UNION ALL
SELECT id, status FROM jobs
WHERE status = 'failed' AND wake_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM dead_letters AS d WHERE d.id = jobs.id AND d.buried_at IS NOT NULL
    AND d.fence = jobs.fence)`;

const LETTERS = `
SELECT 'a failed job without a dead letter' AS what, id FROM jobs
WHERE status = 'failed' AND NOT EXISTS (SELECT 1 FROM dead_letters AS d WHERE d.id = jobs.id AND d.fence = jobs.fence)
UNION ALL
SELECT 'a dead letter of a job that is not failed', id FROM dead_letters
WHERE job_id IS NOT NULL AND job_id NOT IN (SELECT id FROM jobs WHERE status = 'failed')
UNION ALL
SELECT 'more attempts than allowed', id FROM jobs WHERE attempts > max_attempts`;

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
    /** @type {Map<string, string | undefined>} acknowledged jobs and their unique keys */
    this.acknowledged = new Map();
    /** @type {Map<string, string>} */
    this.keys = new Map();
    /** @type {Map<string, number>} times that a job became completed */
    this.completions = new Map();
    /** @type {Set<string>} `id/fence` of the runs whose handler returned */
    this.returned = new Set();
    /** @type {Map<string, Actor>} a job's latest holder, by whose clock its lease is over */
    this.holders = new Map();
  }

  /** @param {Verdict} verdict @param {string} rule @param {string} words */
  blame(verdict, rule, words) {
    if (this.faults.has(`${rule}: ${words}`)) return;
    this.faults.add(`${rule}: ${words}`);
    this.found[verdict]++;
    this.world.note('CHECKER', `${verdict}, ${rule}: ${words}`);
    this.world.told = true;
  }

  /** @param {string} id @param {string} [key] */
  acknowledge(id, key) {
    this.acknowledged.set(id, key);
    if (key === undefined) return;
    const first = this.keys.get(key) ?? id;
    this.keys.set(key, first);
    if (first !== id) this.blame('duplicated', 'unique key', `${key} led to ${first} and ${id}`);
  }

  /** Looks at what an actor's batch has changed. @param {Actor} actor */
  observe(actor) {
    const { database } = this.world;
    const births = database.take('births');
    for (const { id, status } of births) this.world.note(actor.name, `inserts ${id} ${status}`);
    const moves = database.take('moves');
    for (const move of moves) this.judge(actor, move);
    for (const { id, fence } of database.take('burials')) this.judgeBurial(actor, id, fence);
    if (actor.kind === 'sweep' || actor.kind === 'bury') this.scanWatch();
    if (moves.length + births.length > 0 && this.commits++ % SCAN_EVERY === 0) this.scan();
    // These read in one batch and write in a later one.
    if (moves.length === 0 && (actor.kind === 'sweep' || actor.kind === 'cancel' || actor.kind === 'retry')) {
      actor.seen = new Map(database.all('SELECT id, op FROM jobs').map(({ id, op }) => [id, op]));
    }
  }

  /** @param {Actor} actor @param {any} move */
  judge(actor, move) {
    const { id, was, is_now: now, was_fence: wasFence, fence } = move;
    if (was !== now || wasFence !== fence) {
      this.world.note(actor.name, `moves ${id} from ${was}/${wasFence} to ${now}/${fence}`);
    }
    if (now === 'completed' && was !== now) this.judgeCompletion(id, wasFence);
    if (fence < wasFence) this.blame('overwritten', 'fencing token fell', `${id} ${wasFence} to ${fence}`);
    if (now === 'processing' && (was !== now || fence !== wasFence)) return this.judgeLease(actor, move);
    if (FINAL.includes(was)) this.judgeFinal(actor, move);
    if (was === 'processing') this.judgeEnd(actor, move);
    if (now === 'cancelled' && was !== now && actor.kind !== 'cancel') {
      this.blame('overwritten', 'cancelled by no operator', `${id} by ${actor.name}`);
    }
    const seen = actor.seen?.get(id);
    if (actor.seen && seen !== undefined && seen !== move.was_op) {
      this.blame(
        'overwritten',
        'stale decision',
        `${actor.name} changed ${id}, which had changed since it was read`,
      );
    }
  }

  /** @param {string} id @param {number} fence */
  judgeCompletion(id, fence) {
    const times = (this.completions.get(id) ?? 0) + 1;
    this.completions.set(id, times);
    if (times > 1) this.blame('duplicated', 'completed again', `${id}, ${times} times`);
    if (!this.returned.has(`${id}/${fence}`)) {
      this.blame('overwritten', 'completed without a return', `${id}: no handler returned under ${fence}`);
    }
  }

  /** @param {Actor} actor @param {any} move */
  judgeLease(actor, { id, was, was_fence: wasFence, fence, was_lease: lease, run_at: runAt }) {
    const now = this.world.timeline.now;
    if (was !== 'pending' && was !== 'delayed') {
      this.blame('overwritten', 'lease of what was not waiting', `${id} was ${was}`);
    }
    if (fence !== wasFence + 1) this.blame('overwritten', 'fencing token', `${id} ${wasFence} to ${fence}`);
    if (lease !== null && now < lease - (this.holders.get(id)?.skew ?? 0)) {
      this.blame('limitExceeded', 'two leases at once', `${id}, ${lease - now} ms before the first is over`);
    }
    if (was === 'delayed' && now + actor.skew < runAt) {
      this.blame('limitExceeded', 'before its time', `${id}, ${runAt - now} ms early`);
    }
    this.holders.set(id, actor);
    actor.held.set(id, fence);
  }

  /** @param {Actor} actor @param {any} move */
  judgeFinal(actor, { id, was, is_now: now, was_row: wasRow, row }) {
    const retried = was !== 'completed' && now === 'pending' && actor.kind === 'retry';
    if (retried || (was === now && wasRow === row)) return;
    this.blame(
      'overwritten',
      'final state',
      `${id} from ${was} to ${now} by ${actor.name}: ${wasRow} to ${row}`,
    );
  }

  /** @param {Actor} actor @param {any} move */
  judgeEnd(actor, { id, is_now: now, was_fence: fence, was_lease: lease }) {
    if (actor.kind === 'consume' && actor.held.get(id) !== fence) {
      const held = actor.held.get(id);
      this.blame(
        'overwritten',
        'settled after a later lease',
        `${id} by ${actor.name} with ${held}, not ${fence}`,
      );
    }
    if (actor.kind === 'sweep' && now !== 'processing') {
      const left = lease - (this.holders.get(id)?.skew ?? 0) - this.world.timeline.now;
      if (left > 0) this.blame('limitExceeded', 'lease taken early', `${id}, ${left} ms before it is over`);
    }
  }

  /** @param {Actor} actor @param {string} id @param {number} fence */
  judgeBurial(actor, id, fence) {
    this.world.note(actor.name, `buries ${id}/${fence}`);
    if (fence !== null && !actor.letters.has(`${id}/${fence}`)) {
      this.blame('overwritten', 'buried by an old letter', `${id} under ${fence} by ${actor.name}`);
    }
  }

  scanWatch() {
    const rows = this.world.database.all(UNWATCHED);
    for (const { id, status } of rows) this.blame('stuck', 'unwatched', `${id} ${status}`);
  }

  /** What holds after every commit. */
  scan() {
    const { database } = this.world;
    this.scanWatch();
    for (const row of database.all(DRIFT)) this.blame('counterDrift', 'counters', `${row.queue}/${row.type}`);
    for (const { what, id } of database.all(LETTERS)) this.blame('lost', what, id);
  }

  /** @returns {boolean} whether nothing is left to do */
  quiet() {
    const { database, queues } = this.world;
    if (queues.some((queue) => queue.waiting.length > 0 || queue.active > 0)) return false;
    const [left] = database.all(`SELECT count(*) AS n FROM jobs WHERE completed_at IS NULL
      OR (status = 'failed' AND wake_at IS NOT NULL)`);
    return left.n === 0;
  }

  /** What must hold when the faults are over and the system has had its time. */
  conclude() {
    const { database, queues } = this.world;
    this.scan();
    const rows = new Map(database.all('SELECT id, status FROM jobs').map((row) => [row.id, row.status]));
    for (const id of this.acknowledged.keys()) {
      if (!rows.has(id)) this.blame('lost', 'acknowledged and gone', id);
    }
    for (const [id, status] of rows) {
      if (!FINAL.includes(status)) this.blame('stuck', 'not final', `${id} ${status}`);
    }
    for (const { id } of database.all('SELECT id FROM dead_letters WHERE buried_at IS NULL')) {
      this.blame('stuck', 'not buried', id);
    }
    for (const { settings, waiting } of queues) {
      if (waiting.length > 0) this.blame('stuck', 'queue', `${settings.queue} holds ${waiting.length}`);
    }
  }
}
