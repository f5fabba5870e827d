// Decimals: the nearest double, bit for bit as the C library has it.
#include "core/decimal.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "core/entropy.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

uint64_t bits_of(double value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

double double_of(uint64_t bits) {
  double value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

bool agrees(const std::string& text) {
  return bits_of(decimal_to_double(text)) == bits_of(std::strtod(text.c_str(), nullptr));
}

std::string digits(Entropy& dice, uint64_t count) {
  std::string out(1, static_cast<char>('1' + dice.below(9)));
  while (out.size() < count) out.push_back(static_cast<char>('0' + dice.below(10)));
  return out;
}

std::string scientific(long double value, int places) {
  std::string out(1200, '\0');
  out.resize(static_cast<size_t>(std::snprintf(out.data(), out.size(), "%.*Le", places, value)));
  return out;
}

// Any finite double, or any below the normal ones.
double any_double(Entropy& dice, bool subnormal) {
  const uint64_t bits = dice.next() >> 1;
  const double value = double_of(subnormal ? bits & ((uint64_t{1} << 52) - 1) : bits);
  return std::isfinite(value) ? value : 1.5;
}

// A decimal that lies exactly between two doubles, or one unit of some later digit beside.
std::string near_half(Entropy& dice) {
  const double value = any_double(dice, dice.below(4) == 0);
  const double next = std::nextafter(value, std::numeric_limits<double>::infinity());
  if (!std::isfinite(next)) return "1";
  std::string text = scientific((static_cast<long double>(value) + next) / 2, 770);
  size_t end = text.find('e');
  const std::string exponent = text.substr(end);
  while (text[end - 1] == '0') --end;
  if (text[end - 1] == '.') return text;
  std::string mantissa = text.substr(0, end);
  const uint64_t way = dice.below(4);
  if (way == 1) mantissa += "000001";
  if (way == 2) mantissa.back()--, mantissa += "99999";
  if (way == 3) mantissa.resize(std::min<size_t>(mantissa.size(), 4 + dice.below(30)));
  return mantissa + exponent;
}

}  // namespace

TEST_CASE("Hard decimals have the bits that their vectors say", "[decimal]") {
  const Json vectors(read_file(SLUICE_SOURCE_DIR "/tests/vectors/decimals.json"));
  CHECK(vectors["cases"].size() > 150);
  for (const json::Value entry : vectors["cases"]) {
    const std::string text(entry.find("text").text());
    INFO(text);
    CHECK(hex(bits_of(decimal_to_double(text)), 16) == entry.find("bits").text());
    CHECK(agrees(text));
  }
}

TEST_CASE("Magnitudes beyond the doubles are infinite, or nothing", "[decimal]") {
  CHECK(std::isinf(decimal_to_double("1e309")));
  CHECK(decimal_to_double("-1e309") < 0);
  CHECK(std::isinf(decimal_to_double("1.797693134862315808e308")));
  CHECK(std::isinf(decimal_to_double("9e99999999999999999999")));
  CHECK(std::isinf(decimal_to_double(std::string(1000, '9'))));
  CHECK(bits_of(decimal_to_double("-1e-99999999999999999999")) == uint64_t{1} << 63);
  CHECK(decimal_to_double("0e99999999999999999999") == 0);
  CHECK(decimal_to_double("1" + std::string(900, '0') + "e-900") == 1);
}

TEST_CASE("Random decimals are read as the C library reads them", "[decimal]") {
  Entropy dice(4, 2);
  for (int i = 0; i < 100000; ++i) {
    const auto exponent = [&](int64_t span) {
      return "e" + std::to_string(static_cast<int64_t>(dice.below(2 * span)) - span);
    };
    const int places = static_cast<int>(dice.below(25));
    const std::string texts[] = {scientific(any_double(dice, false), places),
                                 scientific(any_double(dice, true), places),
                                 digits(dice, 1 + dice.below(20)) + exponent(360),
                                 digits(dice, 1 + dice.below(40)) + "." + digits(dice, 1 + dice.below(30))};
    for (const std::string& text : texts) {
      INFO(text);
      if (!agrees(text)) CHECK(agrees(text));
    }
  }
  for (int i = 0; i < 20000; ++i) {
    const std::string texts[] = {near_half(dice), digits(dice, 1 + dice.below(990)) + "e-" + digits(dice, 3)};
    for (const std::string& text : texts) {
      INFO(text);
      if (!agrees(text)) CHECK(agrees(text));
    }
  }
}
