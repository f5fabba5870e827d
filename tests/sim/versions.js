// Versions of the workers: what a deployed one knows and how it is set.
import { types } from '#registry/types';

/** @typedef {Record<string, any> & { type: string }} JobType */
/** @typedef {{ name: string, types: JobType[], vars: Record<string, string> }} Version */
/** @typedef {import('./dice.js').Dice} Dice */

const POLLED = ['test-polled', 'test-polled-aside'];
const KNOWN = [
  'test-echo',
  'test-noop',
  'test-scrapelike',
  'test-limited',
  'test-reaching',
  'scrape_request',
  ...POLLED,
];
/** Types whose starts are spread in time. */
export const RATED = ['test-rated', 'test-rated-tenant', 'test-rated-polled'];
/** A type that later versions dropped, and one that they brought. */
const DROPPED = 'test-dropped';
const BROUGHT = 'test-brought';
/** Every type that a job of a world may have, the frequent ones more than once. */
export const TYPES = [
  'test-echo',
  'test-echo',
  'test-noop',
  'test-scrapelike',
  'test-limited',
  ...POLLED,
  DROPPED,
  BROUGHT,
];

const SITES = [
  { scrapeType: 'hotel', url: 'https://hotels.example/find?q={query}' },
  { scrapeType: 'flight', url: 'https://flights.example/find?q={query}' },
  { scrapeType: 'attraction', url: 'https://sights.example/find?q={query}' },
];

/** What leases and resends take in production, and shorter times so that what depends on them happens often. */
const PACES = [
  { LEASE_MS: '300000', RESEND_AFTER_MS: '900000' },
  { LEASE_MS: '60000', RESEND_AFTER_MS: '300000' },
  { LEASE_MS: '60000', RESEND_AFTER_MS: '300000' },
  { LEASE_MS: '90000', RESEND_AFTER_MS: '120000' },
];

/** Days, of minutes that a world lives to see; but more of them than anybody stands still who may repeat a request. */
const RETENTIONS = ['0.01', '0.015', '0.02'];

/**
 * How long what is final is kept, for all versions: what operators set is not what a version brings.
 * @param {Dice} dice @returns {Record<string, string>}
 */
export function drawRetention(dice) {
  if (dice.chance(0.7)) return {};
  return { RETENTION_COMPLETED_DAYS: dice.pick(RETENTIONS), RETENTION_FAILED_DAYS: dice.pick(RETENTIONS) };
}

/** Queues that wait for the same together: those of what reaches for hosts, and of the jobs that lines mix. */
const TOGETHER = [
  ['background-jobs', 'scraping-tasks', 'scraping-priority'],
  ['test-limited'],
  ['test-polled'],
  ['test-rated'],
  ['test-rated-tenant'],
  ['test-rated-polled'],
];

/**
 * Which shard judges each queue: in half of the worlds one judges all.
 * @param {Dice} dice @param {number} shards @returns {Record<string, number>}
 */
export function drawJudges(dice, shards) {
  const one = dice.chance(0.5) ? dice.below(shards) : undefined;
  return Object.fromEntries(
    TOGETHER.flatMap((queues) => {
      const judge = one ?? dice.below(shards);
      return queues.map((queue) => [queue, judge]);
    }),
  );
}

/** @param {string} name @returns {JobType} */
function typeCalled(name) {
  const known = types.find(({ type }) => type === name);
  const plain = types.find(({ type }) => type === 'test-echo');
  return { .../** @type {JobType} */ (known ?? plain), type: name };
}

/** @param {Dice} dice @param {JobType} type */
function changed(dice, type) {
  return {
    ...type,
    maxAttempts: dice.between(1, 5),
    timeoutMs: dice.between(20, 600) * 1000,
    backoff: {
      type: dice.pick(['fixed', 'linear', 'exponential']),
      delay: dice.between(0, 20) * 1000,
      maxDelay: 120000,
      jitter: dice.pick([0, 0.2]),
    },
  };
}

/**
 * The version that a world begins with and the one that is deployed to it.
 * @param {Dice} dice @param {Record<string, string>} vars that both share
 * @returns {[Version, Version]}
 */
export function drawVersions(dice, vars) {
  const pace = dice.pick(PACES);
  const shared = {
    ...vars,
    SITES: JSON.stringify(SITES),
    TENANT_CONCURRENCY: '2',
    SCRAPE_CONCURRENCY: '2',
    POLL_BATCH: dice.pick(['1', '2', '3', '10']),
    ...(dice.chance(0.15) && { MAX_PENDING_PER_QUEUE: `${dice.between(8, 20)}` }),
  };
  const known = KNOWN.map(typeCalled);
  const rated = RATED.map(typeCalled);
  const next = known.map((type) => (dice.chance(0.5) ? changed(dice, type) : type));
  return [
    { name: 'old', types: [...known, ...rated, typeCalled(DROPPED)], vars: { ...shared, ...pace } },
    {
      name: 'new',
      types: [...next, ...rated, typeCalled(BROUGHT)],
      vars: { ...shared, ...(dice.chance(0.5) ? dice.pick(PACES) : pace) },
    },
  ];
}
