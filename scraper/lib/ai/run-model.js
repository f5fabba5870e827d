// One question to a model: through the Workers AI binding, or through a service that speaks like it.

import { FatalError, RetryableError, SnoozeError } from '../../errors.js';
import { AI_ANSWER_BYTES_MAX, AI_TIMEOUT_MS, QUOTA_WAIT_MS } from '../limits.js';
import { firstBytes } from '../net/body.js';
import { startDeadline } from '../net/deadline.js';
import { statusError } from '../net/status.js';

/** @typedef {Pick<import('../../context.js').Context, 'env' | 'signal'>} ModelContext */

// Workers AI's errors that another attempt does not change: of the model, the input, the account's rights.
const PERMANENT = new Set([
  '3003',
  '3006',
  '3023',
  '3039',
  '3041',
  '3042',
  '5004',
  '5005',
  '5006',
  '5007',
  '5016',
  '5018',
  '5019',
]);
// The day's allocation is used up.
const ALLOCATION = '3036';

/**
 * Calls `env.AI.run(model, input)`: the Workers AI binding, or a service binding to what has that method.
 * A service without it is asked with `POST /run/<model>`, the input as JSON; its answer may be wrapped in
 * `{result}`, as Cloudflare's REST API does.
 *
 * @param {string} model
 * @param {Record<string, unknown>} input
 * @param {ModelContext} ctx
 * @returns {Promise<unknown>} what the model answered
 * @throws {FatalError} not_configured, ai_refused; SnoozeError ai_quota; RetryableError ai_failed
 */
export async function runModel(model, input, { env, signal }) {
  if (!env.AI) {
    throw new FatalError(
      'not_configured',
      'There is no AI to ask. Bind Workers AI ("ai": {"binding": "AI"}) or a service of yours ' +
        '("services": [{"binding": "AI", "service": "…"}]) in scraper/wrangler.jsonc, deploy, ' +
        'then retry this job.',
    );
  }
  try {
    return await env.AI.run(model, input);
  } catch (error) {
    if (hasNoRun(env.AI, error)) return askOverFetch(env.AI, model, input, signal);
    throw explain(error, model);
  }
}

// What workerd says of a service without the method, and of one that is no WorkerEntrypoint.
const NO_RUN = /RPC receiver does not implement|receiver is not an RPC object/;

/** @param {any} binding @param {unknown} error of calling its `run` */
function hasNoRun(binding, error) {
  if (typeof binding.fetch !== 'function') return false;
  const { message } = Object(error);
  return error instanceof TypeError && NO_RUN.test(String(message));
}

/**
 * @param {unknown} error
 * @param {string} model
 */
function explain(error, model) {
  const { message } = /** @type {{ message?: unknown }} */ (Object(error));
  const said = `The model ${model} could not be asked: ${message ?? error}`;
  const [, number = ''] = /(?:^|\s)(\d{4}): /.exec(String(message)) ?? [];
  if (PERMANENT.has(number)) return new FatalError('ai_refused', said);
  if (number === ALLOCATION) return new SnoozeError('ai_quota', said, { delayMs: QUOTA_WAIT_MS });
  return new RetryableError('ai_failed', said, { breaker: true });
}

/**
 * @param {Fetcher} service
 * @param {string} model
 * @param {Record<string, unknown>} input
 * @param {AbortSignal} signal
 */
async function askOverFetch(service, model, input, signal) {
  const deadline = startDeadline(AI_TIMEOUT_MS, signal, `The AI service (${model})`);
  try {
    const response = await service.fetch(`https://ai/run/${model}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
      signal: deadline.signal,
    });
    const text = new TextDecoder().decode(await firstBytes(response, AI_ANSWER_BYTES_MAX));
    const about = `The AI service (${model}): ${text.slice(0, 200)}`;
    const error = statusError(response.status, response.headers, about, Date.now());
    if (error) throw error;
    return unwrap(text, model);
  } catch (error) {
    throw deadline.explain(error);
  } finally {
    deadline.clear();
  }
}

/** @param {string} text @param {string} model */
function unwrap(text, model) {
  try {
    const answer = JSON.parse(text);
    return answer?.result ?? answer;
  } catch {
    throw new RetryableError('ai_failed', `The AI service (${model}) answered with what is no JSON.`);
  }
}
