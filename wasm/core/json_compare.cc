#include "core/json_compare.h"

#include <cmath>
#include <vector>

#include "core/order.h"

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

// The elements of an array, or the members of an object, so that they can be reached by index.
std::vector<Value> items_of(Value container) {
  std::vector<Value> items;
  items.reserve(container.size());
  for (const Value item : container) items.push_back(item);
  return items;
}

Value item(const void* items, uint32_t n) { return (*static_cast<const std::vector<Value>*>(items))[n]; }

std::vector<uint32_t> by_key(const std::vector<Value>& members) {
  return sorted_indices(members.size(), &members, [](const void* context, uint32_t a, uint32_t b) {
    return item(context, a).key() < item(context, b).key();
  });
}

int compare_objects(Value a, Value b) {
  const std::vector<Value> left = items_of(a);
  const std::vector<Value> right = items_of(b);
  const std::vector<uint32_t> left_order = by_key(left);
  const std::vector<uint32_t> right_order = by_key(right);
  for (size_t n = 0; n < left.size(); ++n) {
    const Value one = left[left_order[n]];
    const Value other = right[right_order[n]];
    if (const int result = one.key().compare(other.key()); result != 0) return result;
    if (const int result = compare(one, other); result != 0) return result;
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
  const std::vector<Value> elements = items_of(array);
  const std::vector<uint32_t> order =
      sorted_indices(elements.size(), &elements, [](const void* context, uint32_t a, uint32_t b) {
        return compare(item(context, a), item(context, b)) < 0;
      });
  for (size_t n = 1; n < order.size(); ++n) {
    if (compare(elements[order[n - 1]], elements[order[n]]) == 0) return true;
  }
  return false;
}

}  // namespace sluice::json
