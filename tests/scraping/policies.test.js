// The policies that the job types promise their callers.

import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** @param {string} type */
function policy(type) {
  const [file = ''] = globSync(`scraper/handlers/*/${type}/job.json`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/**
 * @param {number} delay
 * @param {number} maxDelay
 * @param {number} jitter
 */
const backoff = (delay, maxDelay, jitter) => ({ type: 'exponential', delay, maxDelay, jitter });

const patient = backoff(60_000, 3_600_000, 0);
const outreach = backoff(300_000, 3_600_000, 0);

test.each([
  ['scrape_request', 'scraping-tasks', 5, 4, backoff(10_000, 3_600_000, 0.1)],
  ['navigation', 'scraping-tasks', 2, 3, backoff(1000, 3_600_000, 0.1)],
  ['category', 'scraping-tasks', 5, 3, backoff(1000, 3_600_000, 0.1)],
  ['product', 'scraping-tasks', 8, 3, backoff(1000, 3_600_000, 0.1)],
  ['crawl-website', 'background-jobs', 5, 3, patient],
  ['send-email', 'background-jobs', 5, 3, patient],
  ['generate-embedding', 'background-jobs', 5, 3, patient],
  ['generate-content', 'background-jobs', 5, 3, patient],
  ['batch-import', 'background-jobs', 5, 3, patient],
  ['webhook-delivery', 'background-jobs', 5, 3, patient],
  ['process_reply', 'outreach', 1, 3, outreach],
  ['send_email', 'outreach', 6, 3, outreach],
  ['enrich_email', 'outreach', 5, 3, outreach],
  ['enrich_website', 'outreach', 7, 3, outreach],
  ['sync_to_supabase', 'outreach', 8, 3, outreach],
  ['cleanup', 'outreach', 10, 3, outreach],
])('%s has its queue, priority, attempts and backoff', (type, queue, priority, maxAttempts, retry) => {
  expect(policy(type)).toMatchObject({ type, queue, priority, maxAttempts, backoff: retry });
});

test('urgent scrape requests have a queue and attempts of their own', () => {
  expect(policy('scrape_request')).toMatchObject({ urgentQueue: 'scraping-priority', urgentMaxAttempts: 6 });
});

test('outreach is polled: replies and mails from one slot, enrichment and upkeep from slots of their own', () => {
  const slots = [
    'process_reply',
    'send_email',
    'enrich_email',
    'enrich_website',
    'sync_to_supabase',
    'cleanup',
  ].map((type) => [policy(type).transport, policy(type).slot]);
  expect(slots).toEqual([
    ['none', undefined],
    ['none', undefined],
    ['none', 'enrichment'],
    ['none', 'enrichment'],
    ['none', 'upkeep'],
    ['none', 'upkeep'],
  ]);
});
