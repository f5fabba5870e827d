// What a job costs: D1 round trips and rows from D1's own figures, queue operations, the module's size.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sleep, startSluice, until } from './harness.js';
import { allIn, enqueueAll } from './record.js';

/** @typedef {import('./harness.js').Call} Call */

/** @param {Call[]} calls */
const d1 = (calls) => calls.filter(({ door }) => door === 'DB');
/** @param {Call[]} calls @param {'rowsRead' | 'rowsWritten'} what */
const sum = (calls, what) => calls.reduce((total, call) => total + call[what], 0);

const JOBS = 100;
const plain = Array.from({ length: JOBS }, (_, n) => ({ type: 'test-echo', payload: { n } }));
const unique = plain.map((job, n) => ({ ...job, uniqueKey: `budget-${n}` }));
const limited = Array.from({ length: 40 }, () => ({ type: 'test-limited', payload: {} }));

describe('with both workers running', () => {
  /** @type {import('./harness.js').Sluice} */
  let sluice;

  beforeAll(async () => {
    sluice = await startSluice({ faults: true });
    // The first of a type makes its counter row; the isolates and statements are warm afterwards.
    const warm = await enqueueAll(sluice, [{ type: 'test-echo', payload: {} }]);
    await until(() => allIn(sluice, warm, 'completed'));
  });
  beforeEach(async () => {
    await sluice.takeCalls('sluice');
    await sluice.takeCalls('sluice-scraper');
  });
  afterAll(() => sluice?.stop());

  /** @param {string[]} ids @returns {Promise<{ main: Call[], scraper: Call[] }>} once all is quiet */
  async function callsUntilCompleted(ids) {
    await until(() => allIn(sluice, ids, 'completed'));
    await sleep(200);
    return { main: await sluice.takeCalls('sluice'), scraper: await sluice.takeCalls('sluice-scraper') };
  }

  test('100 small jobs cost 1 round trip to enqueue, 2 to do, and 3.03 rows written each', async () => {
    const ids = await enqueueAll(sluice, plain);
    const { main, scraper } = await callsUntilCompleted(ids);
    expect(d1(main)).toHaveLength(1);
    expect(d1(scraper)).toHaveLength(2);
    const [admit] = d1(main);
    const [claim, settle] = d1(scraper);
    // A row for each job, and the counter row of the one (queue, type).
    for (const call of [admit, claim, settle]) expect(call?.rowsWritten).toBe(JOBS + 1);
    const written = sum(d1([...main, ...scraper]), 'rowsWritten') / JOBS;
    expect(written).toBe(3.03);
    // One sendBatch of 20 messages, five jobs each; nothing is sent when all goes well.
    expect(main.filter(({ door }) => door !== 'DB')).toMatchObject([{ door: 'JOB_QUEUE', size: JOBS / 5 }]);
    expect(scraper.filter(({ door }) => door !== 'DB')).toEqual([]);
  });

  test.each([
    // A row for its key besides.
    { kind: 'unique', jobs: unique, tripsMax: 3, rowsMax: 4.1, sentMax: 20 },
    // Two at once: a claim and a settle for each two, which wait in line and are let out by name.
    { kind: 'limited', jobs: limited, tripsMax: 60, rowsMax: 10.5, sentMax: 60 },
  ])(
    '$kind jobs cost no more than $rowsMax rows written each',
    async ({ jobs, tripsMax, rowsMax, sentMax }) => {
      const { main, scraper } = await callsUntilCompleted(await enqueueAll(sluice, jobs));
      const calls = [...main, ...scraper];
      expect(d1(calls).length).toBeLessThanOrEqual(tripsMax);
      expect(sum(d1(calls), 'rowsWritten') / jobs.length).toBeLessThanOrEqual(rowsMax);
      const sent = calls.filter(({ door }) => door !== 'DB').reduce((total, { size }) => total + size, 0);
      expect(sent).toBeLessThanOrEqual(sentMax);
    },
  );

  test('a single job costs 1 round trip to enqueue and 2 to do', async () => {
    const id = await sluice.enqueue('test-echo', {});
    const { main, scraper } = await callsUntilCompleted([id]);
    expect([d1(main).length, d1(scraper).length]).toEqual([1, 2]);
    expect(sum(d1([...main, ...scraper]), 'rowsWritten')).toBe(6);
  });

  test('what a job costs does not grow with the jobs that are kept', async () => {
    const first = await callsUntilCompleted(await enqueueAll(sluice, plain));
    await callsUntilCompleted(await enqueueAll(sluice, [...plain, ...plain, ...plain]));
    const later = await callsUntilCompleted(await enqueueAll(sluice, plain));
    for (const worker of /** @type {const} */ (['main', 'scraper'])) {
      expect(sum(d1(later[worker]), 'rowsRead')).toBeLessThanOrEqual(sum(d1(first[worker]), 'rowsRead') + 10);
    }
  });

  test('a duplicate delivery of 100 completed jobs costs 1 round trip and writes nothing', async () => {
    const ids = await enqueueAll(sluice, plain);
    await callsUntilCompleted(ids);
    const jobs = ids.map((id) => ({ id, type: 'test-echo', payload: null, metadata: { sluice: { v: 1 } } }));
    await sluice.send('JOB_QUEUE', { jobs }, { contentType: 'json' });
    await sleep(300);
    const scraper = await sluice.takeCalls('sluice-scraper');
    expect(scraper).toMatchObject([{ door: 'DB', rowsWritten: 0 }]);
  });

  test('a tick with nothing due costs 1 round trip, whatever is kept', async () => {
    await sluice.tick();
    await sleep(1200);
    await sluice.tick();
    await sluice.takeCalls('sluice');
    await sluice.tick();
    const calls = await sluice.takeCalls('sluice');
    expect(calls).toMatchObject([{ door: 'DB', rowsWritten: 1 }]);
    const [{ n }] = await sluice.rows('SELECT count(*) AS n FROM jobs');
    expect(n).toBeGreaterThan(500);
    // Mostly the one row of `sweep`, which each of its statements reads.
    expect(calls[0]?.rowsRead).toBeLessThan(100);
  });
});

test('jobs that fail twice cost no more than 11.5 rows written each', async () => {
  // Messages that come one by one are gathered, as in production.
  const sluice = await startSluice({ faults: true, batchTimeout: 1 });
  try {
    const backoff = { type: 'fixed', delay: 1000, jitter: 0 };
    const job = { type: 'test-fail', payload: { failures: 2 }, maxAttempts: 3, backoff };
    const ids = await enqueueAll(sluice, Array(JOBS).fill(job));
    await until(() => allIn(sluice, ids, 'completed'));
    const calls = [...(await sluice.takeCalls('sluice')), ...(await sluice.takeCalls('sluice-scraper'))];
    // A claim and a settle for each of three attempts; a batch may come in two parts.
    expect(d1(calls).length).toBeLessThanOrEqual(1 + 2 * 3 + 2 * 2);
    // Each failed attempt is settled and leased again, and has its place in the index of what is watched.
    expect(sum(d1(calls), 'rowsWritten') / JOBS).toBeLessThanOrEqual(11.5);
    // Five in a message at first, then each by itself, which the platform retries.
    const sent = calls.filter(({ door }) => door !== 'DB').reduce((total, { size }) => total + size, 0);
    expect(sent).toBe(JOBS / 5 + JOBS);
  } finally {
    await sluice.stop();
  }
});

test.each([
  ['core', 100_000],
  ['chat', 60_000],
])('the module sluice_%s is under %i bytes gzipped', (name, bytesMax) => {
  const module = readFileSync(path.join(import.meta.dirname, `../../dist/sluice_${name}.wasm`));
  expect(gzipSync(module, { level: 9 }).length).toBeLessThan(bytesMax);
});
