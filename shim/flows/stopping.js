// A worker that is told to stop: what has not begun is handed back at once, what runs has a while to end and
// is then stopped and handed back too, without an attempt spent. What it cannot give back in time is found
// by the sweep when its lease is over.
import { sleep } from '../step.js';

/** What runs may go on so long. */
const GRACE_MS = 5000;
/** How long the end of all work is waited for. */
const PATIENCE_MS = 12_000;
const LOOK_MS = 100;

/** When this isolate was told to stop; 0: it was not. */
let since = 0;
/** Batches and polls that are under way. */
let atWork = 0;

/** Whether nothing may begin any more. */
export const isStopping = () => since > 0;

/** Whether what runs has had its while. */
export const isOver = () => since > 0 && Date.now() - since >= GRACE_MS;

/** @returns {() => void} to be called when this work is done */
export function enterWork() {
  atWork++;
  return () => {
    atWork--;
  };
}

/**
 * Stops this isolate's work, for good: another one has to go on with it.
 * @returns {Promise<boolean>} whether all of it was settled or handed back in time
 */
export async function stopWork() {
  since ||= Date.now();
  const until = Date.now() + PATIENCE_MS;
  while (atWork > 0 && Date.now() < until) await sleep(LOOK_MS);
  return atWork === 0;
}
