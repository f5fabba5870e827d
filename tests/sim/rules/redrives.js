// Dead letters that operators requeue or delete: nothing is lost on the way, and what they are told is so.

/** @typedef {import('../actor.js').Actor} Actor */

const ADOPTED = `
SELECT 1 FROM unique_keys AS u JOIN jobs ON jobs.id = u.job_id WHERE u.key = 'ext:' || ?`;

export class Redrives {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
    /** @type {Set<string>} `id/fence` of failures whose dead letter an operator has deleted */
    this.discarded = new Set();
    /** Messages that were no jobs and that operators have made jobs of. */
    this.adopted = 0;
  }

  /** @param {Actor} actor @param {any[]} moves */
  observe(actor, moves) {
    for (const { id, was, is_now: now, fence } of moves) {
      if (actor.kind === 'discard' && was === 'failed' && now === 'failed')
        this.discarded.add(`${id}/${fence}`);
      if (actor.kind === 'retry' && was === 'failed' && now === 'pending')
        actor.revived.add(`${id}/${fence}`);
    }
  }

  /**
   * Dead letters that were no jobs are gone: deleted by an operator, made jobs of by one, or pruned.
   * @param {Actor} actor @param {any[]} letters @returns {any[]} the pruned ones
   */
  judgeLetters(actor, letters) {
    if (actor.kind !== 'discard' && actor.kind !== 'retry') return letters;
    for (const { id, envelope } of letters) {
      this.checker.retention.letters.add(id);
      if (actor.kind === 'discard') continue;
      this.adopted++;
      this.checker.world.note(actor.name, `makes a job of ${id}`);
      if (this.checker.world.database.all(ADOPTED, envelope).length > 0) continue;
      this.checker.blame('lost', 'requeued and gone', `${id} by ${actor.name}`);
    }
    return [];
  }

  /**
   * An operator was told how many dead letters were requeued. A message that another operator made a job of meanwhile
   * counts for both, and a job twice that failed again meanwhile, by a clock that is behind his.
   * @param {Actor} actor @param {number} requeued
   */
  judgeAnswer(actor, requeued) {
    const done = actor.revived.size;
    const words = `${requeued} requeued by ${actor.name}, which revived ${done}`;
    if (requeued > done + this.adopted) this.checker.blame('overwritten', 'answered without effect', words);
    if (requeued < done && actor.struck === 0) this.checker.blame('lost', 'requeued and not counted', words);
  }
}
