// One database for all lives of a process: what a life has written is rolled back, what was prepared stays.
import { Database } from '../database.js';

export class ReusedDatabase extends Database {
  /** A life begins. */
  begin() {
    this.sqlite.exec('BEGIN');
    return this;
  }

  /** @param {import('../database.js').Bound[]} list */
  transact(list) {
    this.sqlite.exec('SAVEPOINT batch');
    try {
      const rows = list.map(({ sql, params }) => this.all(this.cut(sql), ...params));
      this.sqlite.exec('RELEASE batch');
      return rows;
    } catch (error) {
      this.sqlite.exec('ROLLBACK TO batch; RELEASE batch');
      throw error;
    }
  }

  close() {
    this.sqlite.exec('ROLLBACK');
  }
}
