// Stands for a service of models that only has HTTP: POST /run/<model>.

let asked = 0;

export default {
  /** @param {Request} request */
  async fetch(request) {
    const model = new URL(request.url).pathname.slice('/run/'.length);
    const { text, messages } = /** @type {any} */ (await request.json());
    asked += 1;
    if (request.method !== 'POST' || model === 'no-such-model') {
      return Response.json({ errors: [{ message: 'no such model' }] }, { status: 404 });
    }
    if (model === 'busy-once' && asked < 10) {
      asked = 10;
      return new Response('busy', { status: 503, headers: { 'retry-after': '1' } });
    }
    if (model === 'garbled') return new Response('<p>It works!</p>');
    if (text)
      return Response.json({ result: { data: [{ embedding: [0.5, text[0].length] }] }, success: true });
    return Response.json({ choices: [{ message: { content: messages[1].content.toUpperCase() } }] });
  },
};
