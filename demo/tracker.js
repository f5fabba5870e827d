// The demo's own jobs among all: those that it enqueued, and those that they enqueued in turn.

/** @typedef {Record<string, any>} Job as GET /jobs tells it */
/** @typedef {import('../scripts/local/api.js').Api} Api */

const finals = new Set(['completed', 'failed', 'cancelled']);

/** @param {Job | undefined} job */
export const isFinal = (job) => job !== undefined && finals.has(job.status);

const LIST_MAX = 500; // contract: the longest page of GET /jobs

export class Tracker {
  /** @type {Map<string, { name: string, job?: Job }>} by job id, in the order of enqueueing */
  entries = new Map();

  /** @param {Api} api */
  constructor(api) {
    this.api = api;
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  add(id, name) {
    this.entries.set(id, { name });
  }

  /** Reads all of them anew: one page of the list, and singly those that other work has pushed off it. */
  async refresh() {
    const { jobs } = await this.api.get(`/jobs?limit=${LIST_MAX}`);
    for (const job of jobs.toReversed()) {
      const entry = this.entries.get(job.jobId);
      if (entry) entry.job = job;
      else if (this.entries.has(job.correlationId)) this.entries.set(job.jobId, { name: 'followed', job });
    }
    const listed = new Set(jobs.map((/** @type {Job} */ job) => job.jobId));
    for (const [id, entry] of this.entries) {
      if (!listed.has(id) && !isFinal(entry.job)) entry.job = await this.api.get(`/jobs/${id}`);
    }
  }

  /** @returns {boolean} whether every one that is known is final */
  get done() {
    return [...this.entries.values()].every(({ job }) => isFinal(job));
  }

  /** @returns {import('../scripts/local/screen.js').Row[]} */
  rows() {
    return [...this.entries].map(([id, { name, job }]) => ({
      id,
      cells: [
        // The first half of an id is the time, which all of them share.
        id.slice(-8),
        job?.type ?? '',
        String(job?.priority ?? ''),
        job?.queue ?? '',
        job?.status ?? 'pending',
        job ? `${job.attempts}/${job.maxAttempts}` : '',
        job ? note(job, name) : name,
      ],
    }));
  }
}

/** The table's columns. */
export const columns = {
  header: ['id', 'type', 'pri', 'queue', 'status', 'tries', 'what'],
  widths: [8, 14, 3, 17, 10, 5, 0],
};

/**
 * @param {Job} job
 * @param {string} name
 */
function note({ status, progress, lastError }, name) {
  const percent = status === 'processing' && progress ? ` ${progress} %` : '';
  const error = lastError && status !== 'completed' ? `: ${lastError.code}, ${lastError.message}` : '';
  return `${name}${percent}${error}`;
}
