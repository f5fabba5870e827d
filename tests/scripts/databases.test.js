// The databases that the wrangler files name.
import { expect, test } from 'vitest';
import {
  ID_PLACEHOLDER,
  lacksId,
  localDatabases,
  namedDatabases,
  withDatabaseId,
} from '../../scripts/databases.mjs';
import { localConfig } from '../../scripts/local/config.js';

/** @param {...string} names */
const bound = (...names) =>
  names.map((name, n) => ({
    binding: n === 0 ? 'DB' : `DB_${n}`,
    database_name: name,
    database_id: ID_PLACEHOLDER,
  }));

test('databases are named by number, the same in both workers', () => {
  const three = bound('a', 'b', 'c');
  expect(namedDatabases([three, three])).toEqual([
    { binding: 'DB', name: 'a' },
    { binding: 'DB_1', name: 'b' },
    { binding: 'DB_2', name: 'c' },
  ]);
  expect(() => namedDatabases([three, bound('a', 'c', 'b')])).toThrow('the same databases');
  expect(() => namedDatabases([three, bound('a')])).toThrow('the same databases');
  const gap = [...bound('a'), { binding: 'DB_2', database_name: 'b' }];
  expect(() => namedDatabases([gap, gap])).toThrow('number 1 must be bound as DB_1');
  expect(() => namedDatabases([bound('a', 'a'), bound('a', 'a')])).toThrow('bound twice');
});

test('each database gets its own id, and keeps it', () => {
  const text = `{ // both
    "d1_databases": [
      { "binding": "DB", "database_name": "sluice", "database_id": "${ID_PLACEHOLDER}" },
      { "database_id": "${ID_PLACEHOLDER}", "binding": "DB_1", "database_name": "sluice-1" }
    ]
  }`;
  const first = withDatabaseId(text, 'sluice', 'one');
  expect([lacksId(text, 'sluice'), lacksId(first, 'sluice'), lacksId(first, 'sluice-1')]).toEqual([
    true,
    false,
    true,
  ]);
  const both = withDatabaseId(first, 'sluice-1', 'two');
  expect(both.match(/"database_id": "\w+"/g)).toEqual(['"database_id": "one"', '"database_id": "two"']);
  expect(withDatabaseId(both, 'sluice', 'three')).toBe(both);
});

test('on this machine they are different ones before they have ids', () => {
  const ids = localDatabases(bound('a', 'b', 'c')).map(({ database_id: id }) => id);
  expect(new Set(ids).size).toBe(3);
  expect(ids[0]).toBe(ID_PLACEHOLDER);
  const config = { main: 'index.js', d1_databases: bound('a', 'b'), queues: { consumers: [] } };
  const local = localConfig(config, '/from', '/to', {});
  expect(local.d1_databases[1].database_id).not.toBe(ID_PLACEHOLDER);
});
