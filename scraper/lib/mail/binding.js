// E-mail through Cloudflare's binding. It knows no key: what was handed over is not handed over again.

import { FatalError, SnoozeError } from '../../errors.js';
import { MAIL_BUSY_MS, QUOTA_WAIT_MS } from '../limits.js';
import { NotSentError } from './not-sent.js';

// Codes with which the service says that it takes a mail later.
/** @type {Record<string, number>} */
const BUSY = { E_RATE_LIMIT_EXCEEDED: MAIL_BUSY_MS, E_DAILY_LIMIT_EXCEEDED: QUOTA_WAIT_MS };
// Codes that leave open whether it has taken the mail; any other code of its own is a refusal.
const OPEN = new Set(['E_DELIVERY_FAILED', 'E_INTERNAL_SERVER_ERROR']);

/**
 * @param {SendEmail} binding
 * @returns {import('./send-mail.js').Transport}
 */
export function bindingTransport(binding) {
  return { name: 'binding', knowsKeys: false, send: (mail) => send(binding, mail) };
}

/**
 * @param {SendEmail} binding
 * @param {import('./send-mail.js').Addressed} mail
 */
async function send(binding, { from, to, subject, text, html, replyTo, headers }) {
  try {
    const { messageId } = await binding.send({
      from: sender(from),
      to,
      subject,
      text,
      ...(html === undefined ? {} : { html }),
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(headers === undefined ? {} : { headers }),
    });
    return { messageId };
  } catch (error) {
    throw explain(error);
  }
}

/**
 * `Name <address>` in its parts.
 * @param {string} from
 */
function sender(from) {
  const [, name, email] = /^\s*"?([^"<>]+?)"?\s*<([^<>]+)>\s*$/.exec(from) ?? [];
  return name && email ? { name, email } : from;
}

/** @param {unknown} error */
function explain(error) {
  const { code, message } = /** @type {{ code?: unknown, message?: unknown }} */ (Object(error));
  const said = `Cloudflare's e-mail service says: ${message ?? error}${code ? ` (${code})` : ''}`;
  const known = typeof code === 'string' && code.startsWith('E_') ? code : '';
  const wait = BUSY[known];
  if (wait) return new NotSentError(new SnoozeError('email_busy', said, { delayMs: wait }));
  if (known !== '' && !OPEN.has(known)) return new NotSentError(new FatalError('email_rejected', said));
  return new FatalError(
    'outcome_unknown',
    `${said}. Whether the mail went out is not known, and it is not sent again. ` +
      'If it did not arrive, enqueue it as a new job.',
  );
}
