// E-mail through a provider's HTTP interface, in the words of Resend's: POST a JSON mail with Authorization
// and Idempotency-Key, and the same key never sends a second mail.

import { FatalError, RetryableError, SnoozeError } from '../../errors.js';
import { ANSWER_BYTES_MAX, MAIL_BUSY_MS, MAIL_TIMEOUT_MS, QUOTA_WAIT_MS } from '../limits.js';
import { firstBytes } from '../net/body.js';
import { startDeadline } from '../net/deadline.js';
import { parseRetryAfter } from '../net/status.js';
import { NotSentError } from './not-sent.js';

/** @typedef {import('./send-mail.js').Addressed} Addressed */

/**
 * @param {Record<string, any>} env EMAIL_API_URL and EMAIL_API_KEY
 * @returns {import('./send-mail.js').Transport}
 * @throws {FatalError} not_configured
 */
export function httpTransport(env) {
  const url = addressOf(env);
  const key = String(env.EMAIL_API_KEY ?? '');
  if (key === '') {
    throw new FatalError(
      'not_configured',
      'EMAIL_API_URL is set, but the secret EMAIL_API_KEY is not: ' +
        'wrangler secret put EMAIL_API_KEY --config scraper/wrangler.jsonc',
    );
  }
  return { name: 'http', knowsKeys: true, send: (mail, id, signal) => post(url, key, mail, id, signal) };
}

/** @param {Record<string, any>} env */
function addressOf(env) {
  const url = URL.parse(String(env.EMAIL_API_URL ?? ''));
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url.href;
  const why = env.EMAIL_API_URL ? `"${env.EMAIL_API_URL}", which is no URL` : 'not set';
  throw new FatalError(
    'not_configured',
    `EMAIL_API_URL is ${why}: it is the address at which the provider takes mails, ` +
      'such as https://api.resend.com/emails',
  );
}

/**
 * @param {string} url
 * @param {string} apiKey
 * @param {Addressed} mail
 * @param {string} id of the mail, the same for every attempt
 * @param {AbortSignal} signal
 */
async function post(url, apiKey, { from, to, subject, text, html, replyTo, headers }, id, signal) {
  const deadline = startDeadline(MAIL_TIMEOUT_MS, signal, 'The e-mail provider');
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': id,
      },
      body: JSON.stringify({ from, to: [to], subject, text, html, reply_to: replyTo, headers }),
      redirect: 'manual',
      signal: deadline.signal,
    });
    const answer = await readAnswer(response);
    if (!response.ok) throw refusal(response, answer, url);
    return { messageId: String(answer.id ?? id) };
  } catch (error) {
    throw error instanceof NotSentError ? error : deadline.explain(error);
  } finally {
    deadline.clear();
  }
}

/**
 * @param {Response} response
 * @returns {Promise<{ id?: unknown, name?: unknown, message?: unknown }>} empty where it is no JSON object
 */
async function readAnswer(response) {
  const text = new TextDecoder().decode(await firstBytes(response, ANSWER_BYTES_MAX));
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/**
 * @param {Response} response
 * @param {{ name?: unknown, message?: unknown }} answer
 * @param {string} url
 * @returns {Error}
 */
function refusal({ status, headers }, { name, message }, url) {
  const said = `The e-mail provider answered ${status}${message ? `: ${message}` : ''}`;
  const after = parseRetryAfter(headers.get('retry-after'), Date.now());
  if (status === 429) {
    const wait = /quota/.test(String(name)) ? QUOTA_WAIT_MS : MAIL_BUSY_MS;
    return new NotSentError(new SnoozeError('email_busy', said, { delayMs: after || wait }));
  }
  if (status >= 500 || status === 408 || status === 425) {
    const options = { breaker: true, ...(after ? { retryAfterMs: after } : {}) };
    return new RetryableError('email_unavailable', said, options);
  }
  if (status === 409 && name === 'concurrent_idempotent_requests') {
    return new RetryableError('email_in_flight', said);
  }
  if (status === 409 && name === 'invalid_idempotent_request') {
    return new FatalError('outcome_unknown', `${said} (an earlier attempt handed over a different mail)`);
  }
  if (status === 401 || status === 403) {
    const hint = 'check the secret EMAIL_API_KEY and that the sender may send';
    return new NotSentError(new FatalError('email_unauthorized', `${said} (${hint})`));
  }
  const hint = status < 400 || status === 404 || status === 405 ? ` (EMAIL_API_URL is ${url})` : '';
  return new NotSentError(new FatalError('email_rejected', `${said}${hint}`));
}
