/** @param {unknown} payload */
export default async (payload) => payload;
