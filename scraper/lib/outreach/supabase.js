// Supabase's tables over its REST interface (PostgREST).

import { FatalError, RetryableError, SnoozeError } from '../../errors.js';
import { ANSWER_BYTES_MAX, SUPABASE_BUSY_MS, SUPABASE_TIMEOUT_MS } from '../limits.js';
import { firstBytes } from '../net/body.js';
import { startDeadline } from '../net/deadline.js';
import { parseRetryAfter } from '../net/status.js';

/**
 * Inserts rows, or replaces those whose id is there already.
 * @param {Record<string, any>} env SUPABASE_URL and SUPABASE_SERVICE_KEY
 * @param {string} table
 * @param {object[]} rows
 * @param {AbortSignal} signal
 * @throws {FatalError} not_configured, supabase_unauthorized, supabase_rejected; SnoozeError supabase_busy;
 *   RetryableError supabase_unavailable, timeout, connection_failed
 */
export async function upsert(env, table, rows, signal) {
  const { url, key } = configured(env);
  const target = `${url}/rest/v1/${encodeURIComponent(table)}?on_conflict=id`;
  const deadline = startDeadline(SUPABASE_TIMEOUT_MS, signal, 'Supabase');
  try {
    const response = await fetch(target, {
      method: 'POST',
      headers: {
        apikey: key,
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        prefer: 'resolution=merge-duplicates,return=minimal',
      },
      body: JSON.stringify(rows),
      redirect: 'manual',
      signal: deadline.signal,
    });
    const text = new TextDecoder().decode(await firstBytes(response, ANSWER_BYTES_MAX));
    if (!response.ok) throw refusal(response, text);
  } catch (error) {
    throw deadline.explain(error);
  } finally {
    deadline.clear();
  }
}

/** @param {Record<string, any>} env */
function configured(env) {
  const url = String(env.SUPABASE_URL ?? '').replace(/\/+$/, '');
  const key = String(env.SUPABASE_SERVICE_KEY ?? '');
  if (/^https?:\/\//.test(url) && key !== '') return { url, key };
  throw new FatalError(
    'not_configured',
    'Supabase needs the variable SUPABASE_URL (https://PROJECT.supabase.co) and the secret ' +
      'SUPABASE_SERVICE_KEY of the scraper worker.',
  );
}

/** @param {Response} response @param {string} text @returns {Error} */
function refusal({ status, headers }, text) {
  const said = `Supabase answered ${status}: ${text.slice(0, 300)}`;
  const after = parseRetryAfter(headers.get('retry-after'), Date.now());
  if (status === 429) return new SnoozeError('supabase_busy', said, { delayMs: after || SUPABASE_BUSY_MS });
  if (status >= 500 || status === 408) {
    return new RetryableError('supabase_unavailable', said, {
      breaker: true,
      ...(after ? { retryAfterMs: after } : {}),
    });
  }
  if (status === 401 || status === 403) return new FatalError('supabase_unauthorized', said);
  return new FatalError('supabase_rejected', said);
}
