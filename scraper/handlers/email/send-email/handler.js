// Sends one e-mail.

import { sendMail } from '../../../lib/mail/send-mail.js';

/**
 * @typedef {{ to: string, subject: string, body: string, html?: string, from?: string,
 *   replyTo?: string }} Payload
 */

/**
 * @param {Payload} payload
 * @param {import('../../../context.js').Context} ctx
 * @returns {Promise<{ messageId: string }>} the provider's id of the mail
 */
export default function sendEmail({ body, ...mail }, ctx) {
  return sendMail({ ...mail, text: body }, ctx);
}
