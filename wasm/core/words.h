// Eight bytes of a text at a time, for what reads and writes JSON.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace sluice::json {

inline constexpr uint64_t kOnes = 0x0101010101010101;
inline constexpr uint64_t kHighBits = 0x8080808080808080;
static_assert(std::endian::native == std::endian::little, "the first byte of a word must be its lowest");

// Sets the high bit of every byte that is a quote, a backslash or a control. The lowest such bit is exact;
// those above it may be set by a borrow.
inline uint64_t escaped_bytes(uint64_t word) {
  const uint64_t quote = word ^ (kOnes * '"');
  const uint64_t backslash = word ^ (kOnes * '\\');
  const uint64_t controls = (word - kOnes * 0x20) & ~word;
  return (controls | ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash)) & kHighBits;
}

// First byte from `p` on that is a quote, a backslash or a control, or, with `ascii_only`, not ASCII; `end`
// where there is none.
template <bool ascii_only>
const char* skip_plain(const char* p, const char* end) {
  for (; end - p >= 8; p += 8) {
    uint64_t word;
    std::memcpy(&word, p, sizeof word);
    const uint64_t special = escaped_bytes(word) | (ascii_only ? word & kHighBits : 0);
    if (special != 0) return p + (std::countr_zero(special) >> 3);
  }
  for (; p != end; ++p) {
    const auto byte = static_cast<unsigned char>(*p);
    if (byte < 0x20 || byte == '"' || byte == '\\' || (ascii_only && byte >= 0x80)) break;
  }
  return p;
}

}  // namespace sluice::json
