// Sends one mail of a job, and never a second one.
//
// Before it is handed over, a checkpoint says so. An attempt that finds the checkpoint of an earlier one does
// not know whether that mail went out: with a provider that knows mails by their key it may send again, with
// any other it must not. The checkpoint is fenced: a worker that has lost its lease cannot write it, and so
// does not send. A job that sends mail has no other checkpoints.

import { FatalError } from '../../errors.js';
import { MAIL_KEY_LIFETIME_MS } from '../limits.js';
import { bindingTransport } from './binding.js';
import { httpTransport } from './http.js';
import { NotSentError } from './not-sent.js';

/**
 * @typedef {object} Mail
 * @property {string} to
 * @property {string} subject
 * @property {string} text
 * @property {string} [html]
 * @property {string} [from] an address, or `Name <address>`; EMAIL_FROM unless given
 * @property {string} [replyTo]
 * @property {Record<string, string>} [headers]
 */
/** @typedef {Mail & { from: string }} Addressed */
/**
 * @typedef {object} Transport
 * @property {string} name
 * @property {boolean} knowsKeys whether a mail that is sent again under its key is not sent twice
 * @property {(mail: Addressed, key: string, signal: AbortSignal) => Promise<{ messageId: string }>} send
 *   throws NotSentError for what was certainly not sent
 */
/** @typedef {'env' | 'job' | 'signal' | 'checkpoint' | 'checkpointed' | 'log'} Used */
/** @typedef {Pick<import('../../context.js').Context, Used>} MailContext */

/**
 * @param {Mail} mail
 * @param {MailContext} ctx
 * @returns {Promise<{ messageId: string }>}
 * @throws {FatalError} not_configured, email_rejected, email_unauthorized, outcome_unknown; SnoozeError
 *   email_busy; RetryableError; the job signal's reason
 */
export async function sendMail(mail, ctx) {
  const transport = transportOf(ctx.env);
  const addressed = { ...mail, from: senderOf(mail, ctx.env) };
  checkLines(addressed);
  await beginSending(transport, ctx);
  try {
    return await transport.send(addressed, ctx.job.jobId, ctx.signal);
  } catch (error) {
    if (!(error instanceof NotSentError)) throw error;
    await forgetSending(ctx);
    throw error.verdict;
  }
}

/**
 * @param {Record<string, any>} env
 * @returns {Transport}
 */
function transportOf(env) {
  if (env.EMAIL_API_URL || env.EMAIL_API_KEY) return httpTransport(env);
  if (env.EMAIL) return bindingTransport(env.EMAIL);
  throw new FatalError(
    'not_configured',
    "No way to send e-mail is configured. Give the scraper worker either Cloudflare's e-mail binding " +
      '("send_email": [{"name": "EMAIL"}] in scraper/wrangler.jsonc), or the variable EMAIL_API_URL ' +
      'with the secret EMAIL_API_KEY; deploy, then retry this job.',
  );
}

/** @param {Mail} mail @param {Record<string, any>} env */
function senderOf(mail, env) {
  const from = mail.from ?? env.EMAIL_FROM;
  if (from) return String(from);
  throw new FatalError(
    'not_configured',
    'The mail has no sender: set the variable EMAIL_FROM of the scraper worker, or "from" in the payload.',
  );
}

/** A line break in one of these would begin a header of the caller's own. @param {Addressed} mail */
function checkLines({ from, to, subject, replyTo = '', headers = {} }) {
  const texts = [from, to, subject, replyTo, ...Object.entries(headers).flat()];
  if (texts.some((text) => /[\r\n\0]/.test(text))) {
    throw new FatalError('email_rejected', 'Addresses, subject and headers are one line each.');
  }
}

/**
 * Notes that the mail is about to be handed over; throws where an earlier attempt has noted that.
 *
 * @param {Transport} transport
 * @param {MailContext} ctx
 */
async function beginSending({ name, knowsKeys }, ctx) {
  const mark = ctx.checkpointed?.sending;
  if (!mark) {
    await ctx.checkpoint({ sending: { at: Date.now(), transport: name } });
    // Whoever was told meanwhile that its lease is gone has not written the mark.
    ctx.signal.throwIfAborted();
    return;
  }
  const known = knowsKeys && mark.transport === name && Date.now() - mark.at < MAIL_KEY_LIFETIME_MS;
  if (known) return;
  throw new FatalError(
    'outcome_unknown',
    `At ${new Date(mark.at).toISOString()} an attempt began to send this mail and did not learn whether ` +
      'it went out. It is not sent again. If it did not arrive, enqueue it as a new job.',
  );
}

/**
 * Takes the mark away: nothing was sent. Where that fails, a further attempt ends as outcome_unknown.
 * @param {MailContext} ctx
 */
async function forgetSending(ctx) {
  try {
    await ctx.checkpoint({});
  } catch (error) {
    ctx.log.warn('email.mark_kept', { message: /** @type {Error} */ (error).message });
  }
}
