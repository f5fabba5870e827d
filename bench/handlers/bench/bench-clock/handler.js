/** Its result: when it ran, in milliseconds since the epoch. */
export default async () => ({ at: Date.now() });
