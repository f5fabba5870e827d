// Telling people about dead jobs: always in the log, and by signed webhook where one is configured.
import { Webhook } from 'standardwebhooks';
import { log } from './log.js';

const TIMEOUT_MS = 10000;

/**
 * Signs and delivers one event (Standard Webhooks: id, timestamp, HMAC-SHA256 signature).
 *
 * @param {string} url
 * @param {string} secret base64, with or without the prefix whsec_
 * @param {unknown} event
 */
async function deliver(url, secret, event) {
  const body = JSON.stringify(event);
  const id = `msg_${crypto.randomUUID()}`;
  const at = new Date();
  /** @type {Record<string, string>} */
  const headers = { 'content-type': 'application/json', 'webhook-id': id };
  headers['webhook-timestamp'] = String(Math.floor(at.getTime() / 1000));
  if (secret) headers['webhook-signature'] = new Webhook(secret).sign(id, at, body);
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`The webhook answered ${response.status}.`);
}

/**
 * Alerts about dead jobs, all in one event. Never throws.
 *
 * @param {Record<string, any>} env
 * @param {Record<string, any>[]} jobs
 * @param {number} [others] that are dead as well, and not named
 * @returns {Promise<boolean>} false when the webhook could not be delivered and should be tried again
 */
export async function alert(env, jobs, others = 0) {
  if (jobs.length === 0) return true;
  const count = jobs.length + others;
  log(env, 'error', 'jobs.dead', { count, jobs });
  if (!env.ALERT_WEBHOOK_URL) return true;
  try {
    const event = { event: 'jobs.dead', count, jobs };
    await deliver(String(env.ALERT_WEBHOOK_URL), String(env.ALERT_WEBHOOK_SECRET ?? ''), event);
    return true;
  } catch (error) {
    log(env, 'warn', 'alert.failed', { message: /** @type {Error} */ (error).message, count });
    return false;
  }
}
