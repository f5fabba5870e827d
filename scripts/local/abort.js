/**
 * @param {AbortSignal} signal
 * @returns {Promise<void>} resolves when it aborts
 */
export function whenAborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
