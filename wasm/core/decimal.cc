#include "core/decimal.h"

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace sluice {
namespace {

// A double: 53 bits of significand, of which the last is worth at least 2^kLowestBit.
constexpr int kSignificandBits = 53;
constexpr int kLowestBit = -1074;
constexpr uint64_t kInfinity = uint64_t{0x7ff} << 52;

// Decimal digits that fit 64 bits whatever they are.
constexpr int kDigitsMax = 19;
// Magnitudes from 10^309 on are infinite, those below 10^-324 less than half of the smallest double.
constexpr int64_t kMagnitudeMax = 309;
constexpr int64_t kMagnitudeMin = -324;

// 10^(kPowerStep·n) for n from kPowerFirst on: 64-bit significands, rounded to nearest. Those of 10^0 and
// 10^16 are exact.
constexpr int kPowerStep = 16;
constexpr int kPowerFirst = -22;
constexpr uint64_t kPowers[] = {
    0xcd42a11346f34f7d, 0xe3e27a444d8d98b8, 0xfd00b897478238d1, 0x8c71dcd9ba0b4926, 0x9becce62836ac577,
    0xad1c8eab5ee43b67, 0xc0314325637a193a, 0xd5605fcdcf32e1d7, 0xece53cec4a314ebe, 0x8380dea93da4bc60,
    0x91ff83775423cc06, 0xa21727db38cb0030, 0xb3f4e093db73a093, 0xc7caba6e7c5382c9, 0xddd0467c64bce4a1,
    0xf64335bcf065d37d, 0x88b402f7fd75539b, 0x97c560ba6b0919a6, 0xa87fea27a539e9a5, 0xbb127c53b17ec159,
    0xcfb11ead453994ba, 0xe69594bec44de15b, 0x8000000000000000, 0x8e1bc9bf04000000, 0x9dc5ada82b70b59e,
    0xaf298d050e4395d7, 0xc2781f49ffcfa6d5, 0xd7e77a8f87daf7fc, 0xefb3ab16c59b14a3, 0x850fadc09923329e,
    0x93ba47c980e98ce0, 0xa402b9c5a8d3a6e7, 0xb616a12b7fe617aa, 0xca28a291859bbf93, 0xe070f78d3927556b,
    0xf92e0c3537826146, 0x8a5296ffe33cc930, 0x9991a6f3d6bf1766, 0xaa7eebfb9df9de8e, 0xbd49d14aa79dbc82,
    0xd226fc195c6a2f8c, 0xe950df20247c83fd,
};

// The exponent of two at which 10^n has a significand of 64 bits; right for |n| up to 352.
int power_exponent(int n) { return ((n * 217706) >> 16) - 63; }

// A literal taken apart: its first digits as a number, with what is left as powers of ten.
struct Decimal {
  bool negative = false;
  uint64_t significand = 0;   // of the first kDigitsMax digits
  int digits = 0;             // how many of them there are
  bool cut = false;           // a digit behind them is not 0
  int64_t exponent = 0;       // of ten, for `significand` …
  int64_t last_exponent = 0;  // … and for all digits as one integer
};

Decimal take_apart(std::string_view literal) {
  Decimal out;
  bool fraction = false;
  size_t i = 0;
  for (; i < literal.size() && (literal[i] | 0x20) != 'e'; ++i) {
    const char c = literal[i];
    if (c == '-') out.negative = true;
    if (c == '.') fraction = true;
    if (c < '0' || c > '9') continue;
    if (fraction) --out.last_exponent;
    if (out.digits == kDigitsMax) {
      out.cut = out.cut || c != '0';
      ++out.exponent;
      continue;
    }
    out.significand = out.significand * 10 + static_cast<uint64_t>(c - '0');
    if (out.significand != 0) ++out.digits;
  }
  // Ten to the power of kDecimalBytesMax is infinite already, whatever digits go with it.
  constexpr int64_t kFar = 10 * static_cast<int64_t>(kDecimalBytesMax);
  int64_t written = 0;
  const bool shrinks = i + 1 < literal.size() && literal[i + 1] == '-';
  for (++i; i < literal.size(); ++i) {
    if (literal[i] >= '0' && written < kFar) written = written * 10 + (literal[i] - '0');
  }
  out.last_exponent += shrinks ? -written : written;
  out.exponent += out.last_exponent;
  return out;
}

// significand · 2^exponent, the significand's highest bit set; the true one is at most `error` away.
struct Approximation {
  uint64_t significand = 0;
  int exponent = 0;
  uint64_t error = 0;
};

void normalize(Approximation& number) {
  const int shift = std::countl_zero(number.significand);
  number.significand <<= shift;
  number.exponent -= shift;
  number.error <<= shift;
}

// The upper half of a · b, cut off.
uint64_t multiply_high(uint64_t a, uint64_t b) {
  constexpr uint64_t kLow = 0xffffffff;
  const uint64_t low = (a & kLow) * (b & kLow);
  const uint64_t left = (a >> 32) * (b & kLow) + (low >> 32);
  const uint64_t right = (a & kLow) * (b >> 32) + (left & kLow);
  return (a >> 32) * (b >> 32) + (left >> 32) + (right >> 32);
}

// Multiplies by a number that is itself at most `error` away from the true one.
void multiply(Approximation& number, Approximation by) {
  normalize(by);
  number.significand = multiply_high(number.significand, by.significand);
  number.exponent += by.exponent + 64;
  // Each error counts less than once, as the other significand is below 2^64; their product and what is cut
  // off count one each.
  number.error += by.error + 2;
  normalize(number);
}

// `decimal` must not be 0.
Approximation approximate(const Decimal& decimal) {
  Approximation out{decimal.significand, 0, decimal.cut ? uint64_t{1} : 0};
  normalize(out);
  const int exponent = static_cast<int>(decimal.exponent);
  const int step = exponent >> 4;
  static_assert(kPowerStep == 1 << 4);
  uint64_t small = 1;
  for (int n = step * kPowerStep; n < exponent; ++n) small *= 10;
  if (small != 1) multiply(out, {small, 0, 0});
  if (step != 0) multiply(out, {kPowers[step - kPowerFirst], power_exponent(step * kPowerStep), 1});
  return out;
}

// An unsigned integer of up to 4096 bits. The longest that is needed has 3,330: all digits of a literal of
// kDecimalBytesMax bytes, or what is compared with them.
class Big {
 public:
  explicit Big(uint64_t value) {
    for (; value != 0; value >>= 32) limbs_[size_++] = static_cast<uint32_t>(value);
  }

  void multiply_add(uint32_t factor, uint32_t addend) {
    uint64_t carry = addend;
    for (int i = 0; i < size_; ++i) {
      carry += uint64_t{limbs_[i]} * factor;
      limbs_[i] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) limbs_[size_++] = static_cast<uint32_t>(carry);
  }

  void multiply_by_power_of_5(int64_t exponent) {
    for (; exponent >= 13; exponent -= 13) multiply_add(1220703125, 0);
    for (; exponent > 0; --exponent) multiply_add(5, 0);
  }

  void shift_left(int64_t bits) {
    multiply_add(uint32_t{1} << (bits & 31), 0);
    const int limbs = static_cast<int>(bits >> 5);
    for (int i = size_ - 1; i >= 0; --i) limbs_[i + limbs] = limbs_[i];
    for (int i = 0; i < limbs; ++i) limbs_[i] = 0;
    size_ += limbs;
  }

  // Below 0, 0 or above 0 as this is less than, equal to or greater than `other`.
  [[nodiscard]] int compare(const Big& other) const {
    if (size_ != other.size_) return size_ < other.size_ ? -1 : 1;
    for (int i = size_ - 1; i >= 0; --i) {
      if (limbs_[i] != other.limbs_[i]) return limbs_[i] < other.limbs_[i] ? -1 : 1;
    }
    return 0;
  }

 private:
  uint32_t limbs_[128];
  int size_ = 0;  // without leading zeros
};

// Compares the literal's magnitude with half · 2^exponent, of which it is known to be less than a factor of
// two away.
int compare_exactly(std::string_view literal, const Decimal& decimal, uint64_t half, int exponent) {
  Big left(0);
  for (const char c : literal) {
    if ((c | 0x20) == 'e') break;
    if (c >= '0' && c <= '9') left.multiply_add(10, static_cast<uint32_t>(c - '0'));
  }
  Big right(half);
  (decimal.last_exponent < 0 ? right : left).multiply_by_power_of_5(std::abs(decimal.last_exponent));
  const int64_t shift = decimal.last_exponent - exponent;
  (shift < 0 ? right : left).shift_left(std::abs(shift));
  return left.compare(right);
}

// The bits of the double nearest to the literal's magnitude.
uint64_t round(std::string_view literal, const Decimal& decimal) {
  Approximation near = approximate(decimal);
  int shift = 64 - kSignificandBits;  // bits that a double has no room for
  if (near.exponent + shift < kLowestBit) shift = kLowestBit - near.exponent;
  for (; shift > 60; --shift) {  // far below the smallest double: nothing but the rounding is left
    near.significand >>= 1;
    ++near.exponent;
    near.error = near.error / 2 + 1;
  }
  const int last_bit = near.exponent + shift;
  uint64_t kept = near.significand >> shift;
  const uint64_t rest = near.significand & ((uint64_t{1} << shift) - 1);
  const uint64_t half = uint64_t{1} << (shift - 1);
  if (rest > half + near.error) {
    ++kept;
  } else if (rest + near.error >= half) {
    const int order = compare_exactly(literal, decimal, kept * 2 + 1, last_bit - 1);
    if (order > 0 || (order == 0 && (kept & 1) != 0)) ++kept;
  }
  // The significand's highest bit counts as one of the exponent, and so does a carry out of it.
  const uint64_t bits = (static_cast<uint64_t>(last_bit - kLowestBit) << 52) + kept;
  return bits < kInfinity ? bits : kInfinity;
}

}  // namespace

double decimal_to_double(std::string_view literal) {
  const Decimal decimal = take_apart(literal);
  const int64_t magnitude = decimal.exponent + decimal.digits;
  uint64_t bits = 0;
  if (decimal.significand != 0 && magnitude > kMagnitudeMin) {
    bits = magnitude > kMagnitudeMax ? kInfinity : round(literal, decimal);
  }
  bits |= uint64_t{decimal.negative} << 63;
  double out = 0;
  std::memcpy(&out, &bits, sizeof out);
  return out;
}

}  // namespace sluice
