// Producers: they find the prospects for which there is something to do and enqueue it. A prospect that was
// enqueued is not looked at again for a day, and its unique key keeps a second job from beginning while the
// first is kept.

import { enqueueBatch } from '../../../shim/flows/enqueue.js';
import { log } from '../../../shim/log.js';
import {
  ENRICH_ADDRESSES_MAX,
  ENRICH_WEBSITES_MAX,
  MAILS_MAX,
  PRODUCE_AGAIN_MS,
  SYNC_IDS_MAX,
  SYNC_ROWS_MAX,
} from '../limits.js';

/** @typedef {Record<string, any>} Env */

/** The urgency of a tier's mail (its index has the same expression). */
const TIER = `CASE tier WHEN 'hot' THEN 2 WHEN 'warm' THEN 4 ELSE 6 END`;

/** ?1 {now, again, rows} */
const TO_MAIL = `SELECT id, campaign_id AS campaignId, ${TIER} AS priority FROM prospects AS p
  WHERE status = 'new' AND email IS NOT NULL AND campaign_id IS NOT NULL
    AND coalesce(snoozed_until, 0) <= ?1 ->> 'now' AND coalesce(mail_queued_at, 0) <= ?1 ->> 'again'
    AND EXISTS (SELECT 1 FROM campaigns AS c WHERE c.id = p.campaign_id AND c.active = 1)
    AND NOT EXISTS (SELECT 1 FROM outreach_mails AS m
      WHERE m.prospect_id = p.id AND m.campaign_id = p.campaign_id)
  ORDER BY ${TIER}, id LIMIT ?1 ->> 'rows'`;
const TO_LOCATE = `SELECT id FROM prospects
  WHERE website IS NULL AND status = 'new' AND coalesce(website_queued_at, 0) <= ?1 ->> 'again'
  ORDER BY id LIMIT ?1 ->> 'rows'`;
const TO_ADDRESS = `SELECT id FROM prospects
  WHERE email IS NULL AND website IS NOT NULL AND status = 'new'
    AND coalesce(email_queued_at, 0) <= ?1 ->> 'again'
  ORDER BY id LIMIT ?1 ->> 'rows'`;

/**
 * @param {Env} env
 * @param {{ find: string, rows: number, mark: string, job: (row: any) => Record<string, unknown> }} what
 *   `mark`: the
 *   column that says when a prospect was enqueued
 * @returns {Promise<number>} how many were enqueued
 */
async function produce(env, { find, rows, mark, job }) {
  const now = Date.now();
  const about = JSON.stringify({ now, again: now - PRODUCE_AGAIN_MS, rows });
  const { results } = await env.DB.prepare(find).bind(about).all();
  if (results.length === 0) return 0;
  const reply = await enqueueBatch(env, JSON.stringify({ jobs: results.map(job) }));
  /** @type {any[]} */
  const answers = JSON.parse(reply.body).jobs ?? [];
  const taken = results
    .filter((/** @type {any} */ _, /** @type {number} */ i) => answers[i]?.jobId)
    .map((/** @type {any} */ row) => row.id);
  await env.DB.prepare(
    `UPDATE prospects SET ${mark} = ?2 ->> 'now' WHERE id IN (SELECT value FROM json_each(?1))`,
  )
    .bind(JSON.stringify(taken), about)
    .run();
  if (taken.length < results.length) {
    log(env, 'warn', 'producer.refused', { mark, refused: results.length - taken.length });
  }
  return taken.length;
}

/** Mails for prospects that wait for one. @param {Env} env */
export function produceMail(env) {
  return produce(env, {
    find: TO_MAIL,
    rows: MAILS_MAX,
    mark: 'mail_queued_at',
    job: ({ id, campaignId, priority }) => ({
      type: 'send_email',
      payload: { prospectId: id, campaignId },
      priority,
      uniqueKey: `send_email:${id}:${campaignId}`,
    }),
  });
}

/** Websites and addresses that prospects lack. @param {Env} env */
export async function produceEnrichment(env) {
  const websites = await produce(env, {
    find: TO_LOCATE,
    rows: ENRICH_WEBSITES_MAX,
    mark: 'website_queued_at',
    job: ({ id }) => ({
      type: 'enrich_website',
      payload: { prospectId: id },
      uniqueKey: `enrich_website:${id}`,
    }),
  });
  const addresses = await produce(env, {
    find: TO_ADDRESS,
    rows: ENRICH_ADDRESSES_MAX,
    mark: 'email_queued_at',
    job: ({ id }) => ({ type: 'enrich_email', payload: { prospectId: id }, uniqueKey: `enrich_email:${id}` }),
  });
  return websites + addresses;
}

/** The daily cleanup, once a day. @param {Env} env */
export async function produceCleanup(env) {
  const day = new Date().toISOString().slice(0, 10);
  const jobs = [{ type: 'cleanup', payload: {}, uniqueKey: `cleanup:${day}` }];
  const { jobs: answers = [] } = JSON.parse((await enqueueBatch(env, JSON.stringify({ jobs }))).body);
  return answers.filter((/** @type {any} */ { jobId }) => jobId).length;
}

const CHANGES = `SELECT table_name AS name, row_id AS id, version FROM outreach_changes
  LIMIT ${SYNC_ROWS_MAX}`;
// A row that has changed again meanwhile stays.
const TAKEN = `DELETE FROM outreach_changes WHERE EXISTS (
  SELECT 1 FROM json_each(?1) AS j
  WHERE j.value ->> 0 = table_name AND j.value ->> 1 = row_id AND j.value ->> 2 = version)`;

/**
 * Enqueues the sync of what has changed, where Supabase is configured. What is enqueued twice because this
 * ends early is
 * upserted twice, which changes nothing.
 * @param {Env} env
 */
export async function produceSyncs(env) {
  if (!env.SUPABASE_URL) return 0;
  const { results } = await env.DB.prepare(CHANGES).all();
  if (results.length === 0) return 0;
  const jobs = [];
  for (const [table, rows] of Map.groupBy(results, (/** @type {any} */ row) => row.name)) {
    for (let from = 0; from < rows.length; from += SYNC_IDS_MAX) {
      const ids = rows.slice(from, from + SYNC_IDS_MAX).map((/** @type {any} */ { id }) => id);
      jobs.push({ type: 'sync_to_supabase', payload: { table, ids } });
    }
  }
  const { jobs: answers } = JSON.parse((await enqueueBatch(env, JSON.stringify({ jobs }))).body);
  if (!answers?.every((/** @type {any} */ { jobId }) => jobId))
    throw new Error('The syncs were not accepted.');
  const taken = results.map((/** @type {any} */ { name, id, version }) => [name, id, version]);
  await env.DB.prepare(TAKEN).bind(JSON.stringify(taken)).run();
  return jobs.length;
}

/** @type {Record<string, (env: Env) => Promise<number>>} */
const PRODUCERS = { mail: produceMail, enrichment: produceEnrichment, cleanup: produceCleanup };

/**
 * @param {Env} env @param {string} kind mail, enrichment or cleanup
 * @returns {Promise<number>} how many jobs were enqueued
 */
export async function runProducer(env, kind) {
  const producer = PRODUCERS[kind];
  if (!producer) throw new Error(`There is no producer ${kind}.`);
  const jobs = await producer(env);
  log(env, 'info', 'producer.done', { kind, jobs });
  return jobs;
}
