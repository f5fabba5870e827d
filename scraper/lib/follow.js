// Enqueueing the next layer of a site: navigation leads to categories, categories to products and next pages.

import { sha256 } from '../../shim/digest.js';
import { URL_LENGTH_MAX } from './limits.js';
import { normaliseUrl } from './url.js';

/** Hexadecimal digits of a page's digest in a key: 128 bits. */
const KEY_DIGITS = 32;

/** @typedef {{ type: string, url: string, metadata?: Record<string, unknown> }} Lead */

/**
 * Enqueues a job per lead when the payload asks for it (metadata.follow). The unique keys name the job that
 * started the chain and the page, so that neither a redelivery nor two pages that list the same product
 * enqueue it twice, and a circle of next pages ends. URLs that no payload takes are left out.
 * @param {import('./types.js').ScrapeContext} ctx
 * @param {Record<string, any>} metadata of the payload
 * @param {Lead[]} leads
 * @returns {Promise<number>} jobs asked for, repeated ones included
 */
export async function follow(ctx, metadata, leads) {
  const wanted = leads.filter(({ url }) => url.length <= URL_LENGTH_MAX);
  if (metadata.follow !== true || !ctx.enqueue || wanted.length === 0) return 0;
  const rootJobId = typeof metadata.rootJobId === 'string' ? metadata.rootJobId : ctx.job.jobId;
  const jobs = await Promise.all(wanted.map((lead) => childJob(ctx, metadata, rootJobId, lead)));
  await ctx.enqueue(jobs);
  return jobs.length;
}

/**
 * @param {import('./types.js').ScrapeContext} ctx
 * @param {Record<string, any>} metadata
 * @param {string} rootJobId
 * @param {Lead} lead
 * @returns {Promise<import('./types.js').ChildJob>}
 */
async function childJob(ctx, metadata, rootJobId, lead) {
  const { page: _page, ...inherited } = metadata;
  const digest = (await sha256(normaliseUrl(lead.url) ?? lead.url)).slice(0, KEY_DIGITS);
  return {
    type: lead.type,
    payload: { target_url: lead.url, metadata: { ...inherited, ...lead.metadata, rootJobId } },
    uniqueKey: `follow:${rootJobId}:${lead.type}:${digest}`,
    ...(typeof ctx.job.correlationId === 'string' ? { correlationId: ctx.job.correlationId } : {}),
  };
}
