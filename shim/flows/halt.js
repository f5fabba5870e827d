// Told to a handler that has to stop. Most never ask, so the signal is made for those that do.

/** One job's: cancellation, a lost lease, its timeout or the end of the worker halts it, once. */
export class Halt {
  /** @type {Error | undefined} why; undefined: it may go on */
  reason = undefined;
  /** @type {((reason: Error) => void) | undefined} is told when it halts */
  listener = undefined;
  /** @type {AbortController | undefined} */
  #controller = undefined;

  /** The handler's: aborted with the reason. */
  get signal() {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.reason) this.#controller.abort(this.reason);
    }
    return this.#controller.signal;
  }

  /** @param {Error} reason only the first counts */
  halt(reason) {
    if (this.reason) return;
    this.reason = reason;
    this.#controller?.abort(reason);
    this.listener?.(reason);
  }
}
