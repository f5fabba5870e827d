// Finds an e-mail address on the website of a prospect.

import { FatalError } from '../../../errors.js';
import { findAddress } from '../../../lib/outreach/find-address.js';
import { getProspect, setEmail } from '../../../lib/outreach/store.js';

/**
 * @param {{ prospectId: string }} payload
 * @param {import('../../../context.js').Context & import('../../../lib/types.js').ScrapeContext} ctx
 * @returns {Promise<{ email: string | null }>}
 */
export default async function enrichEmail({ prospectId }, ctx) {
  const prospect = await getProspect(ctx.env.DB, prospectId);
  if (prospect.email) return { email: prospect.email };
  if (!prospect.website) throw new FatalError('no_website', `The prospect ${prospectId} has no website.`);
  const email = await findAddress(prospect.website, ctx);
  if (email) await setEmail(ctx, prospectId, email);
  return { email };
}
