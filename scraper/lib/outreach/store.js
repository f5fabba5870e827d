// Prospects and campaigns in D1. Whoever has lost its job's lease changes nothing of them.

import { FatalError } from '../../errors.js';

/**
 * @typedef {{ id: string, name: string, contact: string | null, email: string | null, website: string | null,
 *   tier: 'hot' | 'warm' | 'cold', status: string, campaign_id: string | null, snoozed_until: number | null
 *   }} Prospect
 * @typedef {{ id: string, name: string, subject: string, body: string, from_address: string | null,
 *   reply_to: string | null, active: number }} Campaign
 * @typedef {import('../../context.js').Context} Context
 */

/**
 * @param {D1Database} db
 * @param {string} id
 * @returns {Promise<Prospect>}
 * @throws {FatalError} prospect_missing
 */
export async function getProspect(db, id) {
  const row = await db.prepare('SELECT * FROM prospects WHERE id = ?').bind(id).first();
  if (!row) throw new FatalError('prospect_missing', `There is no prospect ${id}.`);
  return /** @type {any} */ (row);
}

/**
 * @param {D1Database} db
 * @param {string} id
 * @returns {Promise<Campaign>}
 * @throws {FatalError} campaign_missing
 */
export async function getCampaign(db, id) {
  const row = await db.prepare('SELECT * FROM campaigns WHERE id = ?').bind(id).first();
  if (!row) throw new FatalError('campaign_missing', `There is no campaign ${id}.`);
  return /** @type {any} */ (row);
}

const WEBSITE = `UPDATE prospects SET website = ?2 ->> 'website', updated_at = ?2 ->> 'now'
  WHERE id = ?1 AND website IS NULL`;

/** @param {Context} ctx @param {string} id @param {string} website */
export async function setWebsite({ env }, id, website) {
  await env.DB.prepare(WEBSITE)
    .bind(id, JSON.stringify({ website, now: Date.now() }))
    .run();
}

const EMAIL = `UPDATE prospects SET email = ?2 ->> 'email', updated_at = ?2 ->> 'now'
  WHERE id = ?1 AND email IS NULL`;

/** @param {Context} ctx @param {string} id @param {string} email */
export async function setEmail({ env }, id, email) {
  await env.DB.prepare(EMAIL)
    .bind(id, JSON.stringify({ email, now: Date.now() }))
    .run();
}

/**
 * The provider's id of the mail that a prospect has got of a campaign, or undefined.
 * @param {D1Database} db @param {string} prospectId @param {string} campaignId
 * @returns {Promise<string | undefined>}
 */
export async function sentMail(db, prospectId, campaignId) {
  const row = await db
    .prepare('SELECT message_id FROM outreach_mails WHERE prospect_id = ? AND campaign_id = ?')
    .bind(prospectId, campaignId)
    .first();
  return /** @type {any} */ (row)?.message_id;
}

const MAIL = `INSERT INTO outreach_mails (prospect_id, campaign_id, job_id, message_id, sent_at)
  VALUES (?1 ->> 'prospectId', ?1 ->> 'campaignId', ?1 ->> 'jobId', ?1 ->> 'messageId', ?1 ->> 'now')
  ON CONFLICT (prospect_id, campaign_id) DO NOTHING`;
// What a reply, a bounce or an opt-out has made of the prospect meanwhile stays.
const CONTACTED = `UPDATE prospects SET contacted_at = ?1 ->> 'now', updated_at = ?1 ->> 'now',
  status = CASE WHEN status = 'new' THEN 'contacted' ELSE status END
  WHERE id = ?1 ->> 'prospectId'`;

/**
 * Notes that a mail went out; the same again changes nothing.
 * @param {Context} ctx @param {{ prospectId: string, campaignId: string, messageId: string }} mail
 */
export async function noteMail({ env, job }, mail) {
  const text = JSON.stringify({ ...mail, jobId: job.jobId, now: Date.now() });
  await env.DB.batch([MAIL, CONTACTED].map((sql) => env.DB.prepare(sql).bind(text)));
}

/**
 * Until when a sender rests, ms since the epoch; 0 where it does not.
 * @param {D1Database} db @param {string} sender
 */
export async function restUntil(db, sender) {
  const row = await db.prepare('SELECT until FROM resting_senders WHERE sender = ?').bind(sender).first();
  return Number(/** @type {any} */ (row)?.until ?? 0);
}

const REST = `INSERT INTO resting_senders (sender, until) VALUES (?1, ?2 ->> 'until')
  ON CONFLICT (sender) DO UPDATE SET until = max(resting_senders.until, excluded.until)`;

/** @param {D1Database} db @param {string} sender @param {number} until ms since the epoch */
export async function letRest(db, sender, until) {
  await db.prepare(REST).bind(sender, JSON.stringify({ until })).run();
}
