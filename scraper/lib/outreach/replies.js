// What a reply makes of its prospect, in D1.

import { cancelJob } from '../../../shim/flows/admin.js';
import { REPLY_TEXT_MAX, SNOOZE_ABSENT_MS } from '../limits.js';

/** @typedef {import('./reply-kind.js').ReplyKind} ReplyKind */
/** @typedef {import('../../context.js').Context} Context */

const NOTE = `INSERT INTO replies (id, prospect_id, kind, from_address, subject, text, job_id, processed_at)
  VALUES (?1 ->> 'messageId', ?1 ->> 'prospectId', ?1 ->> 'kind', ?1 ->> 'from', ?1 ->> 'subject',
    ?1 ->> 'text', ?1 ->> 'jobId', ?1 ->> 'now')
  ON CONFLICT (id) DO NOTHING`;
// Who has opted out stays so, whatever comes later; a bounced address that answers is none.
const CHANGE = `UPDATE prospects SET updated_at = ?1 ->> 'now',
  status = CASE
    WHEN status = 'unsubscribed' THEN status
    WHEN ?1 ->> 'kind' = 'opt_out' THEN 'unsubscribed'
    WHEN ?1 ->> 'kind' = 'bounce' THEN 'bounced'
    WHEN ?1 ->> 'kind' = 'reply' THEN 'replied'
    ELSE status
  END,
  snoozed_until = CASE WHEN ?1 ->> 'kind' = 'out_of_office' THEN ?1 ->> 'snoozedUntil' ELSE snoozed_until END
  WHERE id = ?1 ->> 'prospectId'
    AND (SELECT job_id FROM replies WHERE id = ?1 ->> 'messageId') = ?1 ->> 'jobId'`;

/**
 * Notes a reply and what follows from it, in one batch; a reply that another job has noted changes nothing.
 * @param {Context} ctx
 * @param {{ prospectId: string, messageId: string, from: string, subject: string, text: string, kind:
 *   ReplyKind }} reply
 */
export async function noteReply({ env, job }, reply) {
  const now = Date.now();
  const text = JSON.stringify({
    ...reply,
    text: reply.text.slice(0, REPLY_TEXT_MAX),
    jobId: job.jobId,
    now,
    snoozedUntil: now + SNOOZE_ABSENT_MS,
  });
  await env.DB.batch([NOTE, CHANGE].map((sql) => env.DB.prepare(sql).bind(text)));
}

// The producers' jobs are found by their unique keys, everybody else's in the line.
const PENDING = `SELECT u.job_id AS id FROM unique_keys AS u
  WHERE u.key >= 'key:send_email:' || ?1 || ':' AND u.key < 'key:send_email:' || ?1 || ';'
  UNION
  SELECT id FROM jobs WHERE held_by = 'p:outreach' AND type = 'send_email' AND payload ->> 'prospectId' = ?1`;

/**
 * Cancels the mails that wait for a prospect.
 * @param {Context} ctx @param {string} prospectId
 * @returns {Promise<number>} how many
 */
export async function cancelMails({ env, log }, prospectId) {
  const { results } = await env.DB.prepare(PENDING).bind(prospectId).all();
  let cancelled = 0;
  for (const { id } of results) {
    // 409: it is over already.
    const { status } = await cancelJob(env, id);
    if (status === 200) cancelled++;
    else if (status === 503) throw new Error('The mails could not be cancelled.');
  }
  if (cancelled > 0) log.info('mails.cancelled', { prospectId, cancelled });
  return cancelled;
}
