// inbound mail ─► its prospect ─► a process_reply job
import { sha256 } from '../digest.js';
import { enqueueOne } from '../flows/enqueue.js';
import { failedRecipients, messageIds } from './parse.js';

/** @typedef {Record<string, any>} Env */
/** @typedef {import('../step.js').Reply} Reply */

// The mail that is answered says best whose answer it is; then whom a notice is about; then who wrote. A
// provider's id may be the whole Message-ID or its first part.
const MATCH = `
  SELECT id FROM (
    SELECT m.prospect_id AS id, 1 AS rank FROM json_each(?1 ->> '$.answers') AS a
    JOIN outreach_mails AS m ON m.message_id IN (
      a.value, '<' || a.value || '>', substr(a.value, 1, instr(a.value, '@') - 1)
    )
    UNION ALL
    SELECT p.id, 2 FROM json_each(?1 ->> '$.recipients') AS r
    JOIN prospects AS p ON lower(p.email) = lower(r.value)
      WHERE p.email IS NOT NULL
    UNION ALL
    SELECT p.id, 3 FROM prospects AS p WHERE p.email IS NOT NULL AND lower(p.email) = lower(?1 ->> '$.from')
  ) ORDER BY rank, id LIMIT 1`;

/**
 * @param {Env} env
 * @param {{ from: string, answers: string[], recipients: string[] }} mail
 * @returns {Promise<string | undefined>} the prospect whose mail it is
 */
export async function matchProspect(env, { from, answers, recipients }) {
  const row = await env.DB.prepare(MATCH).bind(JSON.stringify({ from, answers, recipients })).first();
  return /** @type {any} */ (row)?.id;
}

/**
 * The same mail again is the same job.
 * @param {Env} env
 * @param {Record<string, any>} payload of process_reply
 * @returns {Promise<Reply>} as POST /jobs
 */
export async function enqueueReply(env, payload) {
  // Whatever the mail's id looks like, its digest is a key.
  const uniqueKey = `process_reply:${await sha256(String(payload.messageId))}`;
  const job = { type: 'process_reply', payload, uniqueKey };
  return enqueueOne(env, JSON.stringify(job));
}

/** @param {number} status @param {string} title @param {string} detail @returns {Reply} */
const refused = (status, title, detail) => ({
  status,
  body: JSON.stringify({ type: 'about:blank', title, status, detail }),
});

/**
 * POST /inbound/reply: {prospectId?, messageId, from, subject?, text?, headers?}; without a prospect the
 * mail's headers
 * and its sender tell whose it is.
 * @param {Env} env @param {Uint8Array} body
 * @returns {Promise<Reply>} as POST /jobs; 422 where nobody is known
 */
export async function receiveReply(env, body) {
  let mail;
  try {
    mail = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return refused(400, 'Bad Request', 'The body is not valid JSON.');
  }
  if (typeof mail !== 'object' || mail === null || Array.isArray(mail)) {
    return refused(422, 'Unprocessable Content', 'The reply must be an object.');
  }
  const { prospectId, ...rest } = mail;
  const id = prospectId ?? (await matchProspect(env, namesIn(rest)));
  if (id === undefined) return refused(422, 'Unprocessable Content', 'No prospect is known for this reply.');
  const reply = await enqueueReply(env, { subject: '', text: '', ...rest, prospectId: id });
  return reply.status < 400
    ? reply
    : { ...reply, body: reply.body.replaceAll('"path":"/payload', '"path":"') };
}

/** @param {Record<string, any>} mail */
function namesIn({ from, headers }) {
  const known = Object.entries(Object(headers)).map(([name, value]) => [name.toLowerCase(), String(value)]);
  const header = Object.fromEntries(known);
  const address = /<([^<>]+)>/.exec(String(from))?.[1] ?? String(from);
  return {
    from: address.trim(),
    answers: messageIds(`${header['in-reply-to'] ?? ''} ${header.references ?? ''}`),
    recipients: failedRecipients(header),
  };
}
