// Sends a prospect the mail of a campaign, once.

import { FatalError, SnoozeError } from '../../../errors.js';
import { sendMail } from '../../../lib/mail/send-mail.js';
import {
  getCampaign,
  getProspect,
  letRest,
  noteMail,
  restUntil,
  sentMail,
} from '../../../lib/outreach/store.js';
import { fill } from '../../../lib/outreach/template.js';

/** @typedef {import('../../../lib/outreach/store.js').Prospect} Prospect */
/** @typedef {import('../../../lib/outreach/store.js').Campaign} Campaign */
/** @typedef {import('../../../context.js').Context} Context */

/**
 * @param {{ prospectId: string, campaignId: string }} payload
 * @param {Context} ctx
 * @returns {Promise<{ sent: boolean, messageId?: string, reason?: string }>} reason: why nothing was sent
 */
export default async function sendCampaignMail({ prospectId, campaignId }, ctx) {
  const prospect = await getProspect(ctx.env.DB, prospectId);
  const campaign = await getCampaign(ctx.env.DB, campaignId);
  const before = await sentMail(ctx.env.DB, prospectId, campaignId);
  if (before) return { sent: false, reason: 'sent_before', messageId: before };
  const reason = whyNot(prospect, campaign);
  if (reason) return { sent: false, reason };
  const { messageId } = await sendAsSender(compose(prospect, campaign), ctx);
  await noteMail(ctx, { prospectId, campaignId, messageId });
  return { sent: true, messageId };
}

/** @param {Prospect} prospect @param {Campaign} campaign @returns {string | undefined} */
function whyNot({ id, email, status, snoozed_until: snoozed }, { active }) {
  if (status === 'unsubscribed' || status === 'bounced' || status === 'replied') return status;
  if (!active) return 'campaign_inactive';
  if (!email) throw new FatalError('no_address', `The prospect ${id} has no e-mail address.`);
  const left = Number(snoozed ?? 0) - Date.now();
  if (left > 0) throw new SnoozeError('out_of_office', 'The prospect is out of office.', { delayMs: left });
  return undefined;
}

/** @param {Prospect} prospect @param {Campaign} campaign */
function compose(prospect, campaign) {
  const values = { prospect, campaign };
  const answers =
    campaign.reply_to ?? campaign.from_address?.match(/<([^<>]+)>/)?.[1] ?? campaign.from_address;
  return {
    to: String(prospect.email),
    subject: fill(campaign.subject, values).replace(/\s+/g, ' ').trim(),
    text: fill(campaign.body, values),
    ...(campaign.from_address ? { from: campaign.from_address } : {}),
    ...(campaign.reply_to ? { replyTo: campaign.reply_to } : {}),
    ...(answers ? { headers: { 'List-Unsubscribe': `<mailto:${answers}?subject=unsubscribe>` } } : {}),
  };
}

/**
 * A provider that asks one mail to wait means its sender: until then no mail of that sender is tried.
 * @param {import('../../../lib/mail/send-mail.js').Mail} mail @param {Context} ctx
 */
async function sendAsSender(mail, ctx) {
  const sender = String(mail.from ?? ctx.env.EMAIL_FROM ?? '');
  const left = (await restUntil(ctx.env.DB, sender)) - Date.now();
  if (left > 0) throw new SnoozeError('sender_resting', `${sender} has to wait.`, { delayMs: left });
  try {
    return await sendMail(mail, ctx);
  } catch (error) {
    if (error instanceof SnoozeError) await letRest(ctx.env.DB, sender, Date.now() + error.delayMs);
    throw error;
  }
}
