// The D1 databases that the wrangler files name: DB and, where jobs are spread over several, DB_1, DB_2 and
// so on.
import { UserError } from './tools.mjs';

/** What stands in both wrangler files until the first deployment puts the account's own id there. */
export const ID_PLACEHOLDER = '00000000-0000-0000-0000-000000000000';

/** @typedef {{ binding: string, database_name?: string, database_id?: string }} Database */

/**
 * The databases of both workers. Throws a UserError where the workers have not the same, a number is missing,
 * or two bindings are of one database: an id's number stands for one database for ever.
 *
 * @param {Database[][]} configs each worker's
 * @returns {{ binding: string, name: string }[]} by number
 */
export function namedDatabases(configs) {
  const [list = [], ...others] = configs.map((databases) =>
    databases.map(({ binding, database_name: name }) => ({ binding, name: String(name) })),
  );
  for (const other of others) {
    if (JSON.stringify(other) !== JSON.stringify(list))
      throw new UserError('Both wrangler files must name the same databases, in the same order.');
  }
  list.forEach(({ binding, name }, n) => {
    const expected = n === 0 ? 'DB' : `DB_${n}`;
    if (binding !== expected)
      throw new UserError(`The database number ${n} must be bound as ${expected}, not as ${binding}.`);
    if (list.some((other, m) => m < n && other.name === name))
      throw new UserError(`The database ${name} is bound twice.`);
  });
  return list;
}

/**
 * A wrangler file with a database's id in place of the placeholder.
 *
 * @param {string} text of the file
 * @param {string} name of the database
 * @param {string} id
 */
export function withDatabaseId(text, name, id) {
  return text.replace(/\{[^{}]*\}/g, (entry) =>
    entry.includes(`"${name}"`) ? entry.replaceAll(ID_PLACEHOLDER, id) : entry,
  );
}

/**
 * Whether a database has no id yet in a wrangler file.
 *
 * @param {string} text of the file
 * @param {string} name
 */
export const lacksId = (text, name) => withDatabaseId(text, name, '') !== text;

/**
 * The databases as they are on this machine: what has no id yet gets one of its own, or all of them would be
 * the same.
 *
 * @param {Database[]} databases
 * @returns {Database[]}
 */
export function localDatabases(databases) {
  return databases.map((database, n) =>
    n > 0 && database.database_id === ID_PLACEHOLDER
      ? { ...database, database_id: `${ID_PLACEHOLDER.slice(0, -3)}${String(n).padStart(3, '0')}` }
      : database,
  );
}
