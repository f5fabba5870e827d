// A steady mixed load for a long time: memory, handles and tables must not grow.
import { Dice } from '../sim/dice.js';
import { auditRecord, drain } from './audit.js';
import { Findings } from './findings.js';
import { latencyGauges, processGauges, quantiles, recordGauges, WORKERS } from './gauges.js';
import { Load } from './load.js';
import { LocalSystem, sleep } from './local-system.js';
import { judgeFlat } from './trend.js';

const SAMPLE_MS = 10_000;
const SWEEP_MS = 5000;
const DRAIN_MS = 600_000;
/** Below this, caches that fill are indistinguishable from leaks. */
const JUDGED_MINUTES = 10;
/** The same of memory: workerd's heap fills for a quarter of an hour. */
const MEMORY_MINUTES = 30;
const WARM_UP_SHARE = 0.3;
const MIB = 1024 * 1024;

/**
 * What still counts as flat, by the first word of a series. Others, and wrangler's own processes beside the one that
 * runs the workers, D1 and the queues, are told and not judged.
 */
const tolerances = {
  memory: { share: 0.1, least: 24 * MIB },
  handles: { share: 0.05, least: 4 },
  rows: { share: 0.1, least: 300 },
  bytes: { share: 0.1, least: 2 * MIB },
};

/**
 * Nothing that takes seconds: the local queue hands out its next batch when the one before is over. Big payloads are
 * few, for they would be most of what the tables hold.
 */
const mix = {
  quick: 40,
  witness: 8,
  flaky: 8,
  hopeless: 4,
  delayed: 10,
  big: 1,
  scrape: 8,
  unique: 9,
};

/** @typedef {{ at: number, gauges: Record<string, number> }} Sample */

/** Counts what the queues delivered and what of it was acknowledged, from what wrangler says. */
class Deliveries {
  delivered = 0;
  acknowledged = 0;

  /** @param {string} text a line of the output */
  read(text) {
    const [, acknowledged, delivered] = /\bQUEUE \S+ (\d+)\/(\d+)/.exec(text) ?? [];
    this.acknowledged += Number(acknowledged ?? 0);
    this.delivered += Number(delivered ?? 0);
  }
}

/**
 * @param {LocalSystem} system
 * @param {Load} load
 * @param {Deliveries} deliveries
 * @param {number} since the last sample
 * @returns {Sample}
 */
function sample(system, load, deliveries, since) {
  const at = Date.now();
  const gauges = {
    ...processGauges(system),
    ...recordGauges(system),
    ...quantiles('enqueue', load.latencies.splice(0)),
    ...latencyGauges(system, since),
    'count jobs enqueued': load.enqueued,
    'count messages delivered': deliveries.delivered,
    'count messages acknowledged': deliveries.acknowledged,
  };
  return { at, gauges };
}

/** @param {number} value */
const inMiB = (value) => `${(value / MIB).toFixed(1)} MiB`;

/** @param {Record<string, number>} gauges */
function line(gauges) {
  return [
    `${gauges['count jobs enqueued']} jobs in`,
    `${gauges['rows jobs']} kept`,
    `memory ${inMiB(gauges[`memory ${WORKERS}`] ?? 0)}`,
    `handles ${gauges[`handles ${WORKERS}`]}`,
    `file ${inMiB(gauges['file of the record'] ?? 0)}`,
    `WAL ${inMiB(gauges['bytes WAL'] ?? 0)}`,
    `done p99 ${gauges['ms enqueue to done p99'] ?? '-'} ms`,
  ].join(', ');
}

/**
 * @param {string} name of a series
 * @param {number} minutes that it was measured for
 * @returns {{ share: number, least: number } | undefined} undefined where it is not judged
 */
function toleranceOf(name, minutes) {
  const least = name.startsWith('memory') ? MEMORY_MINUTES : JUDGED_MINUTES;
  if (minutes < least || name.includes("wrangler's")) return undefined;
  return /** @type {Record<string, { share: number, least: number }>} */ (tolerances)[
    name.split(' ')[0] ?? ''
  ];
}

/**
 * What a job costs in the record, where nothing has been removed yet.
 *
 * @param {Sample} first
 * @param {Sample} last
 */
function costs(first, last) {
  const grown = (/** @type {string} */ name) => (last.gauges[name] ?? 0) - (first.gauges[name] ?? 0);
  const jobs = Math.max(grown('rows jobs'), 1);
  const names = Object.keys(last.gauges).filter((name) => /^(rows|bytes) [a-z_]+$/.test(name));
  return Object.fromEntries(names.map((name) => [name, Math.round((100 * grown(name)) / jobs) / 100]));
}

/**
 * @param {Sample[]} samples
 * @param {number} minutes
 * @param {Findings} findings
 */
function trends(samples, minutes, findings) {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
  const names = [...new Set(warm.flatMap(({ gauges }) => Object.keys(gauges)))];
  /** @type {Record<string, any>} */
  const out = {};
  for (const name of names) {
    const points = warm
      .filter(({ gauges }) => gauges[name] !== undefined)
      .map(({ at, gauges }) => ({ at, value: Number(gauges[name]) }));
    if (points.length < 2) continue;
    const tolerance = toleranceOf(name, minutes);
    const trend = judgeFlat(points, tolerance ?? { share: 0, least: 0 });
    const round = (/** @type {number} */ value) => Math.round(value * 100) / 100;
    out[name] = { mean: round(trend.mean), perMinute: round(trend.perMinute), growth: round(trend.growth) };
    if (!tolerance) continue;
    findings.check(`${name} is flat`, trend.flat, { ...out[name], allowed: round(trend.allowed) });
  }
  return out;
}

/**
 * @param {{ minutes: number, perSecond: number, seed: number, print: (line: string) => void }} task
 * @returns {Promise<import('./findings.js').Outcome & { samples: Sample[] }>}
 */
export async function soak({ minutes, perSecond, seed, print }) {
  const findings = new Findings();
  const deliveries = new Deliveries();
  // A minute, with as many decimals as the variable takes.
  const days = (1 / (24 * 60)).toFixed(6);
  const system = await LocalSystem.make({
    vars: {
      LEASE_MS: '20000',
      RESEND_AFTER_MS: '15000',
      RETENTION_COMPLETED_DAYS: days,
      RETENTION_FAILED_DAYS: days,
    },
    onLine: (text) => deliveries.read(text),
  });
  const load = new Load(system, new Dice(seed), { perSecond, mix, strict: true });
  /** @type {Sample[]} */
  const samples = [];
  try {
    await system.start();
    system.startTicks(SWEEP_MS);
    load.start();
    const end = Date.now() + minutes * 60_000;
    let last = Date.now();
    while (Date.now() < end) {
      await sleep(Math.min(SAMPLE_MS, Math.max(end - Date.now(), 1000)));
      const taken = sample(system, load, deliveries, last);
      last = taken.at;
      samples.push(taken);
      print(line(taken.gauges));
    }
    const series = trends(samples, minutes, findings);
    if (minutes < MEMORY_MINUTES) {
      print(
        `under ${JUDGED_MINUTES} minutes the series are told and not judged, memory under ${MEMORY_MINUTES}`,
      );
    }
    await load.stop();
    const drainSeconds = await drain(system, DRAIN_MS);
    await system.kill();
    auditRecord(system, findings);
    const [first, newest] = [samples[0], samples.at(-1)];
    const perJob = first && newest ? costs(first, newest) : {};
    const counts = auditCounts(system, load, findings);
    const figures = { minutes, perSecond, drainSeconds, ...counts, perJobKept: perJob, series };
    return { findings, figures, samples };
  } finally {
    await system.dispose();
  }
}

/**
 * Retention removes jobs, so that the counters alone tell of all of them.
 *
 * @param {LocalSystem} system ended
 * @param {Load} load stopped
 * @param {Findings} findings
 */
function auditCounts(system, load, findings) {
  const [counts] =
    system.rows(`SELECT sum(completed) AS completed, sum(failed) AS failed, sum(pruned) AS pruned,
    sum(pending + delayed + blocked + processing + cancelled) AS others FROM counters`);
  const [{ losses }] = system.rows('SELECT coalesce(sum(losses), 0) AS losses FROM jobs');
  const final = counts.completed + counts.failed + counts.pruned;
  findings.equal('jobs in = jobs final and kept, or removed by retention', final, load.acknowledged.size);
  findings.equal('nothing is left over', counts.others, 0);
  findings.equal('no surprising answers', load.surprises.slice(0, 5), []);
  return { jobsIn: load.acknowledged.size, ...counts, lostLeasesOfTheKept: losses, answers: load.answers };
}
