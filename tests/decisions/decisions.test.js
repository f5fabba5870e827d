// One decision everywhere: logs replay byte for byte in Node.js and in workerd (natively: replay_test.cc), and what
// the last release decided is decided still.
import { beforeAll, describe, expect, test } from 'vitest';
import * as abi from '../../shim/abi.generated.js';
import { changesBetween, judge, opName, readable, statementNames, textsOf } from './compare.js';
import { encodeFrames, equalBytes, readLog, writeLog } from './format.js';
import { committed, compiled, intendedSince, prepare } from './logs.js';
import { places, Workerd } from './places.js';
import { Deciders, differing, Instance, replay } from './replay.js';
import { features, select } from './select.js';

/** @typedef {import('./format.js').Decision} Decision */
/** @typedef {import('./logs.js').Log} Log */

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const SEED = '000102030405060708090a0b0c0d0e0f';
const NOW = 1_800_000_000_000;
/** The logs of one run are some 60 MB, and are posted to workerd. */
const PATIENCE_MS = 180_000;

/** @type {import('./replay.js').Compiled} */
let modules;
/** @type {Log[]} of this build, made anew */
let logs;
/** @type {Log[]} */
let releases;
/** @type {Log} */
let release;

beforeAll(async () => {
  modules = compiled();
  logs = await prepare();
  releases = committed();
  const last = releases.at(-1);
  if (!last) throw new Error('No log is committed: npm run decisions -- record');
  release = last;
}, PATIENCE_MS);

/** @param {Decision[]} decisions @param {number} index @param {Uint8Array} output @returns {Decision[]} */
function withAnswer(decisions, index, output) {
  return decisions.map((decision, i) => (i === index ? { ...decision, output } : decision));
}

/**
 * A log with one byte of one answer altered: a digit of the time in the plan of a sweep.
 * @param {Decision[]} decisions
 */
function withOneByteAltered(decisions) {
  const at = /"now":(?=\d)/;
  const index = decisions.findIndex(
    ({ op, output }) => op === abi.SLUICE_OP_SWEEP && at.test(decoder.decode(output)),
  );
  const output = Uint8Array.from(/** @type {Decision} */ (decisions[index]).output);
  const digit = Buffer.from(output).indexOf('"now":') + '"now":'.length;
  output[digit] = output[digit] === 0x39 ? 0x38 : 0x39;
  return { index, decisions: withAnswer(decisions, index, output) };
}

/** Stands for a statement that is new. */
const NEW = -1;

/**
 * A log as a release would have written it that numbers its statements otherwise.
 * @param {Decision[]} decisions
 * @param {number[]} order old number by new number
 * @returns {Decision[]}
 */
function renumbered(decisions, order) {
  return decisions.map((decision) => {
    const frames = textsOf(decision.output);
    if (decision.op === abi.SLUICE_OP_SQL) {
      const table = order.flatMap((number) =>
        number === NEW ? ['brand_new', 'SELECT 1 AS r'] : frames.slice(2 * number, 2 * number + 2),
      );
      return { ...decision, output: encodeFrames(table) };
    }
    if (!frames[0]?.startsWith('{"plan":')) return decision;
    const { plan } = JSON.parse(frames[0]);
    for (const statement of plan) statement[0] = order.indexOf(statement[0]);
    return { ...decision, output: encodeFrames([JSON.stringify({ plan }), ...frames.slice(1)]) };
  });
}

describe('what this build decides', () => {
  test('is decided again in Node.js', async () => {
    for (const log of logs) expect(await places.node?.(log)).toEqual([]);
  });

  test(
    'is decided in workerd, and one altered byte is found there',
    async () => {
      const workerd = await Workerd.start();
      try {
        for (const log of logs) expect(await workerd.replay(log)).toEqual([]);
        const { index, decisions } = withOneByteAltered(release.decisions);
        const [line, ...others] = await workerd.replay({ ...release, file: 'altered', decisions });
        expect(line).toMatch(
          new RegExp(`^decision ${index} \\(sweep\\): plan\\[0\\]\\.bound\\[0\\]\\.now was `),
        );
        expect(line).toContain(`replay: npm run decisions -- replay altered --only ${index} --in workerd`);
        expect(others).toEqual([]);
      } finally {
        await workerd.stop();
      }
    },
    PATIENCE_MS,
  );

  test('is decided by one module, which has every statement that it asks for', () => {
    const instances = [new Instance(modules.core), new Instance(modules.views)];
    const [configuration] = release.decisions;
    for (const instance of instances)
      instance.run(abi.SLUICE_OP_CONFIGURE, configuration?.input ?? new Uint8Array());
    const none = encodeFrames([]);
    const tables = instances.map((instance) => textsOf(instance.run(abi.SLUICE_OP_SQL, none).output));
    const askable = (/** @type {number} */ op) =>
      instances.flatMap((instance, i) => (instance.run(op, none).code === abi.SLUICE_ERROR_OP ? [] : [i]));
    for (const { decisions } of logs) {
      for (const { op, output } of decisions) {
        const [frame = ''] = textsOf(output);
        if (!frame.startsWith('{"plan":')) continue;
        const [own, ...others] = askable(op);
        expect({ op: opName(op), others }).toEqual({ op: opName(op), others: [] });
        for (const [number] of JSON.parse(frame).plan)
          expect({ op: opName(op), number, text: tables[own ?? 0]?.[2 * number + 1] }).not.toHaveProperty(
            'text',
            '',
          );
      }
    }
  });

  test('depends on nothing that was decided before', () => {
    for (const { decisions } of logs) {
      const core = new Deciders(modules);
      /** @type {Decision[]} */
      let chapter = [];
      const backwards = () => {
        const otherwise = chapter.reverse().filter(({ op, code, input, output }) => {
          const again = core.call(op, input);
          return again.code !== code || !equalBytes(again.output, output);
        });
        expect(otherwise).toEqual([]);
        chapter = [];
      };
      for (const decision of decisions) {
        if (decision.op !== abi.SLUICE_OP_CONFIGURE || decision.code !== abi.SLUICE_OK) {
          chapter.push(decision);
          continue;
        }
        backwards();
        core.call(decision.op, decision.input);
      }
      backwards();
    }
  });
});

describe('the log of a release', () => {
  test('replays on this one: what is decided otherwise is listed in changes.json, with its reason', () => {
    for (const { header, decisions } of releases) {
      const changes = changesBetween(decisions, replay(modules, decisions));
      const intended = intendedSince(header.version);
      expect(judge(changes, intended), `changes since ${header.version}`).toEqual([]);
      for (const { reason } of intended) expect(reason.length).toBeGreaterThan(20);
    }
  });

  test('holds every operation and every result of a call', () => {
    const ops = Object.entries(abi).filter(([name]) => name.startsWith('SLUICE_OP_'));
    const seen = new Set(release.decisions.map(({ op }) => op));
    expect(ops.filter(([, op]) => !seen.has(op))).toEqual([]);
    const codes = new Set(release.decisions.map(({ code }) => code));
    const { SLUICE_OK, SLUICE_ERROR_FRAMES, SLUICE_ERROR_CONFIG, SLUICE_ERROR_OP } = abi;
    expect(codes).toEqual(new Set([SLUICE_OK, SLUICE_ERROR_FRAMES, SLUICE_ERROR_CONFIG, SLUICE_ERROR_OP]));
  });

  test('keeps all that can be seen in what it is chosen from', () => {
    const { decisions } = /** @type {Log} */ (logs.find(({ file }) => file.endsWith('simulated.log')));
    const names = statementNames(decisions);
    const all = (/** @type {Decision[]} */ list) => new Set(list.flatMap((one) => [...features(one, names)]));
    const kept = select(decisions);
    expect(kept.length).toBeLessThan(decisions.length / 2);
    const still = all(kept);
    const lost = [...all(decisions)].filter((feature) => !still.has(feature));
    expect(lost.filter((feature) => !feature.startsWith('configure'))).toEqual([]);
  });
});

/** @param {string} id @param {string} text */
const mentions = (id, text) => text.includes(`"${id}"`);

describe('what an earlier release left under way is read', () => {
  /** @param {Decision[]} decisions @returns {any[]} readable answers of calls that came to an outcome */
  const outcomes = (decisions) => {
    const statements = statementNames(decisions);
    return decisions
      .filter(({ op, code }) => code === abi.SLUICE_OK && opName(op) !== 'probe')
      .map((decision) => readable(decision, statements));
  };
  /** @param {Log} log */
  const configured = ({ decisions }) => {
    const core = new Deciders(modules);
    const [configuration] = decisions;
    if (configuration) core.call(configuration.op, configuration.input);
    return core;
  };
  /** @param {Deciders} core @param {number} op @param {object} control @param {string[]} bodies */
  const ask = (core, op, control, bodies) => {
    const frame = JSON.stringify({ ...control, now: NOW, seed: SEED, bodies: bodies.length });
    return textsOf(core.call(op, encodeFrames([frame, ...bodies])).output);
  };

  test('each message that it sent leads to its jobs, in the queue or as a dead letter', () => {
    for (const log of releases) {
      const core = configured(log);
      const sends = outcomes(log.decisions).flatMap((answer) => answer.sends ?? []);
      expect(sends.length).toBeGreaterThan(50);
      for (const { binding, message } of sends) {
        const dead = binding.endsWith('DLQ');
        const control = { queue: 'background-jobs', worker: 'w', messages: [{ id: 'm', attempts: 1 }] };
        const op = dead ? abi.SLUICE_OP_BURY : abi.SLUICE_OP_CLAIM;
        const texts = ask(core, op, control, [JSON.stringify(message)]);
        expect(texts[0]).toMatch(/^\{"plan":/);
        for (const { id } of message.jobs ?? [message]) {
          expect(
            texts.some((text) => mentions(id, text)),
            texts[1],
          ).toBe(true);
        }
        expect(texts.join()).not.toContain('"message:');
      }
    }
  });

  test('each run that it began can be settled', () => {
    for (const log of releases) {
      const core = configured(log);
      const runs = outcomes(log.decisions).flatMap((answer) => answer.runs ?? []);
      expect(runs.length).toBeGreaterThan(20);
      for (const { id, token } of runs) {
        const results = JSON.stringify([{ kind: 'ok', frame: 0, ms: 1, index: 0, token }]);
        const texts = ask(core, abi.SLUICE_OP_SETTLE, { queue: 'background-jobs' }, [results, '', '{}']);
        expect(texts[0]).toMatch(/^\{"plan":/);
        expect(texts.some((text) => mentions(id, text))).toBe(true);
      }
    }
  });
});

describe('the comparison of releases', () => {
  /** @type {Decision[]} */
  let ours;
  beforeAll(() => {
    ours = replay(modules, release.decisions);
  });

  test('finds one altered byte of one answer, and where it is', () => {
    const { index, decisions } = withOneByteAltered(ours);
    const changes = changesBetween(decisions, ours);
    expect(changes).toMatchObject([{ index, op: 'sweep', path: 'plan[0].bound[0].now' }]);
    expect(judge(changes, [])).toEqual([
      expect.stringMatching(
        new RegExp(`^decision ${index} \\(sweep\\): plan\\[0\\]\\.bound\\[0\\]\\.now was \\d+ and is`),
      ),
    ]);
  });

  test('finds bytes that only spell the same otherwise', () => {
    const index = ours.findIndex(({ output }) => decoder.decode(output).includes('"processingRate":0.0,'));
    const frames = textsOf(/** @type {Decision} */ (ours[index]).output);
    const output = encodeFrames(
      frames.map((frame) => frame.replace('"processingRate":0.0,', '"processingRate":0,')),
    );
    const [change, ...others] = changesBetween(withAnswer(ours, index, output), ours);
    expect(change).toMatchObject({
      index,
      op: 'query',
      path: expect.stringMatching(/^byte \d+ of the output$/),
    });
    expect(others).toEqual([]);
  });

  test('does not care how statements are numbered, nor for statements that are new', () => {
    const count = statementNames(ours).length;
    const order = Array.from({ length: count }, (_, i) => (i + 3) % count);
    for (const numbering of [order, [NEW, ...order]]) {
      const later = renumbered(ours, numbering);
      expect(differing(ours, later).length).toBeGreaterThan(100);
      expect(changesBetween(ours, later)).toEqual([]);
    }
    const [gone, ...left] = order;
    const changes = changesBetween(ours, renumbered(ours, left));
    expect(changes[0]).toMatchObject({ op: 'sql', path: `statements.${statementNames(ours)[gone ?? 0]}` });
    expect(changes.length).toBeGreaterThan(1);
  });

  test('does care for the text of a statement', () => {
    const index = ours.findIndex(({ op }) => op === abi.SLUICE_OP_SQL);
    const frames = textsOf(/** @type {Decision} */ (ours[index]).output);
    const output = encodeFrames(
      frames.map((frame, i) => (i === 3 ? frame.replace('SELECT', 'SELECT DISTINCT') : frame)),
    );
    const changes = changesBetween(withAnswer(ours, index, output), ours);
    expect(changes).toMatchObject([{ index, op: 'sql', path: `statements.${frames[2]}` }]);
  });

  test('lets pass what is intended, as often as it is told and no more', () => {
    const { decisions } = withOneByteAltered(ours);
    const changes = changesBetween(decisions, ours);
    const intended = {
      op: 'sweep',
      path: 'plan[*].bound[*].now',
      count: 1,
      reason: 'Time is told otherwise.',
    };
    expect(judge(changes, [intended])).toEqual([]);
    for (const count of [0, 2]) {
      expect(judge(changes, [{ ...intended, count }])).toEqual([
        `changes.json tells of ${count} changes of sweep at plan[*].bound[*].now; there are 1`,
      ]);
    }
    for (const other of [
      { ...intended, op: 'claim' },
      { ...intended, path: 'plan[*]' },
    ]) {
      expect(judge(changes, [other])).toHaveLength(2);
    }
  });

  test('lets no intention cover that an input is refused which was taken', () => {
    const index = ours.findIndex(({ op, code }) => op === abi.SLUICE_OP_SETTLE && code === abi.SLUICE_OK);
    const refused = ours.map((one, i) =>
      i === index ? { ...one, code: abi.SLUICE_ERROR_FRAMES, output: encodeFrames(['no']) } : one,
    );
    const changes = changesBetween(ours, refused);
    expect(changes).toMatchObject([
      { index, op: 'settle', path: 'code', was: 0, is: abi.SLUICE_ERROR_FRAMES },
    ]);
    const intended = [{ op: 'settle', path: 'code', count: 1, reason: 'It is not to be.' }];
    expect(judge(changes, intended)).toHaveLength(2);
  });
});

test('a log that was cut short, or is none, is refused', () => {
  const whole = writeLog(release.header, release.decisions.slice(0, 3));
  const { header, decisions } = readLog(whole);
  expect(header).toEqual(release.header);
  expect(writeLog(header, decisions)).toEqual(whole);
  expect(() => readLog(whole.subarray(0, -1))).toThrow('ends inside decision 2');
  expect(() => readLog(encoder.encode('{"decisions":2}\n'))).toThrow('no decision log of format 1');
  expect(() => readLog(encoder.encode('text'))).toThrow();
});
