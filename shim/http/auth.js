// Bearer tokens (contract, "Authentication"): who may call, and what for.
import { log } from '../log.js';

/** @typedef {'jobs:read' | 'jobs:write' | 'admin'} Scope */
/** @typedef {{ name: string, digest: ArrayBuffer, scopes: Set<string> }} Token */

const SHA256_HEX = /^[0-9a-f]{64}$/i;
const BEARER = /^Bearer +([^\s]+) *$/i;

/** @param {string} hex */
function bytesOfHex(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)).buffer;
}

/**
 * Reads the secret. Throws where any of it is not as it must be: a half-read list of tokens would let in some
 * of those it names and nobody would know why not the others.
 *
 * @param {string} text
 * @returns {Token[]}
 */
function parseTokens(text) {
  const entries = JSON.parse(text);
  if (!Array.isArray(entries)) throw new TypeError('it is not an array');
  return entries.map((entry, i) => {
    const { name, sha256, scopes } = Object(entry);
    if (typeof name !== 'string' || name === '') throw new TypeError(`entry ${i} has no name`);
    if (typeof sha256 !== 'string' || !SHA256_HEX.test(sha256)) {
      throw new TypeError(`the sha256 of entry ${i} is not 64 hexadecimal digits`);
    }
    if (!Array.isArray(scopes) || !scopes.every((scope) => typeof scope === 'string')) {
      throw new TypeError(`the scopes of entry ${i} are not an array of strings`);
    }
    return { name, digest: bytesOfHex(sha256), scopes: new Set(scopes) };
  });
}

/** The secret as it was read last, by its text. */
let known = { text: '', tokens: /** @type {Token[]} */ ([]) };

/**
 * @param {Record<string, any>} env
 * @returns {Token[]} nobody where the secret is missing or malformed
 */
function tokensOf(env) {
  const secret = env.SLUICE_TOKENS ?? '';
  const text = typeof secret === 'string' ? secret : JSON.stringify(secret);
  if (text === known.text) return known.tokens;
  known = { text, tokens: [] };
  if (text.trim() === '') return known.tokens;
  try {
    known.tokens = parseTokens(text);
  } catch (error) {
    // JSON.parse quotes what it stumbles over; of the secret nothing goes to the log.
    const reason = error instanceof SyntaxError ? 'it is not JSON' : /** @type {Error} */ (error).message;
    log(env, 'error', 'auth.secret_malformed', { secret: 'SLUICE_TOKENS', reason });
  }
  return known.tokens;
}

/**
 * @param {Token[]} tokens
 * @param {string} presented
 * @returns {Promise<Token | undefined>} whose token it is; the time taken does not tell how near a guess is
 */
async function findToken(tokens, presented) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(presented));
  let found;
  for (const token of tokens) {
    if (crypto.subtle.timingSafeEqual(token.digest, digest)) found = token;
  }
  return found;
}

/**
 * Whether a request may do what needs `scope`; `admin` may do everything.
 *
 * @param {Request} request
 * @param {Record<string, any>} env
 * @param {Scope} scope
 * @returns {Promise<'allowed' | 'unknown' | 'forbidden'>} unknown: no valid token
 */
export async function authorise(request, env, scope) {
  const presented = BEARER.exec(request.headers.get('authorization') ?? '')?.[1];
  if (presented === undefined) return 'unknown';
  const token = await findToken(tokensOf(env), presented);
  if (!token) return 'unknown';
  return token.scopes.has(scope) || token.scopes.has('admin') ? 'allowed' : 'forbidden';
}
