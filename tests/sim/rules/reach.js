// What jobs reach for outside: one at a time per URL, few per host, and nobody through an open breaker. Failures are
// counted from the jobs' own histories, and keys are read from their payloads.

import { total } from '../database.js';

/** @typedef {import('../actor.js').Actor} Actor */

/** Failures in a row that open a breaker. */
const FAILS = 5;

const JOB = 'SELECT id, started_at, gates, payload FROM jobs WHERE id = ?';
const GATE = 'SELECT fails, open_until FROM gates WHERE key = ?';
const LEASED = `
SELECT count(*) AS n FROM jobs, json_each(jobs.gates) AS o WHERE jobs.lease_until IS NOT NULL AND o.value = ?`;

/** @param {string | null} gates @returns {string[]} keys of gates with breakers */
const breakersOf = (gates) =>
  JSON.parse(gates ?? '[]').filter((/** @type {string} */ key) => /^[hs]:/.test(key));

/** @param {string | null} payload @returns {string[]} */
function keysOf(payload) {
  const page = JSON.parse(payload ?? 'null')?.page;
  if (!page) return [];
  const url = new URL(page);
  const host = url.host.replace(/\.$/, '');
  return [`u:${url.protocol}//${host}${url.pathname}`, `h:${host}`, 's:test'];
}

/**
 * What the end of an attempt says of what it called: 1 it is down, 0 it is not, or nothing.
 * @param {any} move @returns {0 | 1 | undefined}
 */
function omenOf({ is_now: now, was_row: wasRow, row }) {
  if (now === 'completed') return 0;
  const [before, history] = [wasRow, row].map((text) => JSON.parse(text)[4] ?? '[]');
  const { outcome, error } = JSON.parse(history).at(-1) ?? {};
  if (outcome !== 'failed' || history === before) return undefined;
  if (error.code === 'down') return 1;
  return error.retryable ? undefined : 0;
}

export class Reach {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
    this.database = checker.world.database;
    /** @type {Map<string, number>} failures in a row, by key */
    this.fails = new Map();
  }

  /** @param {string} key @returns {{ fails: number, open_until: number }} */
  gate(key) {
    return this.database.all(GATE, key)[0] ?? { fails: 0, open_until: 0 };
  }

  /** A job was leased. @param {Actor} actor @param {any} move */
  judgeLease(actor, { id }) {
    const [{ gates, payload, started_at: now }] = this.database.all(JOB, id);
    /** @type {string[]} */
    const keys = JSON.parse(gates ?? '[]');
    const missing = keysOf(payload).find((key) => !keys.includes(key));
    if (missing) this.checker.blame('limitExceeded', 'gate missing', `${id} lacks ${missing}`);
    const { SCRAPE_CONCURRENCY: hosts } = actor.host.version.vars;
    for (const key of keys) {
      if (!/^[uhs]:/.test(key)) continue;
      const open = (this.fails.get(key) ?? 0) >= FAILS;
      const cap =
        key.startsWith('u:') || open ? 1 : key.startsWith('h:') ? Number(hosts) : Number.POSITIVE_INFINITY;
      const n = total(this.database.all(LEASED, key), 'n');
      const words = `${n} of ${key} by ${actor.name}`;
      if (n > cap)
        this.checker.blame('limitExceeded', open ? 'more than one probe' : 'too many at once', words);
      if (open && this.gate(key).open_until > now)
        this.checker.blame('limitExceeded', 'started behind an open breaker', words);
    }
  }

  /** @param {Actor} actor @param {any[]} moves of one commit */
  observe(actor, moves) {
    /** @type {Map<string, { good: number, bad: number }>} */
    const told = new Map();
    for (const move of moves) {
      if (move.was !== 'processing' || move.is_now === 'processing' || actor.kind !== 'consume') continue;
      const omen = omenOf(move);
      if (omen === undefined) continue;
      for (const key of breakersOf(this.database.all(JOB, move.id)[0]?.gates)) {
        const sum = told.get(key) ?? { good: 0, bad: 0 };
        sum[omen ? 'bad' : 'good']++;
        told.set(key, sum);
      }
    }
    for (const [key, { good, bad }] of told)
      this.judge(actor, key, good ? 0 : (this.fails.get(key) ?? 0) + bad);
  }

  /** @param {Actor} actor @param {string} key @param {number} fails */
  judge(actor, key, fails) {
    this.fails.set(key, fails);
    const { fails: counted, open_until: until } = this.gate(key);
    if (counted === fails && until > 0 === fails >= FAILS) return;
    const words = `${key} says ${counted} until ${until} for ${fails} in a row, by ${actor.name}`;
    this.checker.blame('counterDrift', 'breaker', words);
  }
}
