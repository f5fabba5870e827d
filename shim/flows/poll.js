// minute cron ─► poll ═D1═► leased ─► handlers ─► settle ═D1═► settled
import { SLUICE_OP_POLL, SLUICE_OP_POLL_LINES } from '../abi.generated.js';
import { log } from '../log.js';
import { runFlow } from '../step.js';
import { Leases, whilePulsing, workerName } from './leases.js';
import { isStopping } from './stopping.js';

/**
 * @typedef {import('./leases.js').Env} Env
 * @typedef {import('./leases.js').Lease} Lease
 * @typedef {import('./leases.js').Work} Work
 * @typedef {import('./leases.js').Stopped} Stopped
 * @typedef {{ line: string, shard?: number }} Line
 */

/** One line on its way through polls, handlers and settles. */
class Poller {
  /** @param {Line} line @param {Env} env @param {Work} work @param {Stopped} Stopped */
  constructor({ line, shard }, env, work, Stopped) {
    this.line = line;
    this.shard = shard;
    this.env = env;
    this.leases = new Leases(env, { queue: line, work, Stopped });
    /** @type {Lease[]} of jobs that may take their worker down: they run when nothing else does */
    this.alone = [];
  }

  /** Polls and runs what it is given, until the core says that this run has had its share. Never throws. */
  async poll() {
    try {
      const { started: since } = this.leases;
      let more = true;
      for (let taken = 0; more && !isStopping(); ) {
        const { line, shard } = this;
        const control = { line, worker: workerName(), since, taken, shard };
        const outcome = await runFlow(this.env, SLUICE_OP_POLL, control);
        const leases = this.leases.take(outcome);
        taken += leases.length;
        this.alone.push(...leases.filter(({ run }) => run.alone));
        await this.leases.runAll(leases.filter(({ run }) => !run.alone));
        more = outcome.control.more === true;
      }
    } catch (error) {
      log(this.env, 'error', 'poll.failed', {
        line: this.line,
        message: /** @type {Error} */ (error).message,
      });
    }
  }
}

/**
 * The lines that hold something, of each shard; none of one that cannot be asked now.
 * @param {Env} env
 * @param {number} [shard] of which alone
 * @returns {Promise<Line[]>}
 */
async function linesIn(env, shard) {
  const { control, reply } = await runFlow(env, SLUICE_OP_POLL_LINES, { shard });
  if (control.split) return (await Promise.all(control.split.map(([each]) => linesIn(env, each)))).flat();
  /** @type {string[]} */
  const lines = JSON.parse(reply?.body || '{}').lines ?? [];
  return lines.map((line) => ({ line, shard }));
}

/**
 * One run: each line that holds something is polled, all of them side by side, so that a slow one delays no
 * other.
 * Never throws.
 *
 * @param {Env} env
 * @param {Work} work runs one leased job to its verdict; never throws
 * @param {Stopped} Stopped what a stopped handler's signal gives as its reason
 */
export async function poll(env, work, Stopped) {
  try {
    const lines = await linesIn(env);
    const pollers = lines.map((line) => new Poller(line, env, work, Stopped));
    await whilePulsing(
      pollers.map(({ leases }) => leases),
      async () => {
        await Promise.all(pollers.map((poller) => poller.poll()));
        for (const { leases, alone } of pollers) await leases.runAll(alone, 1);
      },
    );
  } catch (error) {
    log(env, 'error', 'poll.failed', { message: /** @type {Error} */ (error).message });
  }
}
