// minute cron ─► due ═D1═► calendar ─► run ═D1═► sends. What operators do to schedules, too.
import {
  SLUICE_OP_SCHEDULE_DELETE,
  SLUICE_OP_SCHEDULE_PUT,
  SLUICE_OP_SCHEDULES_DUE,
  SLUICE_OP_SCHEDULES_RUN,
} from '../abi.generated.js';
import { readPattern, standing } from '../calendar.js';
import { runFlow } from '../step.js';

/** @typedef {import('../step.js').Reply} Reply */
/** @typedef {Record<string, any>} Env */
/** Name, pattern, zone and the tick that has come, of a row as wasm/core/schedule_row.h has it. */
/** @typedef {[string, string, string, type: string, priority: number, dueAt: number]} Due */
/** @typedef {[latest: number | null, next: number | null] | null} Standing */

/**
 * Enqueues the jobs of all schedules whose ticks have come.
 * @param {Env} env
 */
export async function runSchedules(env) {
  /** @type {{ at?: number, name?: string }} */
  let place = {};
  for (let more = true; more; ) {
    const { control, reply } = await runFlow(env, SLUICE_OP_SCHEDULES_DUE, place);
    const { body, status } = /** @type {Reply} */ (reply);
    /** @type {Due[]} */
    const due = status === 200 ? JSON.parse(body).schedules : [];
    const now = Date.now();
    const ticks = due.map(([, cron, timezone, , , dueAt]) => standing({ cron, timezone, dueAt }, now));
    if (ticks.length > 0) await runTicks(env, body, ticks);
    const last = due.at(-1);
    place = { at: last?.[5], name: last?.[0] };
    more = control.more === true;
  }
}

/**
 * Where one value spoils the batch (the core says so), each half by itself.
 * @param {Env} env
 * @param {string} body the schedules that are due, as the core wrote them
 * @param {Standing[]} ticks one for each
 */
async function runTicks(env, body, ticks) {
  const { control } = await runFlow(env, SLUICE_OP_SCHEDULES_RUN, { ticks }, [body]);
  const mine = ticks.flatMap((tick, n) => (tick ? [n] : []));
  if (!control.bisect || mine.length < 2) return;
  const middle = Number(mine[mine.length >> 1]);
  await runTicks(
    env,
    body,
    ticks.map((tick, n) => (n < middle ? tick : null)),
  );
  await runTicks(
    env,
    body,
    ticks.map((tick, n) => (n < middle ? null : tick)),
  );
}

/**
 * The pattern in a request; the core says what is wrong with the rest.
 * @param {string | Uint8Array} body
 */
function readRequest(body) {
  try {
    const { cron, timezone = 'UTC' } = Object(
      JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body)),
    );
    return readPattern(cron, timezone, Date.now());
  } catch {
    return {};
  }
}

/**
 * Sets a schedule: 201, or 200 where there was one of that name; 4xx, 503.
 * @param {Env} env @param {string} name
 * @param {string | Uint8Array} body JSON as it came
 * @returns {Promise<Reply>}
 */
export async function putSchedule(env, name, body) {
  const control = { name, calendar: readRequest(body) };
  const { reply } = await runFlow(env, SLUICE_OP_SCHEDULE_PUT, control, [body]);
  return /** @type {Reply} */ (reply);
}

/**
 * 200 the schedule as it was, 404, 503; its jobs stay.
 * @param {Env} env @param {string} name
 * @returns {Promise<Reply>}
 */
export async function deleteSchedule(env, name) {
  const { reply } = await runFlow(env, SLUICE_OP_SCHEDULE_DELETE, { name });
  return /** @type {Reply} */ (reply);
}
