// The main worker with two addresses more: another producer's way into the queues, and what is left in them.
import Main, { QueueService } from '../../../shim/index.js';

export { QueueService };

/** @typedef {{ contentType: 'bytes' | 'text' | 'json' | 'v8', body: any }} Sent body: base64 where it is bytes */

const QUEUES = ['SCRAPING_QUEUE', 'PRIORITY_SCRAPING_QUEUE', 'JOB_QUEUE', 'SCRAPING_DLQ', 'JOB_DLQ'];

/** @param {Sent} sent */
function message({ contentType, body }) {
  if (contentType === 'bytes') return { contentType, body: Buffer.from(body, 'base64') };
  return { contentType, body: contentType === 'v8' ? new Map([['body', body]]) : body };
}

export default class extends Main {
  /** @param {Request} request */
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/test/send/')) {
      const messages = /** @type {Sent[]} */ (await request.json());
      await this.env[pathname.slice('/test/send/'.length)].sendBatch(messages.map(message));
      return Response.json({ sent: messages.length });
    }
    if (pathname === '/test/backlog') {
      const metrics = await Promise.all(QUEUES.map((queue) => this.env[queue].metrics()));
      return Response.json({ backlog: metrics.reduce((sum, { backlogCount }) => sum + backlogCount, 0) });
    }
    return super.fetch(request);
  }
}
