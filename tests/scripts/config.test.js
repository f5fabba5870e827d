// The figures that the workers' real configuration promises: queues, crons, variables with their defaults.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** @param {string} file JSON with comments @returns {any} */
function read(file) {
  const text = readFileSync(file, 'utf8');
  return JSON.parse(text.replace(/("(?:[^"\\]|\\.)*")|\/\/.*/g, (_, string) => string ?? ''));
}

const main = read('wrangler.jsonc');
const scraper = read('scraper/wrangler.jsonc');

test('the job queues have their batches, retries and dead-letter queues', () => {
  const figures = scraper.queues.consumers.map((/** @type {any} */ consumer) => [
    consumer.queue,
    consumer.max_batch_size,
    consumer.max_batch_timeout,
    consumer.max_retries,
    consumer.dead_letter_queue,
  ]);
  expect(figures).toEqual([
    ['scraping-tasks', 5, 30, 3, 'scraping-dlq'],
    ['scraping-priority', 2, 10, 5, 'scraping-dlq'],
    ['background-jobs', 100, 30, 3, 'background-jobs-dlq'],
  ]);
});

test('the main worker consumes every dead-letter queue, and loses nothing that it cannot archive now', () => {
  const letters = main.queues.consumers;
  expect(letters.map((/** @type {any} */ { queue }) => queue)).toEqual([
    'scraping-dlq',
    'background-jobs-dlq',
  ]);
  // The platform gives 100 retries at most: together they outlast an outage of an hour and a half.
  for (const { max_retries, retry_delay } of letters) expect([max_retries, retry_delay]).toEqual([100, 60]);
});

test('both workers send to every queue', () => {
  const bindings = [
    ['SCRAPING_QUEUE', 'scraping-tasks'],
    ['PRIORITY_SCRAPING_QUEUE', 'scraping-priority'],
    ['JOB_QUEUE', 'background-jobs'],
    ['SCRAPING_DLQ', 'scraping-dlq'],
    ['JOB_DLQ', 'background-jobs-dlq'],
  ];
  for (const { queues } of [main, scraper]) {
    const sent = queues.producers.map((/** @type {any} */ { binding, queue }) => [binding, queue]);
    expect(sent).toEqual(bindings);
  }
});

test('the minute cron is the main worker’s, which reaches the scraper by RPC', () => {
  expect(main.triggers.crons).toContain('*/1 * * * *');
  expect(main.services).toEqual([{ binding: 'SCRAPER', service: 'sluice-scraper' }]);
  expect([scraper.triggers, scraper.services]).toEqual([undefined, undefined]);
});

test('placement is smart, logs are kept, both workers have the same database', () => {
  for (const config of [main, scraper]) {
    expect(config.placement).toEqual({ mode: 'smart' });
    expect(config.observability).toEqual({ enabled: true });
    expect(config.d1_databases).toMatchObject([{ binding: 'DB', database_name: 'sluice' }]);
  }
});

test('variables have their defaults, the same in both workers', () => {
  expect(main.vars).toMatchObject({
    LEASE_MS: '300000',
    SCRAPE_CONCURRENCY: '3',
    MAX_ATTEMPTS: '3',
    HOST_DELAY_MS: '1000',
    POLL_BATCH: '10',
    RESEND_AFTER_MS: '900000',
    MAX_PENDING_PER_QUEUE: '1000000',
    RETENTION_COMPLETED_DAYS: '7',
    RETENTION_FAILED_DAYS: '30',
    QUEUE_SHARDS: '',
    LOG_LEVEL: 'info',
    ALERT_WEBHOOK_URL: '',
    EMAIL_FROM: '',
    ALLOW_PRIVATE_HOSTS: '',
    SITES: '',
  });
  for (const [name, value] of Object.entries(scraper.vars)) {
    if (name in main.vars) expect([name, value]).toEqual([name, main.vars[name]]);
  }
});
