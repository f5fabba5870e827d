// Tells replies, bounces, absences and opt-outs apart and notes what follows for the prospect.

import { cancelMails, noteReply } from '../../../lib/outreach/replies.js';
import { replyKind } from '../../../lib/outreach/reply-kind.js';
import { getProspect } from '../../../lib/outreach/store.js';

/** After these nothing more is sent. */
const ENDS = new Set(['reply', 'bounce', 'opt_out']);

/**
 * @param {{ prospectId: string, messageId: string, from: string, subject: string, text: string,
 *   headers?: Record<string, string> }} payload
 * @param {import('../../../context.js').Context} ctx
 * @returns {Promise<{ kind: import('../../../lib/outreach/reply-kind.js').ReplyKind, cancelled: number }>}
 *   cancelled:
 *   mails that waited
 */
export default async function processReply({ headers, ...mail }, ctx) {
  await getProspect(ctx.env.DB, mail.prospectId);
  const kind = replyKind({ ...mail, ...(headers ? { headers } : {}) });
  await noteReply(ctx, { ...mail, kind });
  return { kind, cancelled: ENDS.has(kind) ? await cancelMails(ctx, mail.prospectId) : 0 };
}
