// What the benchmarks reckon: from what was used to dollars, and from one job to so many a day.
import { describe, expect, test } from 'vitest';
import { ownLimits } from '../../bench/capacity/limits.js';
import { dollars, needs, perJob, walls } from '../../bench/capacity/model.js';
import { bill } from '../../bench/cost/bill.js';
import { queueUnits } from '../../bench/lib/prices.js';

const maxRetries = { jobs: 3 };
const nothing = { invocations: 0, roundTrips: [], sent: [], delivered: [] };
const message = { queue: 'jobs', bytes: 900, attempts: 1, retried: false };

/** Queue operations of one job. @param {Partial<import('../../bench/lib/meter.js').Usage>} usage */
const operations = (usage) =>
  bill([{ ...nothing, ...usage }], { jobs: 1, cpuMs: 0, maxRetries }).queue_ops_per_job;

describe('a bill', () => {
  test('has what was used, per job, at the prices of a million', () => {
    const main = {
      ...nothing,
      invocations: 1,
      roundTrips: [{ statements: 3, rowsRead: 2000, rowsWritten: 101, ms: 4 }],
      sent: Array.from({ length: 20 }, () => ({ binding: 'JOBS', bytes: 1250 })),
    };
    const scraper = {
      ...nothing,
      invocations: 1,
      roundTrips: [
        { statements: 6, rowsRead: 500, rowsWritten: 101, ms: 5 },
        { statements: 8, rowsRead: 500, rowsWritten: 101, ms: 3 },
      ],
      delivered: Array.from({ length: 20 }, () => message),
    };
    expect(bill([main, scraper], { jobs: 100, cpuMs: 50, maxRetries })).toEqual({
      round_trips_per_100: 3,
      statements_per_100: 17,
      rows_written_per_job: 3.03,
      rows_read_per_job: 30,
      queue_ops_per_job: 0.6,
      messages_per_job: 0.2,
      message_bytes_per_job: 250,
      requests_per_job: 0.02,
      cpu_ms_per_job: 0.5,
      sql_ms_per_job: 0.12,
      // 3.03 · $1 + 30 · $0.001 + 0.6 · $0.40 + 0.02 · $0.30 + 0.5 · $0.02
      usd_per_million: 3.32,
    });
  });

  test('counts 64 KB of a message as one operation, its metadata too', () => {
    expect([0, 63_900, 63_901, 127_900].map(queueUnits)).toEqual([1, 1, 2, 2]);
    expect(operations({ sent: [{ binding: 'JOBS', bytes: 100_000 }] })).toBe(2);
  });

  test('counts a write, each delivery, a deletion, and the way into a dead-letter queue', () => {
    const again = { ...message, retried: true };
    const last = { ...again, attempts: 4 };
    expect(operations({ sent: [{ binding: 'JOBS', bytes: 900 }] })).toBe(1);
    expect(operations({ delivered: [message] })).toBe(2);
    expect(operations({ delivered: [again, message] })).toBe(3);
    // Its fourth delivery is the last: it is written to the dead-letter queue.
    expect(operations({ delivered: [again, again, again, last] })).toBe(5);
  });
});

describe('the capacity model', () => {
  const plain = {
    rows_written_per_job: 3,
    rows_read_per_job: 100,
    queue_ops_per_job: 0.6,
    messages_per_job: 0.2,
    message_bytes_per_job: 250,
    requests_per_job: 0.02,
    cpu_ms_per_job: 0.4,
    sql_ms_per_job: 0.09,
  };
  const upkeep = { ...plain, rows_written_per_job: 1, queue_ops_per_job: 0, sql_ms_per_job: 0.01 };
  const own = {
    sweepRounds: 40,
    prunedPerRound: 1000,
    handlersAtOnce: 100,
    databases: 256,
    retentionDays: 7,
    pendingPerQueue: 1_000_000,
  };
  const job = perJob({ cost: { plain, upkeep }, scale: { bytes_per_job: 600, sweep: [{ statements: 25 }] } });

  test('takes a job from its enqueue until it is removed', () => {
    expect(job).toMatchObject({
      rowsWritten: 4,
      queueOperations: 0.6,
      sqlMs: 0.1,
      bytes: 1000,
      messages: 0.2,
    });
  });

  test('says what a hundred million jobs a day need', () => {
    const need = needs(86_400_000, job, own);
    expect(need).toMatchObject({
      perSecond: 1000,
      atPeak: 3000,
      messagesAtPeak: 600,
      queues: 1,
      consumers: 30,
    });
    // 86.4 M · 7 days · 1,000 B = 604.8 GB, 8 GB a database; 3,000 jobs · 0.1 ms of 500 ms; 57.6 M removed a day.
    expect(need.d1Gb).toBeCloseTo(604.8);
    expect(need.byStorage).toBeCloseTo(75.6);
    expect(need.byTime).toBeCloseTo(0.6);
    expect(need.byRetention).toBeCloseTo(1.5);
    expect(need.databases).toBe(76);
    // 86.4 M · 30 days · 4 rows at $1 a million.
    expect(dollars(need)['D1, rows written']).toBeCloseTo(10_368);
    expect(dollars(need).Queues).toBeCloseTo(86.4 * 30 * 0.6 * 0.4);
  });

  test('names the walls, the nearest first', () => {
    const list = walls(job, own);
    expect(list[0]).toMatchObject({ what: 'D1: 10 GB a database' });
    expect(list[0]?.jobsPerDay).toBeCloseTo(10e9 / 7000);
    const at = (/** @type {string} */ end) => list.find(({ what }) => what.endsWith(end))?.jobsPerDay;
    // 40 rounds of 25 statements, or a round over each of 40 databases.
    expect(at('rounds of a tick')).toBe(40 * 1000 * 1440);
    expect(at('a tick over 40 databases')).toBeCloseTo((40 * 8e9) / 7000);
    expect(list.map(({ jobsPerDay }) => jobsPerDay)).toEqual(
      list.map(({ jobsPerDay }) => jobsPerDay).toSorted((a, b) => a - b),
    );
  });

  test("reads Sluice's own limits where they are set", () => {
    const read = ownLimits();
    expect(Object.keys(read)).toEqual(Object.keys(own));
    for (const [name, value] of Object.entries(read)) expect(value, name).toBeGreaterThan(0);
    expect(read).toMatchObject({ retentionDays: 7, pendingPerQueue: 1_000_000 });
  });
});
