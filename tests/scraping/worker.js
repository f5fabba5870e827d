// Runs one handler that asks others' sites per request inside workerd, with a context that records what it does.

import category from '../../scraper/handlers/scraping/category/handler.js';
import crawlWebsite from '../../scraper/handlers/scraping/crawl-website/handler.js';
import navigation from '../../scraper/handlers/scraping/navigation/handler.js';
import product from '../../scraper/handlers/scraping/product/handler.js';
import scrapeRequest from '../../scraper/handlers/scraping/scrape_request/handler.js';
import deliverWebhook from '../../scraper/handlers/webhooks/webhook-delivery/handler.js';

/** @type {Record<string, (payload: any, ctx: any) => Promise<any>>} */
const handlers = {
  scrape_request: scrapeRequest,
  navigation,
  category,
  product,
  'crawl-website': crawlWebsite,
  'webhook-delivery': deliverWebhook,
};

/** @param {any} task */
async function run({ type, payload, env, jobId = 'job-1', abortAfterMs, checkpointed = null }) {
  /** @type {any} */
  const seen = { progress: [], checkpoints: [], enqueued: [] };
  const controller = new AbortController();
  if (abortAfterMs !== undefined)
    setTimeout(() => controller.abort(new Error('job cancelled')), abortAfterMs);
  const ctx = {
    job: { jobId, correlationId: 'corr-1' },
    env,
    signal: controller.signal,
    progress: (/** @type {number} */ n) => seen.progress.push(n),
    checkpoint: (/** @type {unknown} */ data) => seen.checkpoints.push(structuredClone(data)),
    checkpointed,
    enqueue: (/** @type {any[]} */ jobs) => seen.enqueued.push(...jobs),
  };
  try {
    return { ...seen, result: await handlers[type]?.(payload, ctx) };
  } catch (error) {
    const { name, code, message, retryAfterMs, delayMs } = /** @type {any} */ (error);
    return { ...seen, error: { name, code, message, retryAfterMs, delayMs } };
  }
}

export default {
  /** @param {Request} request */
  async fetch(request) {
    /** @type {any[]} */
    const tasks = await request.json();
    return Response.json(await Promise.all(tasks.map(run)));
  },
};
