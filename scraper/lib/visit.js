// One page, from its URL to all that is known of it: politely asked for, judged, decoded, read.

import { FatalError } from '../errors.js';
import { plainPage, readPage } from './html/read-page.js';
import { BODY_BYTES_MAX, REQUEST_TIMEOUT_MS } from './limits.js';
import { limitedChunks } from './net/body.js';
import { decodeText } from './net/decode.js';
import { openUrl } from './net/fetch-door.js';
import { takeTurn, turnSettings } from './net/host-turns.js';
import { requestHeaders, USER_AGENT } from './net/request-headers.js';
import { askRobots } from './net/robots.js';
import { statusError } from './net/status.js';

/** @typedef {import('./types.js').Page} Page */
/** @typedef {import('./types.js').ScrapeContext} ScrapeContext */
/** @typedef {import('./types.js').ScrapeOptions & { maxWaitMs?: number }} VisitOptions */

/**
 * @param {string} url
 * @param {ScrapeContext} ctx
 * @param {VisitOptions} [options] maxWaitMs: longest wait for a turn at the host
 * @returns {Promise<Page>}
 * @throws {FatalError} for what will not change: the URL or its address, robots_disallowed, most 4xx,
 *   unsupported_content, too_large, too_many_redirects, bad_selector, bad_header; RetryableError for what
 *   may: 408, 425, 429, 5xx, timeout, connection_failed, robots_unreachable; SnoozeError host_busy; the
 *   reason of ctx.signal when that aborts
 */
export async function visitPage(url, ctx, options = {}) {
  const headers = requestHeaders(options.headers);
  const opened = await openUrl(url, {
    env: ctx.env,
    signal: ctx.signal,
    headers,
    timeoutMs: options.timeoutMs ?? REQUEST_TIMEOUT_MS,
    admit: (hop) => admit(hop, headers.get('user-agent') ?? USER_AGENT, ctx, options),
  });
  try {
    const { response } = opened;
    const error = statusError(response.status, response.headers, opened.url.href, Date.now());
    if (error) throw error;
    return await read(response, opened.url.href, options.selectors);
  } catch (error) {
    throw opened.explain(error);
  } finally {
    await opened.close();
  }
}

/**
 * @param {URL} hop
 * @param {string} userAgent
 * @param {ScrapeContext} ctx
 * @param {VisitOptions} options
 */
async function admit(hop, userAgent, ctx, { respectRobots = true, maxWaitMs }) {
  const { crawlDelayMs } = respectRobots ? await askRobots(hop, userAgent, ctx) : { crawlDelayMs: 0 };
  const { delayMs, concurrency } = turnSettings(ctx.env);
  return takeTurn(hop.host, {
    delayMs: Math.max(delayMs, crawlDelayMs),
    concurrency,
    signal: ctx.signal,
    ...(maxWaitMs === undefined ? {} : { maxWaitMs }),
  });
}

/**
 * @param {Response} response
 * @param {string} url
 * @param {Record<string, string> | undefined} selectors
 * @returns {Promise<Page>}
 */
async function read(response, url, selectors) {
  const contentType = response.headers.get('content-type');
  const kind = kindOf(contentType);
  if (!kind) throw new FatalError('unsupported_content', `${url} is ${contentType}, which is not read`);
  const texts = decodeText(limitedChunks(response, BODY_BYTES_MAX), contentType);
  const about = { url, status: response.status };
  if (kind === 'markup') return readPage(texts, { ...about, ...(selectors ? { selectors } : {}) });
  let all = '';
  for await (const text of texts) all += text;
  return plainPage(all, { ...about, isJson: kind === 'json' });
}

/**
 * How a body is read, or null when it is not text. One without a type is taken for a page.
 * @param {string | null} contentType
 * @returns {'markup' | 'json' | 'text' | null}
 */
function kindOf(contentType) {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === '' || type === 'text/html' || /[/+]xml$/.test(type)) return 'markup';
  if (/[/+]json$/.test(type)) return 'json';
  return type.startsWith('text/') ? 'text' : null;
}
