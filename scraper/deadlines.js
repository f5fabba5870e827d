// The timeouts of the jobs that run side by side, on one timer: it waits for the first of them.

/** @typedef {{ at: number, over: () => void }} Deadline */

/** The timeouts of one invocation: on Workers a timer is its own. */
export class Deadlines {
  /** @type {Set<Deadline>} */
  #open = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer = undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  /**
   * @param {number} ms from now
   * @param {() => void} over is called then, unless it was removed
   * @returns {Deadline}
   */
  add(ms, over) {
    const deadline = { at: Date.now() + ms, over };
    this.#open.add(deadline);
    if (deadline.at < this.#timerAt) this.#wait(deadline.at, ms);
    return deadline;
  }

  /** @param {Deadline} deadline */
  remove(deadline) {
    this.#open.delete(deadline);
  }

  /** Nothing is waited for any more. */
  close() {
    this.#open.clear();
    clearTimeout(this.#timer);
  }

  /** @param {number} at @param {number} ms the same from now */
  #wait(at, ms) {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#look(), ms);
  }

  #look() {
    const now = Date.now();
    this.#timerAt = Number.POSITIVE_INFINITY;
    let next = Number.POSITIVE_INFINITY;
    for (const deadline of this.#open) {
      if (deadline.at > now) {
        next = Math.min(next, deadline.at);
      } else {
        this.#open.delete(deadline);
        deadline.over();
      }
    }
    if (next < this.#timerAt) this.#wait(next, next - now);
  }
}
