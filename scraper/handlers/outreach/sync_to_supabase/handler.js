// Upserts rows into the table of the same name at Supabase.

import { upsert } from '../../../lib/outreach/supabase.js';

// Columns that only the producers here use stay here.
/** @type {Record<string, string>} */
const ROWS = {
  prospects: `id, name, contact, email, website, tier, status, campaign_id, snoozed_until, contacted_at,
    created_at, updated_at`,
  campaigns: 'id, name, subject, body, from_address, reply_to, active, created_at, updated_at',
  replies: 'id, prospect_id, kind, from_address, subject, text, processed_at',
};

/**
 * @param {{ table: string, ids: string[] }} payload
 * @param {import('../../../context.js').Context} ctx
 * @returns {Promise<{ upserted: number, missing: number }>} missing: ids that have no row here any more
 */
export default async function syncToSupabase({ table, ids }, { env, signal }) {
  const sql = `SELECT ${ROWS[table]} FROM json_each(?1) AS j CROSS JOIN ${table} ON ${table}.id = j.value`;
  const wanted = [...new Set(ids)];
  const { results } = await env.DB.prepare(sql.replace('id,', `${table}.id AS id,`))
    .bind(JSON.stringify(wanted))
    .all();
  if (results.length > 0) await upsert(env, table, results, signal);
  return { upserted: results.length, missing: wanted.length - results.length };
}
