// The main worker: HTTP, RPC, dead letters and the minute sweep.
import { bury } from './flows/bury.js';
import { app } from './http/app.js';
import { QueueService } from './rpc.js';
import { tick } from './tick.js';

export { QueueService };

/** The RPC methods as well, so that a service binding without `entrypoint` has them. */
export default class Main extends QueueService {
  /** @param {Request} request */
  fetch(request) {
    return app.fetch(request, this.env, this.ctx);
  }

  /** @param {MessageBatch} batch of a dead-letter queue */
  queue(batch) {
    return bury(batch, this.env);
  }

  scheduled() {
    return tick(this.env);
  }
}
