import { expect, test } from 'vitest';
import { readReport } from '../../scripts/catch2.mjs';

const passed = '<TestCase name="adds" filename="a.cc" line="3"><OverallResult success="true"/></TestCase>';

test('counts test cases and tells what failed, with the compared values', () => {
  const failed = `<TestCase name="a &lt; b" filename="a.cc" line="5">
    <Expression success="false" type="CHECK" filename="a.cc" line="6">
      <Original>x == 2</Original><Expanded>1 == 2</Expanded>
    </Expression><OverallResult success="false"/></TestCase>`;
  const report = readReport(`<Catch><Group>${passed}${failed}</Group></Catch>`);
  expect(report.passed).toBe(1);
  expect(report.failures.map(({ name }) => name)).toEqual(['a < b']);
  expect(report.failures[0].details).toMatch(/a\.cc:6\n {6}x == 2 +1 == 2/);
});

test('a report that a crash cut short counts the test it stopped in as failed', () => {
  const report = readReport(`<Catch><Group>${passed}<TestCase name="crashes" filename="a.cc" line="9">`);
  expect(report).toMatchObject({ passed: 1, failures: [{ name: 'crashes' }] });
});
