#include "core/json_compare.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace sluice::json {
namespace {

constexpr double kInt64End = 9223372036854775808.0;  // 2^63, the first double above every int64

template <typename T>
int order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

// `b` is beyond int64 or has a fraction, so it never equals `a`.
int compare_mixed(int64_t a, double b) {
  if (b >= kInt64End) return -1;
  if (b < -kInt64End) return 1;
  const auto whole = static_cast<int64_t>(b);  // toward zero
  if (a != whole) return a < whole ? -1 : 1;
  return static_cast<double>(whole) < b ? -1 : 1;
}

int compare_arrays(Value a, Value b) {
  Value::Iterator other = b.begin();
  for (const Value element : a) {
    if (const int result = compare(element, *other); result != 0) return result;
    ++other;
  }
  return 0;
}

std::vector<Value> sorted_members(Value object) {
  std::vector<Value> members;
  members.reserve(object.size());
  for (const Value member : object) members.push_back(member);
  std::sort(members.begin(), members.end(), [](Value a, Value b) { return a.key() < b.key(); });
  return members;
}

int compare_objects(Value a, Value b) {
  const std::vector<Value> left = sorted_members(a);
  const std::vector<Value> right = sorted_members(b);
  for (size_t n = 0; n < left.size(); ++n) {
    if (const int result = left[n].key().compare(right[n].key()); result != 0) return result;
    if (const int result = compare(left[n], right[n]); result != 0) return result;
  }
  return 0;
}

}  // namespace

Number Number::of(double value) {
  const bool exact = value >= -kInt64End && value < kInt64End && std::trunc(value) == value;
  return exact ? of(static_cast<int64_t>(value)) : Number{false, 0, value};
}

Number Number::of(Value value) { return value.node().truth ? of(value.node().integer) : of(value.number()); }

bool Number::whole() const { return exact || std::trunc(real) == real; }

int compare(const Number& a, const Number& b) {
  if (a.exact && b.exact) return order(a.integer, b.integer);
  if (a.exact) return compare_mixed(a.integer, b.real);
  if (b.exact) return -compare_mixed(b.integer, a.real);
  return order(a.real, b.real);
}

int compare(Value a, Value b) {
  if (a.kind() != b.kind()) return order(a.kind(), b.kind());
  switch (a.kind()) {
    case Kind::null:
      return 0;
    case Kind::boolean:
      return order(a.truth(), b.truth());
    case Kind::number:
      return compare(Number::of(a), Number::of(b));
    case Kind::string:
      return a.text().compare(b.text());
    case Kind::array:
    case Kind::object:
      break;
  }
  if (a.size() != b.size()) return order(a.size(), b.size());
  if (a.raw() == b.raw()) return 0;
  return a.kind() == Kind::array ? compare_arrays(a, b) : compare_objects(a, b);
}

bool has_repeats(Value array) {
  std::vector<Value> elements;
  elements.reserve(array.size());
  for (const Value element : array) elements.push_back(element);
  std::sort(elements.begin(), elements.end(), [](Value a, Value b) { return compare(a, b) < 0; });
  for (size_t n = 1; n < elements.size(); ++n) {
    if (compare(elements[n - 1], elements[n]) == 0) return true;
  }
  return false;
}

}  // namespace sluice::json
