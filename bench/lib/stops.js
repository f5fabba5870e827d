/**
 * Runs `start`, which notes how each thing that it starts is stopped. Where it throws, what it had started is
 * stopped again.
 *
 * @template {object} T
 * @param {(note: (stop: () => unknown) => void) => Promise<T>} start
 * @returns {Promise<T & { stop: () => Promise<void> }>} stop: of all, the last thing first, each in any case;
 *   throws the first error
 */
export async function stoppable(start) {
  /** @type {(() => unknown)[]} */
  const stops = [];
  const stop = async () => {
    /** @type {unknown[]} */
    const errors = [];
    for (const one of stops.splice(0).reverse()) {
      try {
        await one();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  };
  try {
    return { ...(await start((one) => stops.push(one))), stop };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}
