// The worker that Sluice is compared with, metered, with a job type that fails. It waits a minute and more
// before it tries one again, which costs nothing: a second will do.
import { handlers } from '../../baseline/src/handlers.js';
import baseline from '../../baseline/src/index.js';
import { metered } from '../meter.js';

/** @type {Map<string, number>} how often each job has failed */
const failed = new Map();

/** Fails so many times. @param {any} payload {key, failures} */
handlers['bench-fail'] = ({ key, failures }) => {
  const times = failed.get(key) ?? 0;
  if (times === failures) return { ok: true };
  failed.set(key, times + 1);
  throw new Error('failing as told');
};

export default metered(baseline, { delaySecondsMax: 1 });
