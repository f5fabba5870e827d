// Finds the website of a prospect.

import { findWebsite } from '../../../lib/outreach/find-website.js';
import { getProspect, setWebsite } from '../../../lib/outreach/store.js';

/**
 * @param {{ prospectId: string }} payload
 * @param {import('../../../context.js').Context & import('../../../lib/types.js').ScrapeContext} ctx
 * @returns {Promise<{ website: string | null }>}
 */
export default async function enrichWebsite({ prospectId }, ctx) {
  const prospect = await getProspect(ctx.env.DB, prospectId);
  if (prospect.website) return { website: prospect.website };
  const website = await findWebsite(prospect, ctx);
  if (website) await setWebsite(ctx, prospectId, website);
  return { website };
}
