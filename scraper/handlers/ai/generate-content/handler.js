// Has a model write a text.

import { textOf } from '../../../lib/ai/answers.js';
import { runModel } from '../../../lib/ai/run-model.js';
import { AI_TOKENS } from '../../../lib/limits.js';

const MODEL = '@cf/meta/llama-3.1-8b-instruct'; // unless the payload says
const TYPE = 'article';

/**
 * @param {{ prompt: string, type?: string, model?: string, maxTokens?: number }} payload
 * @param {import('../../../context.js').Context} ctx
 * @returns {Promise<{ model: string, type: string, content: string }>}
 */
export default async function generateContent(payload, ctx) {
  const { prompt, type = TYPE, model = MODEL, maxTokens = AI_TOKENS } = payload;
  const messages = [
    {
      role: 'system',
      content: `You write texts of this kind: ${type}. Answer with the finished text alone.`,
    },
    { role: 'user', content: prompt },
  ];
  const answer = await runModel(model, { messages, max_tokens: maxTokens }, ctx);
  return { model, type, content: textOf(answer, model) };
}
