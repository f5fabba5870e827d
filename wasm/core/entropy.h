// Pseudo-random numbers from the seed that the caller hands in: ids, nonces and jitter come from nowhere
// else, so the same input gives the same bytes natively and in WASM.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

// xoroshiro128++ (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2019).
class Entropy {
 public:
  Entropy(uint64_t high, uint64_t low);

  // Next 64 uniformly distributed bits.
  uint64_t next();
  // Uniform integer in [0, bound); 0 where bound is 0. The modulo bias is below bound / 2^64.
  uint64_t below(uint64_t bound) { return bound == 0 ? 0 : next() % bound; }

 private:
  uint64_t state_[2];
};

// Reads 32 hexadecimal digits (128 bits); false and `out` untouched where `hex` is anything else.
[[nodiscard]] bool entropy_from_hex(std::string_view hex, Entropy& out);

// `count` (at most 16) lower-case hexadecimal digits of `bits`, most significant first.
[[nodiscard]] std::string hex(uint64_t bits, int count);

}  // namespace sluice
