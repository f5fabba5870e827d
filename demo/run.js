// The demo: enqueues its jobs, watches them in a live table until all are final.
import { randomBytes } from 'node:crypto';
import { chat, flakyJob, hopelessJob, plainJobs, urgentJob } from './jobs.js';
import { isFinal, Tracker } from './tracker.js';

/** @typedef {import('../scripts/local/api.js').Api} Api */
/** @typedef {import('../scripts/local/log-lines.js').LogEntry} LogEntry */
/** @typedef {import('./jobs.js').DemoJob} DemoJob */
/** @typedef {import('./tracker.js').Job} Job */

const POLL_MS = 400;

/**
 * @typedef {object} DemoRun what came of the demo
 * @property {{ id: string, scrapeType: string }[]} chat jobs that the message led to
 * @property {string} reply to the chat message
 * @property {string} urgent id
 * @property {string[]} before ids of the jobs that were enqueued before the urgent one
 * @property {string} flaky id
 * @property {string} hopeless id
 * @property {{ id: string, job: DemoJob }[]} asked for through POST /jobs
 * @property {string} shop id of the navigation job
 * @property {Map<string, { name: string, job?: Job }>} entries of all jobs, those that followed included
 * @property {number} deadLetters that there were before
 */

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Runs the demo; resolves when all its jobs are final and the dead one was reported, when `until` has passed,
 * or when `stopped` aborts.
 *
 * @param {{ api: Api, origins: import('./server.js').Origins, alerts: LogEntry[], until: number,
 *   screen: import('../scripts/local/screen.js').Screen, stopped: AbortSignal }} options alerts: grows as
 *   they are logged; until: milliseconds since the epoch
 * @returns {Promise<DemoRun>}
 */
export async function runDemo({ api, origins, screen, alerts, until, stopped }) {
  const tracker = new Tracker(api);
  const refresh = async () => {
    await tracker.refresh();
    screen.show(tracker.rows());
  };
  const over = () => stopped.aborted || Date.now() > until;

  const run = await enqueueAll(api, origins, tracker, async (urgent) => {
    do {
      await sleep(POLL_MS / 2);
      await refresh();
    } while (!over() && tracker.entries.get(urgent)?.job?.status === 'pending');
  });
  const reported = () => alerts.some((entry) => isAbout(entry, run.hopeless));
  do {
    await sleep(POLL_MS);
    await refresh();
  } while (!over() && !(tracker.done && reported()));
  return run;
}

/**
 * @param {LogEntry} entry of a jobs.dead alert
 * @param {string} id
 * @returns {boolean} whether it reports that job
 */
export function isAbout(entry, id) {
  const jobs = /** @type {Job[]} */ (entry.jobs ?? []);
  return jobs.some((job) => job.jobId === id);
}

/**
 * Four jobs wait in scraping-tasks for the rest of their batch when the urgent one comes; a fifth would fill
 * it. So the others follow when the urgent one has left its queue.
 *
 * @param {Api} api
 * @param {import('./server.js').Origins} origins
 * @param {Tracker} tracker
 * @param {(urgent: string) => Promise<void>} started resolves when that job waits no longer
 * @returns {Promise<DemoRun>}
 */
async function enqueueAll(api, origins, tracker, started) {
  /** @type {DemoRun['asked']} */
  const asked = [];
  const enqueue = async (/** @type {DemoJob} */ job) => {
    const { jobId } = await api.post('/jobs', { ...job.request, tags: ['demo'] });
    tracker.add(jobId, job.name);
    asked.push({ id: jobId, job });
    return jobId;
  };
  const { deadLetters } = await api.get('/queue/health');
  const { reply, jobs } = await api.post('/chat', chat.body);
  for (const { jobId, scrapeType } of jobs) tracker.add(jobId, `chat: ${scrapeType}`);

  const [first, ...others] = plainJobs(origins);
  if (first) await enqueue(first);
  const before = [...tracker.entries.keys()];
  const urgent = await enqueue(urgentJob(origins));
  await started(urgent);

  const flaky = await enqueue(flakyJob(origins, randomBytes(4).toString('hex')));
  const hopeless = await enqueue(hopelessJob(origins));
  for (const job of others) await enqueue(job);
  const shop = asked.find(({ job }) => job.request.type === 'navigation')?.id ?? '';
  const fromChat = jobs.map((/** @type {Job} */ { jobId, scrapeType }) => ({ id: jobId, scrapeType }));
  return {
    chat: fromChat,
    reply,
    urgent,
    before,
    flaky,
    hopeless,
    asked,
    shop,
    entries: tracker.entries,
    deadLetters,
  };
}

/**
 * All jobs of a run as they are now, with payloads and results, which lists leave out.
 *
 * @param {Api} api
 * @param {DemoRun} run
 * @returns {Promise<Map<string, Job>>}
 */
export async function readJobs(api, run) {
  /** @type {Map<string, Job>} */
  const jobs = new Map();
  for (const [id, { job }] of run.entries) {
    jobs.set(id, isFinal(job) ? await api.get(`/jobs/${id}`) : (job ?? { status: 'unknown' }));
  }
  return jobs;
}
