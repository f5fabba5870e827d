// The worker that does the work: consumes the job queues, polls what has none, and runs the handlers.
import { WorkerEntrypoint } from 'cloudflare:workers';
import { consumeBatch, pollLines } from './work.js';

/** @extends {WorkerEntrypoint<Record<string, any>>} */
export default class Scraper extends WorkerEntrypoint {
  /** @param {MessageBatch} batch */
  queue(batch) {
    return consumeBatch(batch, this.env);
  }

  /** RPC of the main worker's minute cron: one run over the polled jobs. */
  poll() {
    return pollLines(this.env);
  }
}
