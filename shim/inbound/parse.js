// A raw mail as the words of process_reply.
import PostalMime from 'postal-mime';
import { sha256 } from '../digest.js';

/** Characters of a reply's text that travel with its job. */
const TEXT_MAX = 100_000;
/**
 * Headers by which replies, bounces and absences are told apart, and those that name the mail that is
 * answered.
 */
const KEPT = [
  'auto-submitted',
  'content-type',
  'in-reply-to',
  'precedence',
  'references',
  'return-path',
  'x-autoreply',
  'x-autorespond',
  'x-failed-recipients',
];
const HEADER_MAX = 10_000;
const SUBJECT_MAX = 2000;
const WORD_MAX = 900;

/**
 * @typedef {{ messageId: string, from: string, subject: string, text: string, headers: Record<string,
 *   string>,
 *   answers: string[], recipients: string[] }} Inbound answers: Message-IDs that it names; recipients: whom a
 *   mail
 *   server's notice is about
 */

/**
 * @param {ArrayBuffer} raw
 * @param {string} envelopeFrom the sender as the mail servers said
 * @returns {Promise<Inbound>}
 */
export async function parseMail(raw, envelopeFrom) {
  const mail = await PostalMime.parse(raw, { attachmentEncoding: 'utf8' });
  /** @type {Record<string, string>} */
  const headers = {};
  for (const { key, value } of mail.headers) {
    if (KEPT.includes(key)) headers[key] = value.slice(0, HEADER_MAX);
  }
  const report = mail.attachments.find(({ mimeType }) => mimeType === 'message/delivery-status');
  const recipients = failedRecipients(headers);
  if (report) recipients.push(...readReport(String(report.content), headers));
  const original = mail.attachments.find(({ mimeType }) =>
    /^(message\/rfc822|text\/rfc822-headers)/.test(mimeType),
  );
  return {
    messageId: (mail.messageId ?? `sha256:${await sha256(raw)}`).slice(0, WORD_MAX),
    from: (mail.from?.address || envelopeFrom || 'unknown').slice(0, WORD_MAX),
    subject: (mail.subject ?? '').slice(0, SUBJECT_MAX),
    text: (mail.text ?? plain(mail.html ?? '')).slice(0, TEXT_MAX).toWellFormed(),
    headers,
    answers: messageIds(`${mail.inReplyTo ?? ''} ${mail.references ?? ''} ${idOf(original?.content)}`),
    recipients,
  };
}

/**
 * What a delivery status notification says (RFC 3464).
 * @param {string} text @param {Record<string, string>} headers takes action and status
 * @returns {string[]} recipients
 */
function readReport(text, headers) {
  const field = (/** @type {string} */ name) =>
    new RegExp(`^${name}:\\s*(.+)$`, 'im').exec(text)?.[1]?.trim();
  const action = field('Action');
  const status = field('Status');
  if (action) headers['x-dsn-action'] = action;
  if (status) headers['x-dsn-status'] = status;
  const recipients = [...text.matchAll(/^(?:Final|Original)-Recipient:\s*(?:rfc822\s*;)?\s*(\S+@\S+)$/gim)];
  return recipients.map(([, address = '']) => address.replace(/^<|>$/g, ''));
}

/** @param {unknown} content of the mail that came back */
function idOf(content) {
  return /^Message-ID:\s*(\S+)/im.exec(String(content ?? ''))?.[1] ?? '';
}

/** Whom a mail server's notice is about, as some say it. @param {Record<string, string>} headers */
export function failedRecipients(headers) {
  return (headers['x-failed-recipients'] ?? '').split(/[\s,]+/).filter((word) => word !== '');
}

/** @param {string} text */
export function messageIds(text) {
  return [...new Set([...text.matchAll(/<([^<>\s]{1,900})>/g)].map(([, id = '']) => id))].slice(0, 50);
}

/** Texts of a page, for mails that have no plain part. @param {string} html */
function plain(html) {
  return html
    .replace(/<(style|script)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<(br|\/p|\/div|\/tr|\/li)\b[^>]*>/gi, '\n')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&nbsp;/g, ' ')
    .trim();
}
