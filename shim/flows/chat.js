// message ─► reading ─► admit ═D1═► admitted ─► sends ─► reply. The scraper, which enqueues as well, must not
// load the chat module: this flow has a file of its own.
import { SLUICE_OP_ADMIT_CHAT } from '../abi.generated.js';
import { readChat } from '../chat.js';
import { runFlow } from '../step.js';

/**
 * Reads a chat message and enqueues what it asks for.
 *
 * @param {Record<string, any>} env
 * @param {string | Uint8Array} body JSON `{message, userId, sessionId}` as it came
 * @returns {Promise<import('../step.js').Reply>}
 */
export async function chat(env, body) {
  const { reply } = await runFlow(env, SLUICE_OP_ADMIT_CHAT, {}, [body, readChat(env, body)]);
  return /** @type {import('../step.js').Reply} */ (reply);
}
