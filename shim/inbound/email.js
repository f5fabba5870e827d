// The worker's e-mail handler: answers to our mails, as Email Routing delivers them.
import { log } from '../log.js';
import { parseMail } from './parse.js';
import { enqueueReply, matchProspect } from './reply.js';

/** Bytes of a mail that is read: Email Routing takes 25 MiB, but its text is at the beginning. */
const MAIL_BYTES_MAX = 10 * 1024 * 1024;

/**
 * Throws where the reply could not be recorded: then the mail server that brought it tries again.
 *
 * @param {ForwardableEmailMessage} message
 * @param {Record<string, any>} env REPLY_FORWARD_TO: who reads the replies as well (a verified address)
 */
export async function receiveEmail(message, env) {
  if (message.rawSize > MAIL_BYTES_MAX) return message.setReject('The mail is too large.');
  const { answers, recipients, ...mail } = await parseMail(
    await new Response(message.raw).arrayBuffer(),
    message.from,
  );
  const prospectId = await matchProspect(env, { from: mail.from, answers, recipients });
  if (prospectId === undefined) {
    log(env, 'warn', 'reply.unmatched', {
      messageId: mail.messageId,
      forwarded: Boolean(env.REPLY_FORWARD_TO),
    });
    if (!env.REPLY_FORWARD_TO) return message.setReject('This mailbox takes answers to our mails only.');
  } else {
    const { status, body } = await enqueueReply(env, { ...mail, prospectId });
    if (status >= 400) throw new Error(`The reply was not recorded: ${status} ${body}`);
  }
  if (env.REPLY_FORWARD_TO) await message.forward(String(env.REPLY_FORWARD_TO));
}
