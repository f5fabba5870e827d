// Runs a Catch2 (version 2) executable and reads its XML report.
import path from 'node:path';
import { root, run } from './tools.mjs';

/** @typedef {{ name: string, details: string }} Failure */
/** @typedef {{ passed: number, failures: Failure[] }} Outcome */

/** @param {string} text */
function unescapeXml(text) {
  /** @type {Record<string, string>} */
  const entities = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name) => entities[name]);
}

/** @param {string} xml */
function textOf(xml) {
  const text = xml.replace(/<[^>]*>/g, ' ').trim();
  return unescapeXml(text).replace(/\s*\n\s*/g, '\n      ');
}

/**
 * @param {string} block a test case's XML
 * @returns {string} what failed in it: place, expression, expanded expression, and the notes before it
 */
function describeFailures(block) {
  const shown = [];
  const pattern = /<(Info|Expression|Failure|Exception|FatalErrorCondition)\b([^>]*)>([\s\S]*?)<\/\1>/g;
  for (const [, element, attributes, body] of block.matchAll(pattern)) {
    if (attributes.includes('success="true"')) continue;
    const [, file, line] = attributes.match(/filename="([^"]*)" line="(\d+)"/) ?? [];
    const place = file ? `${path.relative(root, file)}:${line}` : element.toLowerCase();
    shown.push(`    ${place}\n      ${textOf(body)}`);
  }
  return shown.join('\n');
}

/**
 * @param {string} xml a report, cut short if the executable crashed
 * @returns {Outcome}
 */
export function readReport(xml) {
  let passed = 0;
  /** @type {Failure[]} */
  const failures = [];
  for (const block of xml.split('<TestCase ').slice(1)) {
    const name = unescapeXml(block.match(/^name="([^"]*)"/)?.[1] ?? '');
    const success = block.match(/<OverallResult success="(true|false)"/)?.[1];
    if (success === 'true') passed += 1;
    else failures.push({ name, details: describeFailures(block) || '    ended without a result' });
  }
  return { passed, failures };
}

/**
 * The arguments that select the tests whose name, or whose file's name, contains `filter`.
 *
 * @param {string} filter
 * @param {string[]} files the executable's source files
 */
function selection(filter, files) {
  const escaped = filter.replace(/[\\",[\]]/g, '\\$&');
  const tags = files.map((file) => path.basename(file, '.cc')).filter((name) => name.includes(filter));
  return ['--filenames-as-tags', [`"*${escaped}*"~[.]`, ...tags.map((tag) => `[#${tag}]~[.]`)].join(',')];
}

/**
 * @param {string} executable
 * @param {string} filter '' for all tests
 * @param {string[]} files the executable's source files
 * @returns {Promise<Outcome>}
 */
export async function runCatch2(executable, filter, files) {
  const args = ['--reporter', 'xml', ...(filter ? selection(filter, files) : [])];
  const { code, stdout, stderr } = await run(executable, args, { capture: true });
  const outcome = readReport(stdout);
  if (code !== 0 && outcome.failures.length === 0) {
    outcome.failures.push({ name: path.basename(executable), details: stderr || `    ended with ${code}` });
  }
  return outcome;
}
