// The operations that run for each batch, each minute and each page, once each, metered.
import { until } from '../../tests/worker/harness.js';
import { copyJob, floorOf, placeSweep } from './record.js';

/**
 * @typedef {Awaited<ReturnType<typeof import('../lib/metered.js').startMeteredSluice>>} MeteredSluice
 * @typedef {import('../lib/meter.js').RoundTrip} RoundTrip
 * @typedef {{ statements: number, rows_read: number, ms: number }} Figures what D1 was given and read, and
 *   its own time
 * @typedef {Record<string, Figures>} Operations
 */

export const BATCH = 100;
export const RESEND_MS = 900_000;
export const DAY_MS = 86_400_000;
export const RETENTION_MS = 7 * DAY_MS;
const PAGE = 50;

/** @param {RoundTrip[]} roundTrips @returns {Figures} */
function figuresOf(roundTrips) {
  const figures = { statements: 0, rows_read: 0, ms: 0 };
  for (const { statements, rowsRead, ms } of roundTrips) {
    figures.statements += statements;
    figures.rows_read += rowsRead;
    figures.ms += ms;
  }
  return figures;
}

/**
 * What both workers' round trips were while something went on.
 *
 * @param {MeteredSluice} system
 * @param {() => Promise<unknown>} act
 * @returns {Promise<{ main: RoundTrip[], scraper: RoundTrip[] }>}
 */
async function during({ metered }, act) {
  await metered.takeUsage();
  await act();
  const [main, scraper] = await metered.takeUsage();
  return { main: main?.roundTrips ?? [], scraper: scraper?.roundTrips ?? [] };
}

/** @param {MeteredSluice} system @param {string[]} ids */
const untilDone = (system, ids) =>
  until(() => {
    const [{ n }] = system.metered.look(
      "SELECT count(*) AS n FROM json_each(?) AS e JOIN jobs ON jobs.id = e.value WHERE status = 'completed'",
      JSON.stringify(ids),
    );
    return n === ids.length;
  });

/** A batch of plain jobs from their enqueue to their end. @param {MeteredSluice} system */
async function measureBatch(system) {
  const jobs = Array.from({ length: BATCH }, (_, n) => ({ type: 'test-echo', payload: { n } }));
  const { main, scraper } = await during(system, async () => untilDone(system, await system.enqueue(jobs)));
  if (main.length !== 1 || scraper.length !== 2)
    throw new Error(`${main.length} and ${scraper.length} round trips for a batch, instead of 1 and 2`);
  const [claim, settle] = scraper;
  return {
    enqueue: figuresOf(main),
    claim: figuresOf(claim ? [claim] : []),
    settle: figuresOf(settle ? [settle] : []),
  };
}

/**
 * A tick of the minute cron with as much to do each time: a batch of finished jobs passes the watermark, and
 * another one's retention is over.
 *
 * @param {MeteredSluice} system
 * @param {string} template a plain job that was done
 */
async function measureSweep(system, template) {
  const now = Date.now();
  const recent = now - RESEND_MS - 2;
  const old = now - RETENTION_MS - 60_000;
  await copyJob(system.sluice, template, { count: BATCH, since: recent, until: recent + 1 });
  await copyJob(system.sluice, template, { count: BATCH, since: old, until: old + 1 });
  await placeSweep(system.sluice, { watchedTo: recent, prunedTo: old });
  const { main, scraper } = await during(system, () => system.sluice.tick());
  const [{ left, passed }] = system.metered.look(
    `SELECT (SELECT count(*) FROM jobs WHERE id < ?1) AS left, watermark > ?2 AS passed FROM sweep`,
    floorOf(old + 2),
    floorOf(recent + 1),
  );
  if (left !== 0 || passed !== 1) throw new Error(`the tick left ${left} old jobs, passed ${passed}`);
  return figuresOf([...main, ...scraper]);
}

/** @param {MeteredSluice} system @param {string} address @returns {Promise<Figures>} */
async function measureRead(system, address) {
  const { main } = await during(system, async () => {
    const { status } = await system.sluice.call(address);
    if (status !== 200) throw new Error(`${address}: ${status}`);
  });
  return figuresOf(main);
}

/**
 * @param {MeteredSluice} system
 * @param {string} template a plain job that was done
 * @returns {Promise<Operations>}
 */
export async function measureOperations(system, template) {
  const batch = await measureBatch(system);
  // Health looks at what is behind the watermark: as much each time.
  const now = Date.now();
  await placeSweep(system.sluice, { watchedTo: now + 1, prunedTo: now - RETENTION_MS });
  const health = await measureRead(system, '/queue/health');
  const yesterday = floorOf(now - DAY_MS);
  return {
    ...batch,
    sweep: await measureSweep(system, template),
    list: await measureRead(system, `/jobs?limit=${PAGE}`),
    list_deep: await measureRead(system, `/jobs?limit=${PAGE}&cursor=${yesterday}`),
    list_failed: await measureRead(system, `/jobs?status=failed&limit=${PAGE}`),
    dead_letters: await measureRead(system, `/dead-letters?limit=${PAGE}`),
    stats: await measureRead(system, '/stats'),
    health,
  };
}
