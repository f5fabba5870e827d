// Alerts: people are told of failures that stand, and once.

/** @typedef {import('../actor.js').Actor} Actor */

export class Alerts {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
    /** @type {Set<string>} `id@failedAt` of the dead letters that were archived */
    this.buried = new Set();
    /** @type {Set<string>} and of those that somebody was told of */
    this.told = new Set();
  }

  /** @param {{ id: string, failed_at: number }[]} burials */
  observe(burials) {
    for (const { id, failed_at: failedAt } of burials) this.buried.add(`${id}@${failedAt}`);
  }

  /** @param {Actor | undefined} actor @param {{ jobId: string, failedAt: string }[]} jobs */
  judge(actor, jobs) {
    /** @type {Set<string>} */
    const here = new Set();
    for (const { jobId, failedAt } of jobs) {
      const name = `${jobId}@${Date.parse(failedAt)}`;
      if (here.has(name)) this.checker.blame('duplicated', 'told twice in one alert', name);
      if (!this.buried.has(name)) this.checker.blame('overwritten', 'told of what is not archived', name);
      // Whose core has trapped cannot know what was told.
      if (this.told.has(name) && actor && actor.trapped === 0 && !actor.repeated.has(jobId)) {
        this.checker.blame('duplicated', 'told again', `${name} by ${actor.name}`);
      }
      here.add(name);
    }
    for (const name of here) this.told.add(name);
  }
}
