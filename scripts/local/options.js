// What `npm start` and `npm run dev` take after `--`.
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../tools.mjs';

/** A wrong command line: ends the script with status 2. */
export class UsageError extends Error {}

/**
 * @typedef {object} LocalOptions
 * @property {boolean} once end when the demo's jobs are final
 * @property {boolean} demo
 * @property {number} port of the main worker
 * @property {string} token the admin token
 * @property {string} state absolute path of the folder that keeps D1 and the rest
 * @property {boolean} allowPrivate
 */

const options = /** @type {const} */ ({
  once: { type: 'boolean', default: false },
  'no-demo': { type: 'boolean', default: false },
  port: { type: 'string', default: '8787' },
  token: { type: 'string' },
  state: { type: 'string' },
  'allow-private': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
});

/**
 * @param {string[]} args
 * @param {{ demo: boolean }} script demo: whether the script has one, and so --once and --no-demo
 * @returns {LocalOptions & { help: boolean }}
 */
export function readLocalOptions(args, { demo }) {
  const { once, 'no-demo': noDemo, ...common } = options;
  const values = /** @type {ReturnType<typeof parseArgs<{ options: typeof options }>>['values']} */ (
    parse(args, demo ? options : common)
  );
  if (values.once && values['no-demo']) {
    throw new UsageError('--once waits for the demo, which --no-demo leaves out: give one of them');
  }
  return {
    once: values.once === true,
    demo: demo && !values['no-demo'],
    port: readPort(values.port),
    token: readToken(values.token),
    state: path.resolve(values.state ?? path.join(root, '.wrangler', 'state')),
    allowPrivate: values['allow-private'],
    help: values.help,
  };
}

/**
 * @param {string[]} args
 * @param {import('node:util').ParseArgsOptionsConfig} known
 */
function parse(args, known) {
  try {
    return parseArgs({ args, options: known }).values;
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message);
  }
}

/** @param {string} text */
function readPort(text) {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535)
    throw new UsageError(`--port must be a number from 1 to 65535, not "${text}"`);
  return port;
}

/** @param {string | undefined} text */
function readToken(text) {
  if (text === undefined) return randomBytes(24).toString('base64url');
  // What a bearer token may consist of: RFC 6750 section 2.1.
  if (!/^[A-Za-z0-9._~+/-]+=*$/.test(text)) {
    throw new UsageError('--token must consist of letters, digits and . _ ~ + / - (then = at its end)');
  }
  return text;
}
