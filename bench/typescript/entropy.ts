// Ids, nonces and jitter out of one seed: xoroshiro128++ on halves of 32 bits.

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const hex16 = (bits: number): string => `${HEX[(bits >>> 8) & 255]}${HEX[bits & 255]}`;
const hex32 = (bits: number): string => hex16(bits >>> 16) + hex16(bits);

const MASK = 0xffff_ffff_ffff_ffffn;

/** SplitMix64's finaliser: spreads a weak seed over all bits. */
function mix(seed: bigint): bigint {
  let x = (seed + 0x9e3779b97f4a7c15n) & MASK;
  x = ((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  x = ((x ^ (x >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return x ^ (x >> 31n);
}

export class Entropy {
  /** The latest 64 bits. */
  high = 0;
  low = 0;
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param seed 16 bytes */
  constructor(seed: Uint8Array) {
    const words = new DataView(seed.buffer, seed.byteOffset, seed.byteLength);
    const first = mix(words.getBigUint64(0));
    const second = mix(words.getBigUint64(8) ^ 0xa5a5a5a5a5a5a5a5n);
    this.#a = Number(first >> 32n) | 0;
    this.#b = Number(first & 0xffff_ffffn) | 0;
    this.#c = Number(second >> 32n) | 0;
    this.#d = Number(second & 0xffff_ffffn) | 0;
  }

  /** A new one for one step of a flow. */
  static fresh(): Entropy {
    return new Entropy(crypto.getRandomValues(new Uint8Array(16)));
  }

  /** Draws the next 64 bits. */
  next(): void {
    const a = this.#a;
    const b = this.#b;
    let c = this.#c;
    let d = this.#d;
    // rotl(s0 + s1, 17) + s0
    const sumLow = (b >>> 0) + (d >>> 0);
    const sumHigh = (a + c + (sumLow > 0xffff_ffff ? 1 : 0)) | 0;
    const bits = sumLow | 0;
    const turnedHigh = (sumHigh << 17) | (bits >>> 15);
    const turnedLow = (bits << 17) | (sumHigh >>> 15);
    const outLow = (turnedLow >>> 0) + (b >>> 0);
    this.low = outLow | 0;
    this.high = (turnedHigh + a + (outLow > 0xffff_ffff ? 1 : 0)) | 0;
    // s1 ^= s0; s0 = rotl(s0, 49) ^ s1 ^ (s1 << 21); s1 = rotl(s1, 28)
    c ^= a;
    d ^= b;
    this.#a = ((b << 17) | (a >>> 15)) ^ c ^ ((c << 21) | (d >>> 11));
    this.#b = ((a << 17) | (b >>> 15)) ^ d ^ (d << 21);
    this.#c = (c << 28) | (d >>> 4);
    this.#d = (d << 28) | (c >>> 4);
  }

  /** 16 hexadecimal digits. */
  nonce(): string {
    this.next();
    return hex32(this.high) + hex32(this.low);
  }

  /** A UUIDv7 of shard 0; `place` is the job's in its request. */
  id(now: number, place: number): string {
    this.next();
    const { high, low } = this;
    const upper = 0x8000_0000 | ((high >>> 30) << 28) | (high & 0xf_ffff);
    const time = `${hex32(Math.floor(now / 0x1_0000))}-${hex16(now)}-${hex16(0x7000 | (place & 0xfff))}`;
    return `${time}-${hex16(upper >>> 16)}-${hex16(upper)}${hex32(low)}`;
  }

  /** A whole number from 0 to below `bound`. */
  below(bound: number): number {
    this.next();
    const bits = (BigInt(this.high >>> 0) << 32n) | BigInt(this.low >>> 0);
    return Number(bits % BigInt(bound));
  }
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text is the id of a job. */
export const isId = (text: string): boolean => ID.test(text);
