#include <cmath>
#include <utility>

#include "core/schema_rule.h"
#include "core/writer.h"

namespace sluice {
namespace {

using json::Kind;
using json::Number;
using json::Value;
using Rule = Schema::Rule;

// Longest list of values that a message repeats; a longer one would drown the sentence.
constexpr size_t kShownBytesMax = 200;

// Where a value stands, as a chain on the stack: text is made of it only for a fault.
struct Place {
  const Place* parent;
  std::string_view token;  // a member's key; empty and unused for an element
  uint32_t index = 0;
  bool is_element = false;
};

std::string path_of(const Place& place, std::string_view base) {
  if (place.parent == nullptr) return std::string(base);
  const std::string before = path_of(*place.parent, base);
  return place.is_element ? pointer(before, std::to_string(place.index)) : pointer(before, place.token);
}

// `types` is a set of TypeBits.
bool has_type(Value value, uint8_t types) {
  switch (value.kind()) {
    case Kind::null:
      return (types & kTypeNull) != 0;
    case Kind::boolean:
      return (types & kTypeBoolean) != 0;
    case Kind::number:
      return (types & kTypeNumber) != 0 || ((types & kTypeInteger) != 0 && Number::of(value).whole());
    case Kind::string:
      return (types & kTypeString) != 0;
    case Kind::array:
      return (types & kTypeArray) != 0;
    case Kind::object:
      return (types & kTypeObject) != 0;
  }
  return false;
}

std::string type_phrase(uint8_t types) {
  std::string out = "must be ";
  for (const TypeName& row : kTypeNames) {
    if ((types & row.bit) == 0) continue;
    types = static_cast<uint8_t>(types & ~row.bit);
    out.append(row.phrase);
    if (types != 0) out.append(" or ");
  }
  return out;
}

// Code points of valid UTF-8: every byte that does not continue one.
int64_t code_points(std::string_view text) {
  int64_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

bool is_multiple(const Number& number, const Number& divisor) {
  if (number.exact && divisor.exact) return number.integer % divisor.integer == 0;
  const double quotient = number.approximate() / divisor.approximate();
  // Reading two decimals and dividing them may each be off by half a unit in the last place. A quotient that
  // overflows is no multiple: its distance to itself is no number.
  constexpr double kRounding = 0x1p-51;
  return std::abs(quotient - std::nearbyint(quotient)) <= std::abs(quotient) * kRounding;
}

// One validation. Its steps return whether the value passes; once it does not and nobody listens to further
// faults, they return at once.
class Validator {
 public:
  Validator(std::string_view base, std::vector<Fault>& faults) : base_(base), faults_(faults) {}

  bool check(const Rule& start, Value value, const Place& place);

 private:
  // Whether further faults are to be listed.
  [[nodiscard]] bool listens() const { return quiet_ == 0 && faults_.size() < kFaultsMax; }
  // Lists a fault if anybody listens; always false. The message is the three parts in a row.
  bool fault(const Place& place, std::string_view code, std::string_view before, std::string_view shown = {},
             std::string_view after = {});
  // The same with a bound on a count of `unit`s.
  bool limit_fault(const Place& place, std::string_view code, std::string_view before, int64_t limit,
                   std::string_view unit);

  // Whether `value` passes, without a word about why not.
  bool passes(const Rule& rule, Value value);
  bool name_passes(const Rule& rule, std::string_view name);

  bool literals(const Rule& rule, Value value, const Place& place);
  bool number(const Rule& rule, Value value, const Place& place);
  bool string(const Rule& rule, Value value, const Place& place);
  bool array(const Rule& rule, Value value, const Place& place);
  bool elements(const Rule& rule, Value value, const Place& place);
  bool object(const Rule& rule, Value value, const Place& place);
  bool member(const Rule& rule, Value value, const Place& place, uint32_t& required);
  bool combined(const Rule& rule, Value value, const Place& place);
  bool alternatives(const Rule& rule, Value value, const Place& place);

  std::string_view base_;
  std::vector<Fault>& faults_;
  int quiet_ = 0;
  json::Document name_;  // a member's name as a value of its own
};

bool Validator::check(const Rule& start, Value value, const Place& place) {
  const Rule* rule = &start;
  while (rule->ref != nullptr) rule = rule->ref;
  if (rule->never) return fault(place, "false_schema", "is not allowed here");
  if (rule->types != 0 && !has_type(value, rule->types)) {
    return listens() && fault(place, "type", type_phrase(rule->types));
  }
  bool ok = literals(*rule, value, place);
  if (!ok && !listens()) return false;
  switch (value.kind()) {
    case Kind::number:
      ok = (!rule->has_bounds || number(*rule, value, place)) && ok;
      break;
    case Kind::string:
      ok = string(*rule, value, place) && ok;
      break;
    case Kind::array:
      ok = array(*rule, value, place) && ok;
      break;
    case Kind::object:
      ok = object(*rule, value, place) && ok;
      break;
    case Kind::null:
    case Kind::boolean:
      break;
  }
  if (!rule->combines || (!ok && !listens())) return ok;
  return combined(*rule, value, place) && ok;
}

bool Validator::fault(const Place& place, std::string_view code, std::string_view before,
                      std::string_view shown, std::string_view after) {
  if (!listens()) return false;
  std::string message(before);
  message.append(shown).append(after);
  faults_.push_back({path_of(place, base_), std::string(code), std::move(message)});
  return false;
}

bool Validator::limit_fault(const Place& place, std::string_view code, std::string_view before, int64_t limit,
                            std::string_view unit) {
  if (!listens()) return false;
  std::string shown = std::to_string(limit);
  shown.append(unit);
  return fault(place, code, before, shown, limit == 1 ? "" : "s");
}

bool Validator::passes(const Rule& rule, Value value) {
  ++quiet_;
  const bool ok = check(rule, value, {nullptr, {}});
  --quiet_;
  return ok;
}

bool Validator::name_passes(const Rule& rule, std::string_view name) {
  std::string text;
  json::append_quoted(text, name);
  return !name_.parse(text) && passes(rule, name_.root());
}

bool Validator::literals(const Rule& rule, Value value, const Place& place) {
  if (rule.enumeration) {
    bool found = false;
    for (const Value allowed : rule.enumeration->values.root()) {
      if (!found) found = compare(allowed, value) == 0;
    }
    if (!found) {
      const std::string& text = rule.enumeration->text;
      if (text.size() > kShownBytesMax) return fault(place, "enum", "is not one of the allowed values");
      return fault(place, "enum", "must be one of ", std::string_view(text).substr(1, text.size() - 2));
    }
  }
  if (!rule.constant) return true;
  const Value only = rule.constant->values.root().at(0);
  if (compare(only, value) == 0) return true;
  if (only.raw().size() > kShownBytesMax) return fault(place, "const", "is not the only allowed value");
  return fault(place, "const", "must be ", only.raw());
}

bool Validator::number(const Rule& rule, Value value, const Place& place) {
  const Number number = Number::of(value);
  bool ok = true;
  if (rule.minimum && compare(number, rule.minimum->number) < 0) {
    ok = fault(place, "minimum", "must be at least ", rule.minimum->text);
  }
  if (rule.maximum && compare(number, rule.maximum->number) > 0) {
    ok = fault(place, "maximum", "must be at most ", rule.maximum->text);
  }
  if (rule.exclusive_minimum && compare(number, rule.exclusive_minimum->number) <= 0) {
    ok = fault(place, "exclusive_minimum", "must be above ", rule.exclusive_minimum->text);
  }
  if (rule.exclusive_maximum && compare(number, rule.exclusive_maximum->number) >= 0) {
    ok = fault(place, "exclusive_maximum", "must be below ", rule.exclusive_maximum->text);
  }
  if (rule.multiple_of && !is_multiple(number, rule.multiple_of->number)) {
    ok = fault(place, "multiple_of", "must be a multiple of ", rule.multiple_of->text);
  }
  return ok;
}

bool Validator::string(const Rule& rule, Value value, const Place& place) {
  bool ok = true;
  if (rule.min_length != Rule::kAbsent || rule.max_length != Rule::kAbsent) {
    const int64_t length = code_points(value.text());
    if (length < rule.min_length) {
      ok = limit_fault(place, "min_length", "must have at least ", rule.min_length, " character");
    }
    if (rule.max_length != Rule::kAbsent && length > rule.max_length) {
      ok = limit_fault(place, "max_length", "must have at most ", rule.max_length, " character");
    }
  }
  if (rule.format != nullptr && !rule.format->matches(value.text())) {
    ok = fault(place, "format", "must be ", rule.format->phrase);
  }
  return ok;
}

bool Validator::array(const Rule& rule, Value value, const Place& place) {
  const int64_t count = value.size();
  bool ok = true;
  if (count < rule.min_items) {
    ok = limit_fault(place, "min_items", "must have at least ", rule.min_items, " element");
  }
  if (rule.max_items != Rule::kAbsent && count > rule.max_items) {
    ok = limit_fault(place, "max_items", "must have at most ", rule.max_items, " element");
  }
  if (!ok && !listens()) return false;
  if (rule.unique_items && has_repeats(value)) {
    ok = fault(place, "unique_items", "must not hold the same value twice");
  }
  if (rule.contains != nullptr) {
    bool found = false;
    for (const Value element : value) {
      if (!found) found = passes(*rule.contains, element);
    }
    if (!found) ok = fault(place, "contains", "holds no element of the required form");
  }
  if (rule.items == nullptr && !rule.has_item_list) return ok;
  return elements(rule, value, place) && ok;
}

bool Validator::elements(const Rule& rule, Value value, const Place& place) {
  bool ok = true;
  uint32_t index = 0;
  for (const Value element : value) {
    if (!ok && !listens()) return false;
    const Place here{&place, {}, index, true};
    const bool is_surplus = rule.has_item_list && index >= rule.item_list.size();
    const Rule* element_rule = is_surplus           ? rule.additional_items
                               : rule.has_item_list ? rule.item_list[index]
                                                    : rule.items;
    if (element_rule == nullptr) return ok;
    if (is_surplus && element_rule->never) {
      return limit_fault(here, "additional_items", "is surplus: there may be at most ", index, " element");
    }
    ok = check(*element_rule, element, here) && ok;
    ++index;
  }
  return ok;
}

bool Validator::object(const Rule& rule, Value value, const Place& place) {
  const int64_t count = value.size();
  bool ok = true;
  if (count < rule.min_properties) {
    ok = limit_fault(place, "min_properties", "must have at least ", rule.min_properties, " member");
  }
  if (rule.max_properties != Rule::kAbsent && count > rule.max_properties) {
    ok = limit_fault(place, "max_properties", "must have at most ", rule.max_properties, " member");
  }
  uint32_t required = 0;
  if (!rule.properties.empty() || rule.additional_properties != nullptr || rule.property_names != nullptr) {
    for (const Value each : value) {
      if (!ok && !listens()) return false;
      ok = member(rule, each, place, required) && ok;
    }
  }
  if (required == rule.required) return ok;
  for (const Property& property : rule.properties) {
    if (!listens()) return false;
    if (!property.required || value.find(property.name)) continue;
    ok = fault({&place, property.name}, "required", "is required");
  }
  return ok;
}

// Adds one to `required` if the member is a required one.
bool Validator::member(const Rule& rule, Value value, const Place& place, uint32_t& required) {
  const Place here{&place, value.key()};
  bool ok = true;
  if (rule.property_names != nullptr && !name_passes(*rule.property_names, value.key())) {
    ok = fault(here, "property_names", "has a name that is not allowed");
  }
  for (const Property& property : rule.properties) {
    if (property.name != value.key()) continue;
    if (property.required) ++required;
    if (property.rule != nullptr) return check(*property.rule, value, here) && ok;
    break;
  }
  if (rule.additional_properties == nullptr) return ok;
  if (rule.additional_properties->never) {
    return fault(here, "additional_properties", "is not a known member");
  }
  return check(*rule.additional_properties, value, here) && ok;
}

bool Validator::combined(const Rule& rule, Value value, const Place& place) {
  bool ok = true;
  for (const Rule* each : rule.all_of) {
    ok = check(*each, value, place) && ok;
    if (!ok && !listens()) return false;
  }
  if (!rule.any_of.empty() || !rule.one_of.empty()) ok = alternatives(rule, value, place) && ok;
  if (rule.not_allowed != nullptr && passes(*rule.not_allowed, value)) {
    ok = fault(place, "not", "has a form that is not allowed");
  }
  if (rule.condition == nullptr) return ok;
  const Rule* rest = passes(*rule.condition, value) ? rule.consequence : rule.alternative;
  return (rest == nullptr || check(*rest, value, place)) && ok;
}

bool Validator::alternatives(const Rule& rule, Value value, const Place& place) {
  bool ok = true;
  bool any = rule.any_of.empty();
  for (const Rule* each : rule.any_of) {
    if (!any) any = passes(*each, value);
  }
  if (!any) ok = fault(place, "any_of", "has none of the allowed forms");
  if (rule.one_of.empty()) return ok;
  size_t count = 0;
  for (const Rule* each : rule.one_of) {
    if (count < 2 && passes(*each, value)) ++count;
  }
  if (count == 1) return ok;
  return fault(place, "one_of",
               count == 0 ? "has none of the allowed forms" : "has more than one of the allowed forms");
}

}  // namespace

bool Schema::validate(json::Value value, std::string_view base, std::vector<Fault>& faults) const {
  if (rules_.empty()) return true;
  return Validator(base, faults).check(*rules_.front(), value, {nullptr, {}});
}

}  // namespace sluice
