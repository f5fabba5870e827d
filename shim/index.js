// The main worker: HTTP, RPC, dead letters, inbound mail and the crons.
import { bury } from './flows/bury.js';
import { app } from './http/app.js';
import { receiveEmail } from './inbound/email.js';
import { QueueService } from './rpc.js';
import { onCron } from './tick.js';

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

  /** @param {ScheduledController} controller */
  scheduled({ cron }) {
    return onCron(this.env, cron);
  }

  /** @param {ForwardableEmailMessage} message */
  email(message) {
    return receiveEmail(message, this.env);
  }
}
