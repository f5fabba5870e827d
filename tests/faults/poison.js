// A flood of messages that are no jobs among valid ones, sent straight into the queues: all of it is archived with its
// raw body, and stops nothing.
import path from 'node:path';
import { Dice } from '../sim/dice.js';
import { auditRecord } from './audit.js';
import { Findings } from './findings.js';
import { LocalSystem, sleep } from './local-system.js';
import { poison, valid } from './poison-messages.js';

/** @typedef {import('./poison-messages.js').Message} Message */

// A sendBatch holds 100 messages and 256,000 bytes.
const BATCH_MESSAGES = 100;
const BATCH_BYTES = 200_000;
const DONE_MS = 600_000;

/** Queues by how often they are chosen. */
const targets = [
  ...Array(14).fill('JOB_QUEUE'),
  ...Array(4).fill('SCRAPING_QUEUE'),
  'PRIORITY_SCRAPING_QUEUE',
  'JOB_DLQ',
  'SCRAPING_DLQ',
];

/**
 * Collects messages into batches for each queue and sends those that are full.
 */
class Producer {
  /** @type {Map<string, { messages: Message[], bytes: number }>} */
  #open = new Map();

  /** @param {LocalSystem} system */
  constructor(system) {
    this.system = system;
  }

  /** @param {string} queue @param {Message} message */
  async send(queue, message) {
    const batch = this.#open.get(queue) ?? { messages: [], bytes: 0 };
    const full = batch.messages.length === BATCH_MESSAGES || batch.bytes + message.bytes > BATCH_BYTES;
    if (full) await this.#flush(queue);
    const target = full ? { messages: [], bytes: 0 } : batch;
    target.messages.push(message);
    target.bytes += message.bytes;
    this.#open.set(queue, target);
  }

  /** @param {string} queue */
  async #flush(queue) {
    const messages = this.#open.get(queue)?.messages ?? [];
    this.#open.delete(queue);
    if (messages.length === 0) return;
    const body = JSON.stringify(messages.map(({ sent }) => sent));
    const { status, body: answer } = await this.system.fetch(`/test/send/${queue}`, { method: 'POST', body });
    if (status !== 200) throw new Error(`sending to ${queue}: ${status} ${JSON.stringify(answer)}`);
  }

  async flushAll() {
    for (const queue of [...this.#open.keys()]) await this.#flush(queue);
  }
}

/** @param {string[]} list @returns {Map<string, number>} */
function countEach(list) {
  const counts = new Map();
  for (const item of list) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/**
 * Whether what was archived is exactly what was sent.
 *
 * @param {LocalSystem} system
 * @param {string[]} raws
 * @param {Findings} findings
 */
function compareBodies(system, raws, findings) {
  const archived = system.rows('SELECT body, buried_at, job_id FROM dead_letters');
  findings.equal('as many dead letters as invalid messages', archived.length, raws.length);
  const [expected, found] = [countEach(raws), countEach(archived.map(({ body }) => body))];
  const differing = [...new Set([...expected.keys(), ...found.keys()])].filter(
    (body) => expected.get(body) !== found.get(body),
  );
  findings.equal(
    'each with its raw body',
    differing.slice(0, 5).map((body) => [body.slice(0, 80), expected.get(body), found.get(body)]),
    [],
  );
  findings.check(
    'all archived, none of them a job',
    archived.every(({ buried_at: at, job_id: id }) => at !== null && id === null),
  );
}

/**
 * Sends all of it in an order left to chance.
 *
 * @param {LocalSystem} system
 * @param {Dice} dice
 * @param {{ invalid: number, good: number }} counts
 * @returns {Promise<string[]>} what must be archived
 */
async function flood(system, dice, { invalid, good }) {
  const producer = new Producer(system);
  /** @type {string[]} */
  const raws = [];
  for (let sent = 0; sent < good || raws.length < invalid; ) {
    const left = invalid - raws.length + good - sent;
    if (dice.below(left) < good - sent) {
      const queue = dice.pick(['JOB_QUEUE', 'JOB_QUEUE', 'SCRAPING_QUEUE']);
      await producer.send(queue, valid(`valid-${sent++}`));
    } else {
      const message = poison(dice);
      raws.push(message.raw);
      await producer.send(dice.pick(targets), message);
    }
  }
  await producer.flushAll();
  return raws;
}

/**
 * @param {import('./findings.js').Task} task
 * @returns {Promise<import('./findings.js').Outcome>}
 */
export async function poisonFlood({ seed, small, print }) {
  const findings = new Findings();
  const counts = small ? { invalid: 400, good: 60 } : { invalid: 10_000, good: 1000 };
  const entry = path.join(import.meta.dirname, 'entries/main.js');
  const system = await LocalSystem.make({
    adjust: (config, worker) => {
      if (worker === 'main') config.main = entry;
    },
  });
  try {
    await system.start();
    const began = Date.now();
    const raws = await flood(system, new Dice(seed), counts);
    const sentMs = Date.now() - began;
    print(`sent ${counts.invalid} invalid and ${counts.good} valid messages in ${sentMs} ms`);
    system.startTicks(1000);
    await system.until('all archived and completed', DONE_MS, () => {
      const [{ dead, done }] = system.rows(`SELECT (SELECT count(*) FROM dead_letters) AS dead,
        (SELECT count(*) FROM jobs WHERE status = 'completed') AS done`);
      return dead >= counts.invalid && done >= counts.good;
    });
    const doneMs = Date.now() - began;
    // What would be delivered again has its time to come.
    await sleep(3000);
    const { body } = await system.fetch('/test/backlog');
    findings.equal('the queues are empty', body, { backlog: 0 });
    await system.kill();
    auditRecord(system, findings);
    compareBodies(system, raws, findings);
    const jobs = system.rows('SELECT status, count(*) AS n FROM jobs GROUP BY status');
    findings.equal('the valid ones are completed, and nothing else is a job', jobs, [
      { status: 'completed', n: counts.good },
    ]);
    const perSecond = Math.round(((counts.invalid + counts.good) * 1000) / doneMs);
    return { findings, figures: { ...counts, sentMs, doneMs, perSecond } };
  } finally {
    await system.dispose();
  }
}
