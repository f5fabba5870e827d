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
])('%s', (type, queue, priority, maxAttempts, retry) => {
  expect(policy(type)).toMatchObject({ type, queue, priority, maxAttempts, backoff: retry });
});

test('urgent scrape requests have a queue and attempts of their own', () => {
  expect(policy('scrape_request')).toMatchObject({ urgentQueue: 'scraping-priority', urgentMaxAttempts: 6 });
});
