// Equality and order of JSON values: 1 is 1.0 is 1e0, and members have no order.
#pragma once

#include <cstdint>

#include "core/json.h"

namespace sluice::json {

// A JSON number ready to be compared. Integers within int64 are exact however they are written; every
// other number is the nearest double, so that integers beyond int64 which share a double are equal.
struct Number {
  bool exact = true;  // `integer` holds the value, else `real` does
  int64_t integer = 0;
  double real = 0;

  static Number of(int64_t value) { return {true, value, 0}; }
  // `value` must be finite.
  static Number of(double value);
  // `value` must be a number.
  static Number of(Value value);

  [[nodiscard]] double approximate() const { return exact ? static_cast<double>(integer) : real; }
  // Whether there is no fraction.
  [[nodiscard]] bool whole() const;
};

// Below 0, 0 or above 0 as `a` is less than, equal to or greater than `b`, exactly.
[[nodiscard]] int compare(const Number& a, const Number& b);

// A total order over all JSON values in which 0 means equality as JSON Schema defines it. The values may
// come from two documents. Objects cost O(m log m) for m members, so that sorting stays cheap.
[[nodiscard]] int compare(Value a, Value b);

// Whether an array holds the same value twice; O(n log n) comparisons.
[[nodiscard]] bool has_repeats(Value array);

}  // namespace sluice::json
