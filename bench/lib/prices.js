// What Cloudflare charges: list prices of the Workers Paid plan in US dollars, as its documentation had them
// in November 2026 (pricing pages of Workers, D1, Queues and R2).
//
// They are marginal. Left out are the $5 a month and what they include each month (10 million requests,
// 30 million CPU milliseconds, 25 billion rows read, 50 million rows written, 1 million queue operations,
// 5 GB in D1) and R2's free tier: at the sizes that matter they are small change.

export const PRICES_AS_OF = 'November 2026';

/** A million of each. */
export const PER_MILLION = Object.freeze({
  // What invokes a Worker from outside: a request, and, to be on the safe side, a batch of messages and a
  // cron. Calls over service bindings and of D1 and Queues are none.
  requests: 0.3,
  // Milliseconds.
  cpuMs: 0.02,
  rowsRead: 0.001,
  rowsWritten: 1,
  // For each 64 KB of a message: its write, each of its deliveries, its deletion, and its way into a
  // dead-letter queue.
  queueOperations: 0.4,
  // R2: writes; reads.
  classA: 4.5,
  classB: 0.36,
});

/** A gigabyte kept for a month. */
export const PER_GB_MONTH = Object.freeze({ d1: 0.75, r2: 0.015 });

/** Queues: a KB has 1,000 bytes, and a message about 100 of metadata. */
const UNIT_BYTES = 64_000;
const METADATA_BYTES = 100;

/** @param {number} bytes of a message's body @returns {number} what its write, read or deletion counts as */
export const queueUnits = (bytes) => Math.ceil((bytes + METADATA_BYTES) / UNIT_BYTES);
