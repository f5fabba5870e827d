// Stands for Cloudflare's e-mail service: the binding's send(), by RPC. What it does with a mail, its subject says.
import { WorkerEntrypoint } from 'cloudflare:workers';

/** @type {any[]} */
const taken = [];

/** @param {string} code @param {string} message */
const refusal = (code, message) => Object.assign(new Error(message), { code });

export default class extends WorkerEntrypoint {
  /** @param {any} mail */
  async send(mail) {
    taken.push(mail);
    const times = taken.filter(({ subject }) => subject === mail.subject).length;
    if (mail.subject === 'refused') throw refusal('E_SENDER_NOT_VERIFIED', 'Sender domain not verified');
    if (mail.subject === 'limited' && times === 1) throw refusal('E_RATE_LIMIT_EXCEEDED', 'Too many emails');
    if (mail.subject === 'broken') throw refusal('E_INTERNAL_SERVER_ERROR', 'Something went wrong');
    if (mail.subject === 'silent') await new Promise((resolve) => setTimeout(resolve, 3000));
    return { messageId: `<${taken.length}@mailer>` };
  }

  /** @param {string} subject @returns {any[]} the mails that were handed over */
  handedOver(subject) {
    return taken.filter((mail) => mail.subject === subject);
  }
}
