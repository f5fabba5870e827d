// The worker that does the work: consumes the job queues, polls what has none, and runs the handlers.
import { WorkerEntrypoint } from 'cloudflare:workers';
import { checkCore } from '../shim/core.js';
import { stopWork } from '../shim/flows/stopping.js';
import { log } from '../shim/log.js';
import { produceSyncs, runProducer } from './lib/outreach/produce.js';
import { consumeBatch, pollLines } from './work.js';

/** @extends {WorkerEntrypoint<Record<string, any>>} */
export default class Scraper extends WorkerEntrypoint {
  /** @param {MessageBatch} batch */
  queue(batch) {
    return consumeBatch(batch, this.env);
  }

  /**
   * RPC of the main worker's minute cron: one run over the polled jobs, and over what has changed for
   * Supabase.
   */
  async poll() {
    try {
      await produceSyncs(this.env);
    } catch (error) {
      log(this.env, 'warn', 'producer.failed', {
        kind: 'syncs',
        message: /** @type {Error} */ (error).message,
      });
    }
    await pollLines(this.env);
  }

  /** RPC of the main worker: throws where the core does not run here. */
  ping() {
    return checkCore(this.env);
  }

  /** RPC of the main worker when this machine is to end: no job waits for a lease that nobody holds. */
  stop() {
    return stopWork();
  }

  /**
   * RPC of the main worker's other crons.
   * @param {string} kind mail, enrichment or cleanup
   */
  produce(kind) {
    return runProducer(this.env, kind);
  }
}
