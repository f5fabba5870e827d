// Who enqueues what the outreach tables or schedules say, and what comes in by mail.
import { job } from '../user.js';

/** @typedef {import('../user.js').User} User */

const TABLES = `
INSERT INTO campaigns (id, name, subject, body, created_at, updated_at) VALUES ('c1', 'One', 'Hello', 'Hello', 1, 1);
INSERT INTO prospects (id, name, email, website, campaign_id, created_at, updated_at) VALUES
  ('p1', 'One', 'one@example.com', 'https://one.example/', 'c1', 1, 1),
  ('p2', 'Two', NULL, 'https://two.example/', 'c1', 1, 1),
  ('p3', 'Three', NULL, NULL, 'c1', 1, 1);`;

const REPLY = {
  messageId: '<m1@example.com>',
  from: 'One <one@example.com>',
  subject: 'Re: Hello',
  text: 'Yes, please.',
};

/** @param {User} user */
function prepare({ world }) {
  world.database.part(0).sqlite.exec(TABLES);
  world.checker.observe(world.actor('sweep'), 0);
}

/** @param {string} name @param {string} cron @param {number} jobs @returns {import('../world.js').Flow} */
const produce = (name, cron, jobs) => ({
  name,
  async session(user) {
    prepare(user);
    user.cron(cron);
    await user.untilHolds(`SELECT count(*) >= ${jobs} AS n FROM jobs`);
    user.cron(cron);
    await user.sleep(1000);
  },
});

/** @type {import('../world.js').Flow[]} */
export const crons = [
  produce('produce mails', '*/5 8-18 * * 1-6', 1),
  produce('produce enrichment', '*/15 8-18 * * 1-6', 2),
  produce('produce cleanup', '17 3 * * *', 1),
  {
    name: 'produce syncs',
    vars: { SUPABASE_URL: 'https://supabase.example/' },
    async session(user) {
      prepare(user);
      await user.untilHolds('SELECT count(*) >= 2 AS n FROM jobs');
    },
    isAtRest: ({ database }) => database.all('SELECT 1 FROM outreach_changes').length === 0,
  },
  {
    name: 'schedule',
    async session(user) {
      const { type, payload } = job();
      await user.schedule('each minute', { cron: '* * * * *', type, payload });
      await user.untilHolds("SELECT count(*) AS n FROM jobs WHERE status = 'completed'");
      await user.unschedule('each minute');
    },
  },
  {
    name: 'inbound reply',
    async session(user) {
      prepare(user);
      const body = new TextEncoder().encode(JSON.stringify(REPLY));
      await user.ask('enqueue', (program, env) => program.receiveReply(env, body), 1);
    },
  },
];
