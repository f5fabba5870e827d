// What the demo prints when its jobs are done.
import { fieldsOf, withWaits } from './checks.js';

/** @typedef {import('./tracker.js').Job} Job */
/** @typedef {import('./checks.js').Evidence} Evidence */

const shown = [
  'price',
  'currency',
  'rating',
  'bestRating',
  'ratingCount',
  'flightNumber',
  'from',
  'to',
  'sku',
];

/** @param {Record<string, any>} fields */
function summary(fields) {
  const parts = shown.filter((name) => fields[name] !== undefined).map((name) => `${name} ${fields[name]}`);
  return [fields.name ?? '(no name)', ...parts].join(', ');
}

/**
 * @param {Job} job
 * @returns {string}
 */
function outcome(job) {
  const { result, lastError } = job;
  if (job.status !== 'completed')
    return `${job.status}: ${lastError?.code ?? ''} ${lastError?.message ?? ''}`;
  if (job.type === 'scrape_request') return summary(fieldsOf(job));
  if (job.type === 'product') return summary(result.items[0] ?? {});
  const names = (result.items ?? result.pages).map((/** @type {any} */ item) => item.name ?? item.title);
  return `${names.length} found: ${names.join('; ')}`;
}

/**
 * @param {Evidence} evidence
 * @returns {string[]} lines
 */
function orderLines({ run, jobs }) {
  const started = [...run.entries]
    .map(([id, { name }]) => ({ name, job: jobs.get(id) }))
    .filter(({ job }) => job?.startedAt)
    .sort((a, b) => Date.parse(a.job?.startedAt) - Date.parse(b.job?.startedAt))
    .slice(0, run.before.length + 1);
  return started.map(({ name, job }, n) => {
    const clock = (/** @type {string | null} */ text) => text?.slice(11, 23) ?? '-';
    const { createdAt, startedAt, completedAt, queue } = job ?? {};
    const times = [
      `enqueued ${clock(createdAt)}`,
      `started ${clock(startedAt)}`,
      `completed ${clock(completedAt)}`,
    ];
    return `  ${n + 1}. ${name} (${queue}): ${times.join(', ')}`;
  });
}

/**
 * @param {Evidence} evidence
 * @returns {string[]} lines
 */
function attemptLines({ attempts }) {
  return withWaits(attempts).map(({ attempt, waitedMs }) => {
    const error = attempt.error ? `, ${attempt.error.code}` : '';
    const wait = attempt.delayMs === undefined ? '' : `; delay ${attempt.delayMs} ms`;
    const next = waitedMs === undefined ? '' : `, next attempt after ${waitedMs} ms`;
    return `  attempt ${attempt.attempt}: ${attempt.outcome}${error}${wait}${next}`;
  });
}

/**
 * @param {Evidence} evidence
 * @param {{ stats: Record<string, any>, health: Record<string, any> }} figures answers of GET /stats and
 *   /queue/health
 * @returns {string[]} lines
 */
export function report(evidence, { stats, health }) {
  const { run, jobs, alerts } = evidence;
  const results = [...run.entries].map(([id, { name }]) => {
    const job = jobs.get(id);
    return `  ${id.slice(-8)}  ${job?.type ?? name}: ${job ? outcome(job) : 'unknown'}`;
  });
  const alertLines = alerts.map(
    ({ level, event, jobs: dead }) => `  ${level} ${event} ${JSON.stringify(dead)}`,
  );
  return [
    '',
    `Chat: ${run.reply}`,
    '',
    'Results',
    ...results,
    '',
    'The first to start',
    ...orderLines(evidence),
    '',
    'The flaky job',
    ...attemptLines(evidence),
    '',
    'Alerts in the log',
    ...alertLines,
    '',
    `Stats: ${stats.total} jobs, ${stats.completed} completed (${stats.completionRate}), ` +
      `${stats.failed} failed`,
    `Queues: ${health.pendingMessages} pending, ${health.deadLetters} dead letters, ` +
      `${health.averageProcessingTime} ms per job, error rate ${health.errorRate}`,
    '',
  ];
}

/**
 * @param {import('./checks.js').Check[]} checks
 * @returns {string[]} lines
 */
export function checkLines(checks) {
  return checks.flatMap(({ text, faults }) => [
    `${faults.length === 0 ? '✓' : '✗'} ${text}`,
    ...faults.map((fault) => `    ${fault}`),
  ]);
}
