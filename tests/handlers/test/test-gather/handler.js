/**
 * Returns what it is given of the jobs that its own depends on.
 * @type {import('../../../../scraper/context.js').Handler}
 */
export default (_, ctx) => ctx.parents;
