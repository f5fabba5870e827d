// Log lines: one JSON object each, for people and for log search.

const LEVELS = ['debug', 'info', 'warn', 'error'];

/**
 * Writes one line unless its level is under LOG_LEVEL.
 *
 * @param {Record<string, any>} env
 * @param {string} level debug, info, warn or error
 * @param {string} event dotted name of what happened
 * @param {Record<string, unknown>} [fields]
 */
export function log(env, level, event, fields = {}) {
  if (LEVELS.indexOf(level) < LEVELS.indexOf(String(env.LOG_LEVEL || 'info'))) return;
  const line = JSON.stringify({ level, event, at: new Date().toISOString(), ...fields });
  if (level === 'error') console.error(line);
  else if (level === 'warn') console.warn(line);
  else console.log(line);
}
