// A flood of handlers that sleep or hang until their timeout, among quick ones: each holds itself up and nobody else,
// its timeouts are attempts, and its lease is renewed all the while.
import { Dice } from '../sim/dice.js';
import { auditRecord, drain } from './audit.js';
import { Findings } from './findings.js';
import { LocalSystem } from './local-system.js';

const DRAIN_MS = 600_000;
const ATTEMPTS = 2;
/** What the local queue hands out at once; it hands out one batch after the other. */
const BATCH = 100;
/** Handlers of one batch that run at once; a batch may hold more jobs than that, five to a message. */
const LANES = 100;
/** The sweep and the two clocks of a lease: a job whose lease is not renewed is taken away after so long. */
const LEASE_MS = 2000;

const renewals = `
  CREATE TABLE test_renewals (job_id TEXT NOT NULL);
  CREATE TRIGGER test_renewed AFTER UPDATE OF lease_until ON jobs
  WHEN OLD.status = 'processing' AND NEW.status = 'processing' AND NEW.lease_until > OLD.lease_until
  BEGIN INSERT INTO test_renewals VALUES (NEW.id); END;
`;

/**
 * The slow ones with the quick ones among them, in an order left to chance.
 *
 * @param {Dice} dice
 * @param {{ slow: number, quick: number, other: number, timeoutMs: number }} options other: quick ones of another queue
 */
function jobsOf(dice, { slow, quick, other, timeoutMs }) {
  const backoff = { type: 'fixed', delay: 200, jitter: 0 };
  const limits = { timeoutMs, maxAttempts: ATTEMPTS, backoff };
  const jobs = [
    ...Array.from({ length: slow }, (_, i) => {
      if (i % 3 === 0) return { type: 'test-hang', payload: {}, ...limits };
      return { type: 'test-slow', payload: { ms: 3_600_000, ignoreAbort: i % 3 === 1 }, ...limits };
    }),
    ...Array.from({ length: quick }, () => ({ type: 'test-noop', payload: {} })),
    ...Array.from({ length: other }, () => ({ type: 'test-scrapelike', payload: {} })),
  ];
  for (let i = jobs.length - 1; i > 0; i--) {
    const swapped = dice.below(i + 1);
    [jobs[i], jobs[swapped]] = [/** @type {any} */ (jobs[swapped]), /** @type {any} */ (jobs[i])];
  }
  return jobs;
}

/** @param {number[]} list @param {number} share @returns {number} */
function quantile(list, share) {
  const sorted = list.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/**
 * @param {LocalSystem} system
 * @param {string} type
 */
function timesOf(system, type) {
  const rows = system.rows(
    `SELECT completed_at - created_at AS latency, completed_at - started_at AS run FROM jobs WHERE type = '${type}'`,
  );
  const latencies = rows.map(({ latency }) => latency);
  return {
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    longest: Math.max(...latencies),
    longestRun: Math.max(...rows.map(({ run }) => run)),
  };
}

/**
 * @param {import('./findings.js').Task} task
 * @returns {Promise<import('./findings.js').Outcome>}
 */
export async function slowFlood({ seed, small, print }) {
  const findings = new Findings();
  const options = small
    ? { slow: 40, quick: 60, other: 20, timeoutMs: 5000 }
    : { slow: 400, quick: 600, other: 100, timeoutMs: 15_000 };
  const system = await LocalSystem.make({ vars: { LEASE_MS: String(LEASE_MS) } });
  system.withRecord((database) => database.exec(renewals));
  try {
    await system.start();
    system.startTicks(1000);
    const jobs = jobsOf(new Dice(seed), options);
    for (let from = 0; from < jobs.length; from += 200) {
      await system.api.post('/jobs/batch', { jobs: jobs.slice(from, from + 200) });
    }
    print(`enqueued ${options.slow} slow jobs and ${options.quick + options.other} quick ones`);
    const drainSeconds = await drain(system, DRAIN_MS);
    await system.kill();
    auditRecord(system, findings);
    const figures = judge(system, options, findings);
    return { findings, figures: { ...options, drainSeconds, ...figures } };
  } finally {
    await system.dispose();
  }
}

/**
 * @param {LocalSystem} system ended
 * @param {{ slow: number, quick: number, other: number, timeoutMs: number }} options other: quick ones of another queue
 * @param {Findings} findings
 */
function judge(system, { slow, quick, other, timeoutMs }, findings) {
  const states = system.rows('SELECT status, count(*) AS n FROM jobs GROUP BY status ORDER BY status');
  findings.equal('the quick ones completed, the slow ones failed', states, [
    { status: 'completed', n: quick + other },
    { status: 'failed', n: slow },
  ]);
  const [lost] = system.rows('SELECT sum(losses) AS n FROM jobs');
  findings.equal('no lease was lost', lost, { n: 0 });
  const failed = system.rows(`SELECT attempts, history, last_error FROM jobs WHERE status = 'failed'`);
  const counted = failed.filter(({ attempts, history, last_error: error }) => {
    const outcomes = JSON.parse(history).map((/** @type {any} */ entry) => entry.error?.code);
    return (
      attempts === ATTEMPTS &&
      JSON.parse(error).code === 'timeout' &&
      outcomes.every((/** @type {any} */ code) => code === 'timeout')
    );
  });
  findings.equal('every timeout was an attempt', counted.length, slow);
  const [{ n: renewed }] = system.rows(`SELECT count(*) AS n FROM jobs
    WHERE status = 'failed' AND id IN (SELECT job_id FROM test_renewals)`);
  findings.equal('the lease of every slow job was renewed', renewed, slow);
  const beside = timesOf(system, 'test-noop');
  const elsewhere = timesOf(system, 'test-scrapelike');
  // With more slow jobs in a batch than run at once, a quick one waits for as many timeouts as that takes.
  const sharedMs = Math.ceil(slow / LANES) * timeoutMs;
  findings.check(
    'quick jobs wait for the slow ones of their batch only when those take every lane',
    beside.longestRun < sharedMs,
    beside,
  );
  findings.check('no quick job of another queue waited for them', elsewhere.longest < timeoutMs, elsewhere);
  // Locally a queue hands out its next batch when the one before is over: at worst all with slow ones in them.
  const bound = (Math.ceil((slow * ATTEMPTS + quick) / BATCH) + 1) * (timeoutMs + 5000);
  findings.check('no quick job waited longer than the batches before it', beside.longest < bound, beside);
  return { beside, elsewhere, sharedMs, boundMs: bound };
}
