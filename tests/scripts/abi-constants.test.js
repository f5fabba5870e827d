import { expect, test } from 'vitest';
import { parseConstants } from '../../scripts/abi-constants.mjs';

test('reads macros and enumerators with their numbers, whatever their comments', () => {
  const header = `
#define SLUICE_ABI_VERSION 3  // grows
#define SLUICE_LIMIT (0x10u)
#define SLUICE_EXPORT(name) __attribute__((export_name(#name)))
/* SLUICE_GONE = 9, */
enum sluice_op {
  SLUICE_OP_ADMIT = 1,  // first
  SLUICE_OP_LAST = -1
};`;
  expect(Object.fromEntries(parseConstants(header))).toEqual({
    SLUICE_ABI_VERSION: 3,
    SLUICE_LIMIT: 16,
    SLUICE_OP_ADMIT: 1,
    SLUICE_OP_LAST: -1,
  });
});

test('an enumerator without its number is refused: its value would depend on its place', () => {
  expect(() => parseConstants('  SLUICE_OP_CLAIM,\n')).toThrow('SLUICE_OP_CLAIM needs its number');
});

test('a name that is defined twice is refused', () => {
  expect(() => parseConstants('#define SLUICE_A 1\n#define SLUICE_A 2\n')).toThrow(
    'SLUICE_A is defined twice',
  );
});
