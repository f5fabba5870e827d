// Turns a text into a vector.

import { vectorOf } from '../../../lib/ai/answers.js';
import { runModel } from '../../../lib/ai/run-model.js';

const MODEL = '@cf/baai/bge-base-en-v1.5'; // unless the payload says

/**
 * @param {{ text: string, model?: string }} payload
 * @param {import('../../../context.js').Context} ctx
 * @returns {Promise<{ model: string, dimensions: number, vector: number[] }>}
 */
export default async function generateEmbedding({ text, model = MODEL }, ctx) {
  const vector = vectorOf(await runModel(model, { text: [text] }, ctx), model);
  return { model, dimensions: vector.length, vector };
}
