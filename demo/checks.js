// What the demo promises, checked on what came of it.
import { chat, FLAKY_DELAY_MS, shopExpect } from './jobs.js';
import { isAbout } from './run.js';

/** @typedef {import('./tracker.js').Job} Job */
/** @typedef {import('./run.js').DemoRun} DemoRun */
/** @typedef {{ attempt: number, outcome: string, startedAt: string, finishedAt: string, error?: any,
 *   delayMs?: number }} Attempt */
/** @typedef {{ text: string, faults: string[] }} Check faults: none means that it holds */

/**
 * @typedef {object} Evidence
 * @property {DemoRun} run
 * @property {Map<string, Job>} jobs by id, with results
 * @property {Attempt[]} attempts of the flaky job
 * @property {number} deadLetters that there are now
 * @property {import('../scripts/local/log-lines.js').LogEntry[]} alerts
 */

/** @param {string | null | undefined} text RFC 3339 */
const time = (text) => (text ? Date.parse(text) : Number.NaN);

/**
 * @param {Evidence} evidence
 * @returns {Check[]}
 */
export function check(evidence) {
  return [
    checkChat(evidence),
    checkUrgent(evidence),
    checkFlaky(evidence),
    checkHopeless(evidence),
    checkFields(evidence),
    checkShop(evidence),
    checkOthers(evidence),
  ];
}

/**
 * @param {Evidence} evidence
 * @returns {Check}
 */
function checkChat({ run, jobs }) {
  const wanted = Object.keys(chat.expect);
  const faults = [];
  for (const type of wanted) {
    const found = run.chat.find(({ scrapeType }) => scrapeType === type);
    if (!found) faults.push(`no ${type} job`);
    else faults.push(...fieldFaults(`chat: ${type}`, fieldsOf(jobs.get(found.id)), chat.expect[type] ?? {}));
  }
  return {
    text: `the chat message led to ${wanted.join(', ')} jobs, whose fields are those of the pages`,
    faults,
  };
}

/**
 * @param {Evidence} evidence
 * @returns {Check}
 */
function checkUrgent({ run, jobs }) {
  const urgent = jobs.get(run.urgent);
  const faults = [];
  if (urgent?.queue !== 'scraping-priority') faults.push(`it went through ${urgent?.queue}`);
  for (const [id, { job }] of run.entries) {
    if (id === run.urgent || !(time(job?.startedAt) <= time(urgent?.startedAt))) continue;
    faults.push(`${id} started at ${job?.startedAt}, the urgent one at ${urgent?.startedAt}`);
  }
  for (const id of run.before) {
    if (time(jobs.get(id)?.createdAt) > time(urgent?.createdAt))
      faults.push(`${id} was not enqueued before it`);
  }
  if (Number.isNaN(time(urgent?.startedAt))) faults.push('it never started');
  const text = `the urgent job, enqueued after ${run.before.length} others, started first`;
  return { text: `${text}, through scraping-priority`, faults };
}

/**
 * @param {Attempt[]} attempts
 * @returns {{ attempt: Attempt, waitedMs?: number }[]} with the time until the next one started
 */
export function withWaits(attempts) {
  return attempts.map((attempt, n) => {
    const next = attempts[n + 1];
    return next ? { attempt, waitedMs: time(next.startedAt) - time(attempt.finishedAt) } : { attempt };
  });
}

/**
 * @param {Evidence} evidence
 * @returns {Check}
 */
function checkFlaky({ run, jobs, attempts }) {
  const job = jobs.get(run.flaky);
  const tries = attempts.filter(({ outcome }) => outcome !== 'snoozed');
  const faults = [];
  if (job?.status !== 'completed') faults.push(`it is ${job?.status}`);
  const outcomes = tries.map(({ outcome }) => outcome).join(', ');
  if (outcomes !== 'failed, failed, completed') faults.push(`its attempts: ${outcomes}`);
  if (tries.length !== 3 || job?.attempts !== 3) faults.push(`it took ${job?.attempts} attempts`);
  for (const [n, { attempt, waitedMs = 0 }] of withWaits(tries).slice(0, 2).entries()) {
    const delay = attempt.delayMs ?? 0;
    const base = FLAKY_DELAY_MS * 2 ** n;
    if (Math.abs(delay - base) > base * 0.1)
      faults.push(`delay ${n + 1} is ${delay} ms, not ${base} ms ± 10 %`);
    if (waitedMs < delay)
      faults.push(`attempt ${n + 2} came after ${waitedMs} ms, before its delay of ${delay} ms`);
  }
  return { text: 'the flaky job completed on attempt 3, after delays of about 1 s and 2 s', faults };
}

/**
 * @param {Evidence} evidence
 * @returns {Check}
 */
function checkHopeless({ run, jobs, deadLetters, alerts }) {
  const job = jobs.get(run.hopeless);
  const faults = [];
  if (job?.status !== 'failed') faults.push(`it is ${job?.status}`);
  if (deadLetters <= run.deadLetters) faults.push(`there are ${deadLetters} dead letters, as before`);
  if (!alerts.some((entry) => isAbout(entry, run.hopeless))) faults.push('no alert about it was logged');
  return { text: 'the hopeless job failed, is in the dead letters, and an alert was logged', faults };
}

/**
 * @param {Evidence} evidence
 * @returns {Check}
 */
function checkFields({ run, jobs }) {
  const faults = run.asked.flatMap(({ id, job }) =>
    job.expect ? fieldFaults(job.name, fieldsOf(jobs.get(id)), job.expect) : [],
  );
  return { text: 'the results hold the fields that the pages show', faults };
}

/**
 * @param {Evidence} evidence
 * @returns {Check}
 */
function checkShop({ run, jobs }) {
  const followed = [...jobs.values()].filter(
    (job) => job.correlationId === run.shop && job.jobId !== run.shop,
  );
  const faults = [];
  for (const [type, count] of Object.entries(shopExpect.types)) {
    const found = followed.filter((job) => job.type === type).length;
    if (found !== count) faults.push(`${found} ${type} jobs instead of ${count}`);
  }
  const products = followed
    .filter((job) => job.type === 'product')
    .map((job) => fieldsOf(job).items?.[0] ?? {});
  for (const [name, expected] of Object.entries(shopExpect.products)) {
    faults.push(...fieldFaults(name, products.find((product) => product.name === name) ?? {}, expected));
  }
  return { text: 'the navigation led to 3 categories, these to 5 products with their prices', faults };
}

/**
 * @param {Evidence} evidence
 * @returns {Check}
 */
function checkOthers({ run, jobs }) {
  const faults = [...jobs]
    .filter(([id, job]) => id !== run.hopeless && job.status !== 'completed')
    .map(
      ([id, job]) => `${run.entries.get(id)?.name} (${id}) is ${job.status}: ${job.lastError?.message ?? ''}`,
    );
  return { text: 'all other jobs completed', faults };
}

/**
 * @param {Job | undefined} job
 * @returns {Record<string, any>} what a page gave
 */
export function fieldsOf(job) {
  return (job?.type === 'scrape_request' ? job.result?.data : job?.result) ?? {};
}

/**
 * @param {string} name
 * @param {Record<string, unknown>} found
 * @param {Record<string, unknown>} expected
 * @returns {string[]}
 */
function fieldFaults(name, found, expected) {
  return Object.entries(expected)
    .filter(([field, value]) => found[field] !== value)
    .map(([field, value]) => {
      const seen = JSON.stringify(found[field]);
      return `${name}: ${field} is ${seen}, the page says ${JSON.stringify(value)}`;
    });
}
