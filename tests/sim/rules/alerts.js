// Alerts: people are told of failures that stand, and once.

/** @typedef {import('../actor.js').Actor} Actor */

export class Alerts {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
    /** @type {Map<string, Actor>} who archived each dead letter, by `id@failedAt` */
    this.buried = new Map();
    /** @type {Map<string, Set<Actor | undefined>>} and who has told somebody of it */
    this.told = new Map();
  }

  /** @param {Actor} actor @param {{ id: string, failed_at: number }[]} burials */
  observe(actor, burials) {
    for (const { id, failed_at: failedAt } of burials) this.buried.set(`${id}@${failedAt}`, actor);
  }

  /**
   * Whether an actor cannot know that somebody was told: its core has trapped, its message has come before, or it
   * archived the letter itself, and whoever got its message again was faster.
   * @param {Actor} actor @param {string} jobId @param {string} name
   */
  excuses(actor, jobId, name) {
    if (actor.trapped > 0 || actor.repeated.has(jobId)) return true;
    return this.buried.get(name) === actor && !this.told.get(name)?.has(actor);
  }

  /** @param {Actor | undefined} actor @param {{ jobId: string, failedAt: string }[]} jobs */
  judge(actor, jobs) {
    /** @type {Set<string>} */
    const here = new Set();
    for (const { jobId, failedAt } of jobs) {
      const name = `${jobId}@${Date.parse(failedAt)}`;
      if (here.has(name)) this.checker.blame('duplicated', 'told twice in one alert', name);
      if (!this.buried.has(name)) this.checker.blame('overwritten', 'told of what is not archived', name);
      if (this.told.has(name) && actor && !this.excuses(actor, jobId, name)) {
        this.checker.blame('duplicated', 'told again', `${name} by ${actor.name}`);
      }
      here.add(name);
    }
    for (const name of here) this.told.set(name, (this.told.get(name) ?? new Set()).add(actor));
  }
}
