// Locally nothing fires cron triggers: this does.

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref());

const MINUTE_MS = 60_000;
/** A little more than a worker takes to stop at most. */
const STOP_MS = 14_000;

/** @param {string} url of the main worker @param {string} cron @param {AbortSignal} [signal] */
const trigger = (url, cron, signal) =>
  fetch(`${url}/cdn-cgi/local/scheduled?cron=${encodeURIComponent(cron)}`, { signal });

/**
 * Has the workers hand back or finish what they run (shim/flows/stopping.js), so that the next start need not
 * wait for their leases. Never throws: what is not handed back is found by the sweep.
 *
 * @param {string} url of the main worker
 */
export async function handBack(url) {
  try {
    await (await trigger(url, 'stop', AbortSignal.timeout(STOP_MS))).text();
  } catch {
    // Whoever does not answer is ended all the same.
  }
}

/**
 * Ticks the main worker's minute cron: at once, once more after `earlyMs`, then each minute. The early tick
 * lets a system that was killed go on soon: by then the messages that it lost are due to be sent again.
 *
 * @param {string} url of the main worker
 * @param {{ earlyMs: number, report: (message: string) => void }} options
 * @returns {() => void} stops it
 */
export function startTicker(url, { earlyMs, report }) {
  let stopped = false;
  const tick = async () => {
    try {
      const response = await trigger(url, '*/1 * * * *');
      const text = await response.text();
      if (!response.ok && !stopped) report(`the sweep failed: ${response.status} ${text.slice(0, 200)}`);
    } catch (error) {
      if (!stopped) report(`the sweep could not be started: ${/** @type {Error} */ (error).message}`);
    }
  };
  const run = async () => {
    await tick();
    await sleep(earlyMs);
    while (!stopped) {
      await tick();
      await sleep(MINUTE_MS);
    }
  };
  void run();
  return () => {
    stopped = true;
  };
}
