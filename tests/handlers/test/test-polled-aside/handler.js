/** @param {{ ms?: number }} payload */
export default async (payload) => {
  await new Promise((resolve) => setTimeout(resolve, payload.ms ?? 0));
  return payload;
};
