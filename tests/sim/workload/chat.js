// People who chat: what they ask for becomes jobs as well.

/** @typedef {import('../world.js').World} World */

const MESSAGES = [
  'Please scrape https://example.com/prices and tell me what you find.',
  'URGENT: scrape https://example.com/a and https://example.com/b right now!',
  'Find me a hotel in Lisbon, please.',
  'How are you today?',
];

/** @param {World} world */
export function talk(world) {
  const actor = world.actor('enqueue');
  const { program, env } = actor.host.start();
  const message = { message: world.dice.pick(MESSAGES), userId: 'u1', sessionId: 's1' };
  world.run(actor, async () => {
    const { status, body } = await program.chat(env, JSON.stringify(message));
    world.note(actor.name, `is answered ${status}`);
    if (![200, 429, 503].includes(status)) throw new Error(`A chat was answered ${status}: ${body}`);
    for (const { jobId } of JSON.parse(body).jobs ?? []) {
      world.jobs++;
      world.checker.admissions.acknowledge(jobId);
      world.ids.push(jobId);
    }
  });
}
