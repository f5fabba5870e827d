#include "core/entropy.h"

namespace sluice {
namespace {

uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

// SplitMix64's finaliser: spreads a weak seed over all bits.
uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Entropy::Entropy(uint64_t high, uint64_t low) : state_{mix(high), mix(low ^ 0xa5a5a5a5a5a5a5a5ULL)} {
  if (state_[0] == 0 && state_[1] == 0) state_[0] = 1;  // the all-zero state is a fixed point
}

uint64_t Entropy::next() {
  const uint64_t s0 = state_[0];
  uint64_t s1 = state_[1];
  const uint64_t result = rotl(s0 + s1, 17) + s0;
  s1 ^= s0;
  state_[0] = rotl(s0, 49) ^ s1 ^ (s1 << 21);
  state_[1] = rotl(s1, 28);
  return result;
}

bool entropy_from_hex(std::string_view hex, Entropy& out) {
  if (hex.size() != 32) return false;
  uint64_t words[2] = {0, 0};
  for (size_t i = 0; i < 32; ++i) {
    const int digit = hex_digit(hex[i]);
    if (digit < 0) return false;
    words[i / 16] = words[i / 16] << 4 | static_cast<uint64_t>(digit);
  }
  out = Entropy(words[0], words[1]);
  return true;
}

std::string hex(uint64_t bits, int count) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out(static_cast<size_t>(count), '0');
  for (int i = count - 1; i >= 0; --i, bits >>= 4) out[static_cast<size_t>(i)] = kDigits[bits & 15];
  return out;
}

}  // namespace sluice
