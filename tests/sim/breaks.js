// Guards that can be taken away, one at a time, to prove that the checker can fail: `sim.mjs --break GUARD`.
//   sql   a marker in wasm/sql, cut out at the simulator's door to the database
//   core  a value of sluice::Guard (wasm/core/guard.h), taken away in the module of the preset `breakable`
//   shim  a line of the shims, replaced when the isolates' program is bundled
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ file: string, find: string, put: string }} Edit
 * @typedef {{ cuts: string, rule: string, from?: number, shards?: number, edits?: Edit[] }} Break `cuts` says what is
 *   missing without the guard, `rule` which invariant of the checker notices, `from` at which seed the search begins,
 *   where what it takes is rare, `shards` how many databases the worlds have, where it takes several
 */

/** @type {Record<string, Break>} */
const SQL = {
  claim_state: { cuts: 'a claim leases only what waits', rule: 'lease of what was not waiting' },
  claim_due: { cuts: 'a claim leases a delayed job only when its time has come', rule: 'before its time' },
  claim_lease: { cuts: 'a claim waits for the lease before', rule: 'two leases at once' },
  poll_lease: { cuts: 'a poll waits for the lease before', rule: 'two leases at once' },
  poll_once: { cuts: 'a repeated poll leases no more', rule: 'polled again' },
  poll_order: { cuts: 'a poll takes the first of its line', rule: 'start order' },
  poll_park: { cuts: 'a poll leases no more than a gate gives', rule: 'too many at once' },
  poll_place: { cuts: 'what a poll leases takes its places', rule: 'gates' },
  poll_counter: { cuts: 'a poll counts what it leases', rule: 'counters' },
  claim_counter: { cuts: 'a claim counts what it leases', rule: 'counters' },
  count_distinct: { cuts: 'a job that a batch names twice counts once', rule: 'counters' },
  defer: {
    cuts: 'a repeated message leaves a job watched that another worker has',
    rule: 'left to the watermark',
  },
  defer_state: { cuts: 'only a job that runs is watched so', rule: 'watched after its end' },
  claim_held: { cuts: 'a claim leases nobody who stands in a line', rule: 'held and not waiting' },
  park: { cuts: 'a claim leases no more than a gate gives', rule: 'too many at once' },
  paused: { cuts: 'a paused queue starts nothing', rule: 'started while paused' },
  breaker: { cuts: 'failures in a row are counted, and open a breaker', rule: 'breaker' },
  breaker_open: { cuts: 'nothing passes an open breaker', rule: 'started behind an open breaker', from: 16 },
  breaker_probe: {
    cuts: 'a half-open breaker lets one pass at a time',
    rule: 'more than one probe',
    from: 16,
  },
  idle_gate: { cuts: 'a gate is forgotten when nothing needs it', rule: 'gates' },
  rate: { cuts: 'a claim leases no job whose turn is far away', rule: 'leased too far ahead' },
  pace: { cuts: 'a turn that was given is not given again', rule: 'too fast' },
  turn: { cuts: 'a claim gives each job a turn of its own', rule: 'too fast' },
  poll_turn: { cuts: 'and so does a poll', rule: 'too fast' },
  place: { cuts: 'a lease takes its places', rule: 'gates' },
  place_once: { cuts: 'a job that still has its places takes none again', rule: 'gates' },
  place_back: { cuts: 'a lease that ends gives its places back', rule: 'gates' },
  place_stopped: { cuts: 'and so does that of a handler that was stopped', rule: 'gates' },
  no_overtaking: { cuts: 'who comes joins the line that there is', rule: 'overtakes' },
  release: { cuts: 'places that are given back go to who stands in line', rule: 'not final' },
  lines: { cuts: 'the sweep sees to lines that nobody else moves', rule: 'not final', from: 33 },
  move_state: { cuts: 'a transition expects the state it was decided for', rule: 'final state' },
  move_fence: {
    cuts: 'a transition expects the fencing token it was decided for',
    rule: 'settled after a later lease',
  },
  move_op: { cuts: 'the sweep and operators expect the row as they read it', rule: 'stale decision' },
  move_counter: { cuts: 'a transition moves the counts', rule: 'counters' },
  letter: {
    cuts: 'the batch that fails a job writes its dead letter',
    rule: 'a failed job without a dead letter',
  },
  letter_step: {
    cuts: 'only a job that this step has failed gets a dead letter',
    rule: 'a dead letter of a job that is not failed',
  },
  letter_once: { cuts: 'a repeated step leaves the dead letter alone', rule: 'archived letter changed' },
  revived: {
    cuts: 'a job that is tried again has no dead letter',
    rule: 'a dead letter of a job that is not failed',
  },
  revived_step: {
    cuts: 'only a job that this step has revived loses its dead letter',
    rule: 'a failed job without a dead letter',
    from: 80,
  },
  release_fence: { cuts: 'a stopped handler gives back its own lease only', rule: 'released by another' },
  release_state: {
    cuts: 'a lease is given back of a job that runs no more',
    rule: 'statement refused',
    from: 28,
  },
  result: { cuts: 'a long result is kept beside the row', rule: 'result' },
  result_owner: {
    cuts: 'only the step that completed a job writes its result',
    rule: 'result of no completion',
    from: 64,
  },
  result_once: { cuts: 'a repeated step writes a long result again', rule: 'statement refused', from: 35 },
  renewal: { cuts: 'running jobs renew their leases', rule: 'lease lost for no reason', from: 50 },
  renewal_max: {
    cuts: 'a renewal that is committed late cuts no lease short',
    rule: 'lease cut short',
    from: 10,
  },
  renewal_state: { cuts: 'a lease is renewed while its job runs', rule: 'lease of what does not run' },
  renewal_fence: { cuts: 'a lease is renewed by its holder', rule: 'renewed by another', from: 12 },
  renewal_op: {
    cuts: 'a renewal leaves its nonce, which the sweep expects unchanged',
    rule: 'lease taken early',
  },
  checkpoint_state: { cuts: 'a checkpoint is kept while its job runs', rule: 'checkpoint without the lease' },
  checkpoint_fence: {
    cuts: 'a checkpoint is kept of the latest lease',
    rule: 'checkpoint without the lease',
    from: 34,
  },
  checkpoint_order: {
    cuts: 'a checkpoint that is committed late overwrites no newer one',
    rule: 'older checkpoint',
    from: 28,
  },
  unique_first: { cuts: 'a unique key stays with the job that had it first', rule: 'unique key' },
  unique_in_request: {
    cuts: 'the first job of a request has its unique key',
    rule: 'not the first of its key',
  },
  unique_holder: { cuts: 'only the holder of a unique key is inserted', rule: 'two jobs for one key' },
  depth: { cuts: 'a queue takes jobs up to its maximum depth', rule: 'depth' },
  room_op: { cuts: 'the room of a queue is what this step found', rule: 'counters' },
  count_once: { cuts: 'a repeated admission counts no job twice', rule: 'counters' },
  insert_once: { cuts: 'a repeated admission inserts no job twice', rule: 'statement refused' },
  admit_counter: { cuts: 'an admission counts its jobs', rule: 'counters' },
  watch_late: { cuts: 'a job whose id the sweep has passed registers itself', rule: 'unwatched' },
  body_owner: { cuts: 'a long payload is written for a job that was inserted', rule: 'payload of no job' },
  body_once: { cuts: 'a repeated admission writes a long payload once', rule: 'statement refused' },
  archive_message: { cuts: 'a message that is no job is kept', rule: 'message acknowledged without a trace' },
  archive_once: { cuts: 'a message that comes again is kept once', rule: 'statement refused' },
  bury: { cuts: 'the dead-letter consumer archives dead letters', rule: 'not buried' },
  bury_once: { cuts: 'an archived dead letter stays as it is', rule: 'archived letter changed' },
  bury_fence: {
    cuts: 'a dead letter is archived under the fencing token it failed with',
    rule: 'buried by an old letter',
  },
  unwatch_state: {
    cuts: 'only a failed job is not watched any more when its letter is archived',
    rule: 'unwatched',
  },
  unwatch_fence: { cuts: 'and only under the fencing token of that letter', rule: 'unwatched' },
  wake: {
    cuts: 'a live job is woken when the platform gives up on its message',
    rule: 'left to the watermark',
  },
  wake_state: { cuts: 'only a live job is woken so', rule: 'watched after its end' },
  discard_step: {
    cuts: 'an operator deletes the dead letter that he has seen, of no later failure',
    rule: 'a failed job without a dead letter',
    from: 37,
  },
  watermark: { cuts: 'the watermark never falls', rule: 'watermark fell' },
  watch: { cuts: 'the sweep watches what is unfinished behind the watermark', rule: 'unwatched' },
  watch_held: { cuts: 'but for what stands in a line', rule: 'watched in its line', from: 136 },
  watch_state: { cuts: 'and nothing else', rule: 'watched after its end' },
  outbox: { cuts: 'the sweep sends again what should have moved', rule: 'not final' },
  parents_exist: {
    cuts: 'a job is taken when all that it depends on exists',
    rule: 'depends on no job',
  },
  depend_once: { cuts: 'a repeated admission notes a dependency once', rule: 'statement refused' },
  depend_ready: { cuts: 'a job waits for the last of its dependencies', rule: 'before its parents' },
  depend_policy: {
    cuts: 'a job that proceeds is not cancelled with what it depends on',
    rule: 'cancelled by no operator',
  },
  depend_blocked: { cuts: 'only a job that waits is decided with another', rule: 'final state' },
  depend_counter: { cuts: 'a job that is decided with another is counted', rule: 'counters' },
  depend_close: { cuts: 'what has been taken account of is over', rule: 'dependency left open' },
  depend_more: {
    cuts: 'what one batch leaves to decide is left to the sweep',
    rule: 'dependency left open',
    from: 95,
  },
  depend_cascade: { cuts: 'and so is what depends on a job that was cancelled', rule: 'waits for nothing' },
  unwatch_open: { cuts: 'and no archived letter takes it from the sweep', rule: 'waits for nothing' },
  dependants: {
    cuts: 'a job is kept while one that depends on it is',
    rule: 'pruned before what depends on it',
  },
  depend_prune: { cuts: 'dependencies of what is pruned go with it', rule: 'dependency of no job' },
  depend_release: { cuts: 'and release what it depended on', rule: 'kept too long' },
  retention: { cuts: 'what is final is kept for as long as was promised', rule: 'pruned early' },
  buried: {
    cuts: 'a failed job is kept until its letter is archived',
    rule: 'pruned before its burial',
    from: 99,
  },
  prune_counter: { cuts: 'what is pruned is counted', rule: 'counters' },
  key_owner: { cuts: 'a key that another job has taken over stays', rule: 'key of a job that is kept' },
  prune_at: { cuts: 'what becomes final behind the walk of retention is pruned', rule: 'kept too long' },
  tick_zone: {
    cuts: 'a schedule that is set to another zone begins anew',
    rule: 'no tick of its pattern',
    from: 59,
  },
  tick_op: { cuts: 'a tick is run of a schedule as it was read', rule: 'tick of the past', from: 25 },
  tick_once: { cuts: 'a tick that led to a job leads to no other', rule: 'two jobs for one key', from: 100 },
  tick_job: {
    cuts: 'a schedule goes on when its tick has led to a job',
    rule: 'tick without a job',
    from: 143,
  },
  lock_lease: { cuts: 'a lock is taken by a job that runs', rule: 'lock without the lease' },
  lock_free: { cuts: 'a lock that another has is not taken', rule: 'two owners of one lock' },
  lock_owner: { cuts: 'a lock is given back by its owner', rule: 'two owners of one lock', from: 8 },
  lock_expired: { cuts: 'the sweep removes locks whose time is over', rule: 'two owners of one lock' },
  prune_later: { cuts: 'and so is what the walk passed too early', rule: 'kept too long' },
};

/** @type {Record<string, Break>} */
const CORE = {
  one_head: { cuts: 'a job that a batch names twice is run once', rule: 'started twice under one token' },
  one_run: { cuts: 'also when it is named by both of its ids', rule: 'started twice under one token' },
  own_lease: { cuts: 'a claim runs only what it leased itself', rule: 'settled after a later lease' },
  runs_alone: { cuts: 'a job that has lost two leases runs by itself', rule: 'not alone' },
  returned_batch: {
    cuts: 'messages that D1 could not be asked about are returned',
    rule: 'message acknowledged without a trace',
  },
  attempts_limit: { cuts: 'a job is tried as often as it may be', rule: 'more attempts than allowed' },
  final_error: {
    cuts: 'an error that cannot be retried is final',
    rule: 'tried again without attempts left',
  },
  retry_after: { cuts: 'a handler says when its job is tried again', rule: 'before its wish' },
  platform_limit: {
    cuts: 'a platform retry is taken while deliveries are left',
    rule: 'retried into the dead letters',
    from: 34,
  },
  fresh_message: { cuts: 'waiting is no platform retry', rule: 'waiting as a retry' },
  took_effect: {
    cuts: 'what follows from a transition follows when it took effect',
    rule: 'answered without effect',
  },
  watched_move: { cuts: 'a job that waits, or failed, is watched', rule: 'statement refused' },
  cancelled_lease: { cuts: 'a cancelled job keeps its lease', rule: 'two leases at once' },
  revived_lease: { cuts: 'a job that is tried again waits for the lease before', rule: 'two leases at once' },
  cancelled_place: { cuts: 'a cancelled job whose worker is gone gives its places back', rule: 'not final' },
  legal_wish: { cuts: 'operators retry what is final and cancel what is not', rule: 'final state' },
  delay_limit: {
    cuts: 'no message is delayed for longer than a queue can',
    rule: 'delay too long',
    from: 21,
  },
  clock_skew: { cuts: 'a lease is over when it is by every clock', rule: 'lease taken early' },
  same_lease: { cuts: 'a pulse hears of its own lease only', rule: 'not stopped', from: 8 },
  poison: { cuts: 'the third lost lease fails a job', rule: 'poison' },
  begun: {
    cuts: 'a job is poison for leases under which it had begun',
    rule: 'poison without having begun',
  },
  letter_again: { cuts: 'a dead letter is sent until it is archived', rule: 'not buried' },
  alert_fence: { cuts: 'people hear of a failure that still stands', rule: 'told twice in one alert' },
  alert_first: { cuts: 'people hear of a failure once', rule: 'told again' },
  alert_in_batch: { cuts: 'also when its letter came twice', rule: 'told twice in one alert', from: 16 },
  own_mark: { cuts: 'messages of ours are known by their mark', rule: 'not final' },
  created_only: { cuts: 'wake-ups go out for jobs that were inserted', rule: 'wake-up of no job' },
  message_bytes: { cuts: 'a message holds what a queue takes', rule: 'message too long' },
  parameter_bytes: {
    cuts: 'a parameter holds what D1 takes',
    rule: 'parameter too long',
    from: 447,
  },
  bisect: { cuts: 'one value that D1 refuses spoils nothing else', rule: 'spoiled by another job' },
  one_judge: {
    cuts: 'jobs that share a key or a limit live on one shard',
    rule: 'two jobs for one key',
    shards: 4,
  },
  own_shard: {
    cuts: 'each shard looks only at what lives there',
    rule: 'two jobs for one key',
    shards: 4,
  },
};

/** @type {Record<string, Break & { edits: Edit[] }>} */
const SHIM = {
  ack_first: {
    cuts: 'a message is acknowledged after its job was settled',
    rule: 'acknowledged before it was settled',
    edits: [
      {
        file: 'shim/flows/consume.js',
        find: 'for (const [index, list] of perMessage) this.marker.unfold(at(index), list.length);',
        put: 'for (const [index] of perMessage) this.marker.mark(at(index), false);',
      },
    ],
  },
  marked_early: {
    cuts: 'a message with several jobs is marked when all are settled',
    rule: 'acknowledged before it was settled',
    edits: [{ file: 'shim/flows/messages.js', find: 'if (--entry.open > 0) return;', put: '' }],
  },
  marked_apart: {
    cuts: 'a message with jobs on several shards is marked when each has said what becomes of it',
    rule: 'message acknowledged without a trace',
    shards: 4,
    edits: [
      {
        file: 'shim/flows/messages.js',
        find: 'for (const [message, { length }] of counts) marker.expect(message, length);',
        put: 'void counts;',
      },
    ],
  },
  unmarked: {
    cuts: 'every message is marked explicitly',
    rule: 'message without a mark',
    edits: [{ file: 'shim/flows/messages.js', find: 'message.retry(options);', put: '' }],
  },
  nonce_per_try: {
    cuts: 'a repeated step carries the same nonce',
    rule: 'duplicate of nothing',
    edits: [
      {
        file: 'shim/step.js',
        find: 'fault = { failed: true, failure,',
        put: 'base.seed = seed(); fault = { failed: true, failure,',
      },
    ],
  },
  time_per_call: {
    cuts: 'each call of a step is told the same time',
    rule: 'duplicate of nothing',
    edits: [
      {
        file: 'shim/step.js',
        find: '[JSON.stringify(told), ...given, ...rows]',
        put: '[JSON.stringify({ ...told, now: Date.now() }), ...given, ...rows]',
      },
    ],
  },
  no_abort: {
    cuts: 'a handler whose lease is gone is stopped',
    rule: 'not stopped',
    edits: [
      {
        file: 'shim/flows/leases.js',
        find: 'lease?.halt.halt(new this.Stopped(reason));',
        put: 'void reason;',
      },
    ],
  },
  begins: {
    cuts: 'a job that runs alone is started when the record knows that it begins',
    rule: 'loss not counted',
    edits: [
      {
        file: 'shim/flows/leases.js',
        find: '(lease.run.alone && !(await this.begin(lease)))',
        put: 'false',
      },
    ],
  },
  turn_wait: {
    cuts: 'a worker waits for the turn of a job',
    rule: 'before its turn',
    edits: [
      {
        file: 'shim/flows/leases.js',
        find: 'await sleep(Math.min(startAt - Date.now(), TURN_LOOK_MS));',
        put: 'break;',
      },
    ],
  },
  turn_late: {
    cuts: 'a job that has missed its turn is handed back',
    rule: 'after its turn',
    edits: [{ file: 'shim/flows/leases.js', find: 'Date.now() > startBy', put: 'false' }],
  },
  send_throws: {
    cuts: 'a message that cannot be sent stops nothing',
    rule: 'a flow threw',
    edits: [
      {
        file: 'shim/sender.js',
        find: "log(env, 'warn', 'queue.send_failed', { binding, messages: batch.length, message });",
        put: 'throw new Error(message);',
      },
    ],
  },
};

/** @type {Record<string, Break>} every guard, by name */
export const BREAKS = { ...SQL, ...CORE, ...SHIM };

/** The markers in the statements. @param {string} root */
export function markers(root) {
  const texts = globSync(join(root, 'wasm/sql/**/*.sql')).map((file) => readFileSync(file, 'utf8'));
  return [...new Set([...texts.join('').matchAll(/\/\*\+([a-z_]+)\*\//g)].map(([, name]) => name))];
}

/** The guards of the core, in the order of sluice::Guard. @param {string} root */
export function guards(root) {
  const text = readFileSync(join(root, 'wasm/core/guard.h'), 'utf8');
  const [, list = ''] = /enum class Guard[^{]*\{([^}]*)\}/.exec(text) ?? [];
  return [...list.replace(/\/\/.*/g, '').matchAll(/[a-z]\w*/g)]
    .map(([name]) => name)
    .filter((name) => name !== 'kCount');
}

/**
 * A statement without what one marker encloses: a whole statement becomes one that takes the same parameters and
 * does nothing, a condition that a keyword asks for one that always holds, anything else nothing.
 *
 * @param {string} sql with markers @param {string} name
 */
export function cutMarker(sql, name) {
  const [begin, end] = [`/*+${name}*/`, `/*-${name}*/`];
  if (!sql.includes(begin)) return sql;
  if (sql.startsWith(begin) && sql.endsWith(end)) {
    const numbers = [...new Set(sql.match(/\?\d/g))];
    return `SELECT 1 WHERE 0 ${numbers.map((number) => `AND ${number} = ''`).join(' ')}`;
  }
  let rest = sql;
  for (let from = rest.indexOf(begin); from >= 0; from = rest.indexOf(begin)) {
    const before = rest.slice(0, from);
    const to = rest.indexOf(end, from);
    const block = rest.slice(from + begin.length, to).trim();
    const after = rest.slice(to + end.length);
    // A parameter that is bound must still be there.
    const gone = [...new Set(block.match(/\?\d/g))].filter((number) => !`${before}${after}`.includes(number));
    const holds = gone.map((number) => `${number} = ${number}`).join(' AND ');
    const asked = /\b(WHERE|AND|OR)\s*$/.test(before.replace(/\/\*.*?\*\//g, ''));
    const word = /^(WHERE|AND)\b/.exec(block)?.[0] ?? '';
    rest = `${before}${asked ? holds || '1' : holds && `${word} ${holds}`}${after}`;
  }
  return rest;
}

/**
 * What a guard's absence is made of.
 * @param {string} root @param {string | undefined} name
 * @returns {{ cut: (sql: string) => string, number: number }} number: of the core's guard, or -1
 */
export function broken(root, name) {
  const cut = (/** @type {string} */ sql) =>
    name !== undefined && Object.hasOwn(SQL, name) ? cutMarker(sql, name) : sql;
  return { cut, number: name === undefined ? -1 : guards(root).indexOf(name) };
}

/**
 * The shims' text without a guard.
 * @param {string} name @param {string} file relative to the root @param {string} text
 */
export function editShim(name, file, text) {
  let out = text;
  for (const edit of SHIM[name]?.edits ?? []) {
    if (edit.file !== file) continue;
    if (out.split(edit.find).length !== 2) throw new Error(`${file} does not have "${edit.find}" once.`);
    out = out.replace(edit.find, () => edit.put);
  }
  return out;
}

/** Whether a guard is one of the shims'. @param {string} name */
export const isShim = (name) => Object.hasOwn(SHIM, name);
