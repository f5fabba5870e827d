// Random JSON documents, right and nearly right, from a seed.

const encoder = new TextEncoder();
const numbers = [
  '0',
  '-0',
  '1.0',
  '1e0',
  '-1e-2',
  '0.1',
  '1e308',
  '1.7976931348623157e308',
  '1e309',
  '4.9e-324',
];
const moreNumbers = [
  '2.4703282292062327e-324',
  '1e-400',
  '9007199254740993',
  '9223372036854775808',
  '5e-1',
  '12e+3',
];
const strings = [
  '""',
  '"a"',
  '"\\u0061"',
  '"\\ud83d\\ude00"',
  '"\\ud800"',
  '"é"',
  '"😀"',
  '"\\n\\/\\""',
  '"\\u0000"',
];
const spoilt = [
  '01',
  '1.',
  '.5',
  '+1',
  '0x1',
  'NaN',
  'tru',
  "'a'",
  '"\\x"',
  '"\t"',
  '[1,]',
  '{"a"}',
  '{,}',
  '\ufeff1',
];
const keys = ['"a"', '"b"', '"\\u0061"', '"__proto__"', '""', '"1"', '"constructor"'];
const spaces = ['', '', '', ' ', '\n', '\t\r'];
const bytes = [
  0x00, 0x1f, 0x22, 0x5c, 0x2c, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d, 0x30, 0x2d, 0x2e, 0x65, 0x80, 0xc0, 0xed, 0xff,
];

/** A seeded generator (mulberry32). */
export class Dice {
  /** @param {number} seed */
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /** @param {number} bound @returns {number} 0 to bound - 1 */
  below(bound) {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  }

  /** @template T @param {T[]} list @returns {T} */
  pick(list) {
    return /** @type {T} */ (list[this.below(list.length)]);
  }

  number() {
    if (this.below(3) === 0) return this.pick(this.below(2) === 0 ? numbers : moreNumbers);
    const digits = () => Array.from({ length: 1 + this.below(20) }, () => this.below(10)).join('');
    const whole = this.below(2) === 0 ? String(this.below(1000)) : `${1 + this.below(9)}${digits()}`;
    const fraction = this.below(2) === 0 ? `.${digits()}` : '';
    const exponent = this.below(3) === 0 ? `e${this.pick(['', '+', '-'])}${this.below(330)}` : '';
    return `${this.pick(['', '-'])}${whole}${fraction}${exponent}`;
  }

  /** @param {number} depth @returns {string} */
  value(depth) {
    const space = this.pick(spaces);
    if (this.below(150) === 0) return this.pick(spoilt);
    switch (this.below(depth > 5 ? 4 : 7)) {
      case 0:
        return space + this.pick(['true', 'false', 'null']);
      case 1:
        return space + this.number();
      case 2:
      case 3:
        return space + this.pick(strings);
      case 4:
        return `${space}${'['.repeat(this.below(9) === 0 ? this.below(70) : 0)}`.concat(this.array(depth));
      default:
        return space + this.object(depth);
    }
  }

  /** @param {number} depth @returns {string} */
  array(depth) {
    return `[${Array.from({ length: this.below(5) }, () => this.value(depth + 1)).join(',')}]${this.pick(spaces)}`;
  }

  /** @param {number} depth @returns {string} */
  object(depth) {
    const member = () => {
      const key = this.below(8) === 0 ? this.pick(keys) : `"k${this.below(1000)}"`;
      return `${this.pick(spaces)}${key}${this.pick(spaces)}:${this.value(depth + 1)}`;
    };
    const count = this.below(40) === 0 ? 15 + this.below(10) : this.below(5);
    return `{${Array.from({ length: count }, member).join(',')}}`;
  }

  /**
   * A text of its own, deeply nested now and then, or one of `known`; half of them with a few bytes changed.
   * @param {Uint8Array[]} known
   * @returns {Uint8Array}
   */
  document(known) {
    let text = this.value(0);
    if (this.below(50) === 0) {
      const depth = 55 + this.below(20);
      text = `${'['.repeat(depth)}${text}${']'.repeat(depth)}`;
    }
    const source = this.below(4) === 0 && known.length > 0 ? this.pick(known) : encoder.encode(text);
    return this.below(2) === 0 ? source : this.mutated(source);
  }

  /** @param {Uint8Array} source @returns {Uint8Array} */
  mutated(source) {
    const out = Array.from(source.subarray(0, 4096));
    for (let n = 1 + this.below(3); n > 0; n--) {
      const at = this.below(out.length + 1);
      const byte = this.below(2) === 0 ? this.pick(bytes) : this.below(256);
      out.splice(at, this.below(3) === 0 ? 0 : 1 + this.below(2), ...(this.below(3) === 0 ? [] : [byte]));
    }
    return Uint8Array.from(out);
  }
}
