// What a transport throws when a mail was certainly not sent.

export class NotSentError extends Error {
  /** @param {Error} verdict what the handler throws: FatalError, RetryableError or SnoozeError */
  constructor(verdict) {
    super(verdict.message);
    this.name = 'NotSentError';
    this.verdict = verdict;
  }
}
