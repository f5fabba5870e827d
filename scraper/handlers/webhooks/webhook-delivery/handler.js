// Delivers one event to somebody else's address.

import { WEBHOOK_QUOTE_BYTES, WEBHOOK_TIMEOUT_MS } from '../../../lib/limits.js';
import { firstBytes } from '../../../lib/net/body.js';
import { openOnce } from '../../../lib/net/fetch-door.js';
import { statusError } from '../../../lib/net/status.js';
import { webhookHeaders } from '../../../lib/webhook-headers.js';

/**
 * @param {{ url: string, method?: string, body: unknown, headers?: Record<string, string> }} payload
 * @param {import('../../../context.js').Context} ctx
 * @returns {Promise<{ status: number, durationMs: number }>}
 * @throws {FatalError} for a refused URL or header, a redirect, and every 4xx but 408, 425 and 429;
 *   RetryableError for these, 5xx, timeout and connection_failed, after Retry-After where that is given
 */
export default async function deliverWebhook({ url, method = 'POST', body, headers }, ctx) {
  const startedAt = Date.now();
  const text = JSON.stringify(body);
  const signing = {
    id: `msg_${ctx.job.jobId}`,
    at: new Date(startedAt),
    secret: String(ctx.env.WEBHOOK_SECRET ?? ''),
  };
  const opened = await openOnce(url, {
    env: ctx.env,
    signal: ctx.signal,
    method,
    headers: webhookHeaders(headers, text, signing),
    body: text,
    timeoutMs: WEBHOOK_TIMEOUT_MS,
  });
  try {
    const { status, headers: answered } = opened.response;
    if (!opened.response.ok) throw statusError(status, answered, await quote(opened, url), Date.now());
    return { status, durationMs: Date.now() - startedAt };
  } catch (error) {
    throw opened.explain(error);
  } finally {
    await opened.close();
  }
}

/**
 * The URL with the beginning of what it answered, for an error's message.
 * @param {import('../../../lib/net/fetch-door.js').Opened} opened
 * @param {string} url
 */
async function quote(opened, url) {
  const text = new TextDecoder().decode(await firstBytes(opened.response, WEBHOOK_QUOTE_BYTES)).trim();
  return text === '' ? url : `${url} (${text})`;
}
