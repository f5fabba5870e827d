// Each tick of a schedule leads to one job, that of the schedule as it is; what was missed is caught up once.
import { Cron } from 'croner';

/** @typedef {import('../actor.js').Actor} Actor */
/** @typedef {Record<string, any>} Row of a schedule */

const WAITING = `
SELECT count(*) AS n FROM jobs WHERE queue = ? AND status IN ('pending', 'delayed', 'blocked')`;

/** @param {Row} row @param {number} at */
function isTick({ cron, timezone }, at) {
  return new Cron(cron, { timezone, paused: true }).match(new Date(at));
}

/** @param {string | null} text */
const plain = (text) => text && JSON.stringify(JSON.parse(text));

export class Schedules {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
    /** @type {Map<string, Row>} as they were after the commit before */
    this.rows = new Map();
    /** @type {Set<string>} keys of all ticks that led to a job */
    this.ticks = new Set();
  }

  /** Whether every machine could run it now. @param {Row} row */
  canRun({ type, priority }) {
    const { fleet, database } = this.checker.world;
    return fleet.hosts
      .filter(({ role }) => role === 'main')
      .every(({ version }) => {
        const known = version.types.find((candidate) => candidate.type === type);
        if (!known) return false;
        const max = Number(version.vars.MAX_PENDING_PER_QUEUE);
        const queue = priority === 1 ? (known.urgentQueue ?? known.queue) : known.queue;
        return database.all(WAITING, queue)[0].n < max;
      });
  }

  /** @param {Actor} actor @param {any[]} births of one commit */
  observe(actor, births) {
    const { world } = this.checker;
    if (world.schedulesUntil === 0) return;
    const now = new Map(world.database.all('SELECT * FROM schedules').map((row) => [row.name, row]));
    const born = births.filter(({ unique_key: key }) => key?.startsWith('tick:'));
    for (const birth of born) this.judgeBirth(actor, birth, now);
    const names = born.map(({ unique_key: key }) => key.split(':')[1]);
    if (new Set(names).size < names.length) {
      this.checker.blame('duplicated', 'caught up more than once', names.join(' '));
    }
    for (const [name, row] of now) {
      const was = this.rows.get(name);
      if (was && was.op === row.op && was.next_at === row.next_at) continue;
      if (!isTick(row, row.next_at)) {
        this.checker.blame('overwritten', 'no tick of its pattern', `${name} ${row.cron} ${row.next_at}`);
      }
      if (actor.kind === 'schedule') this.judgeAdvance(actor, was, row);
      else if (was) this.judgeChange(was, row);
    }
    this.rows = now;
  }

  /** @param {Actor} actor @param {any} birth @param {Map<string, Row>} now */
  judgeBirth(actor, { id, unique_key: key }, now) {
    const { checker } = this;
    const [, name, at] = key.split(':');
    const row = now.get(name);
    this.ticks.add(key);
    checker.world.ids.push(id);
    if (actor.kind !== 'schedule' || row?.last_at !== Number(at)) {
      return checker.blame('duplicated', 'job of no tick', `${key} by ${actor.name}: ${id}`);
    }
    const [{ payload }] = checker.world.database.all('SELECT payload FROM jobs WHERE id = ?', id);
    if (payload !== null && plain(payload) !== plain(row.payload)) {
      checker.blame('overwritten', 'job of an old schedule', `${key}: ${id}`);
    }
  }

  /** @param {Actor} actor @param {Row | undefined} was @param {Row} row */
  judgeAdvance(actor, was, row) {
    const { checker } = this;
    const words = `${row.name} by ${actor.name}, from ${was?.next_at} over ${row.last_at} to ${row.next_at}`;
    // Set by a request that is committed twice, it has a nonce of before: then nothing but its last tick may go back.
    const back = was && row.last_at < was.next_at && row.next_at !== was.next_at;
    if (!was || back || row.next_at <= row.last_at) {
      checker.blame('overwritten', 'tick of the past', words);
    }
    if (!this.ticks.has(`tick:${row.name}:${row.last_at}`))
      checker.blame('lost', 'tick without a job', words);
    const next = new Cron(row.cron, { timezone: row.timezone, paused: true }).nextRun(new Date(row.last_at));
    if (next?.getTime() !== row.next_at) checker.blame('lost', 'ticks passed over', words);
  }

  /** Somebody has set it. @param {Row} was @param {Row} row */
  judgeChange(was, row) {
    const same = was.cron === row.cron && was.timezone === row.timezone && was.created_at === row.created_at;
    if (!same || was.next_at === row.next_at) return;
    this.checker.blame('lost', 'tick lost', `${row.name}, from ${was.next_at} to ${row.next_at}`);
  }
}
