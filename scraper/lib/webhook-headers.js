// The headers of a webhook delivery: the payload's own, and those of Standard Webhooks.

import { Webhook } from 'standardwebhooks';
import { FatalError } from '../errors.js';

const USER_AGENT = 'Sluice/1.0 (webhooks)';

// The transport's own, what claims to come from a proxy, and what only we may say.
const TRANSPORT = 'host content-length connection keep-alive te trailer transfer-encoding upgrade expect';
const PROXY = 'proxy-.* forwarded via x-forwarded-.* x-real-ip cf-.*';
const FORBIDDEN = new RegExp(`^(${`${TRANSPORT} ${PROXY} webhook-.*`.replaceAll(' ', '|')})$`);

/**
 * @param {Record<string, string> | undefined} wanted `headers` of the payload
 * @param {string} body
 * @param {{ id: string, at: Date, secret: string }} signing id: the same for every attempt, so that a
 *   receiver knows what it has had; secret: base64, with or without the prefix whsec_; empty: not signed
 * @returns {Headers}
 * @throws {FatalError} bad_header; not_configured, for a secret that is not one
 */
export function webhookHeaders(wanted, body, { id, at, secret }) {
  const headers = new Headers({ 'content-type': 'application/json', 'user-agent': USER_AGENT });
  for (const [name, value] of Object.entries(wanted ?? {})) {
    if (FORBIDDEN.test(name.toLowerCase())) {
      throw new FatalError('bad_header', `The header "${name}" cannot be set.`);
    }
    try {
      headers.set(name, value);
    } catch {
      throw new FatalError('bad_header', `The header "${name}" has an invalid name or value.`);
    }
  }
  headers.set('webhook-id', id);
  headers.set('webhook-timestamp', String(Math.floor(at.getTime() / 1000)));
  if (secret !== '') headers.set('webhook-signature', sign(secret, id, at, body));
  return headers;
}

/** @param {string} secret @param {string} id @param {Date} at @param {string} body */
function sign(secret, id, at, body) {
  try {
    return new Webhook(secret).sign(id, at, body);
  } catch {
    throw new FatalError(
      'not_configured',
      'The secret WEBHOOK_SECRET is not base64 (with or without the prefix whsec_): set it anew with ' +
        'wrangler secret put WEBHOOK_SECRET --config scraper/wrangler.jsonc',
    );
  }
}
