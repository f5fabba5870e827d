// A compiled (sub)schema; shared by schema_compile.cc and schema_validate.cc, of no use to others.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/json_compare.h"
#include "core/schema.h"

namespace sluice {

// Names of `type`, each a bit of Rule::types. A number without fraction has both number and integer.
enum TypeBit : uint8_t {
  kTypeNull = 1,
  kTypeBoolean = 2,
  kTypeInteger = 4,
  kTypeNumber = 8,
  kTypeString = 16,
  kTypeArray = 32,
  kTypeObject = 64,
};

struct TypeName {
  std::string_view name;
  std::string_view phrase;  // in messages: "must be …"
  TypeBit bit;
};

inline constexpr TypeName kTypeNames[] = {
    {"null", "null", kTypeNull},
    {"boolean", "true or false", kTypeBoolean},
    {"integer", "an integer", kTypeInteger},
    {"number", "a number", kTypeNumber},
    {"string", "a string", kTypeString},
    {"array", "an array", kTypeArray},
    {"object", "an object", kTypeObject},
};

struct Format {
  std::string_view name;
  std::string_view phrase;  // in messages: "must be …"
  bool (*matches)(std::string_view text);
};

// The values of `enum` or `const`: a JSON array, read by the same reader as the values compared with them.
struct Literals {
  std::string text;
  json::Document values;
};

// The value of `minimum` and its like, and its text for messages.
struct Bound {
  json::Number number;
  std::string text;
};

// One member named by `properties`, `required` or both.
struct Property {
  std::string name;
  const Schema::Rule* rule = nullptr;  // null: named by `required` only
  bool required = false;
};

// Every keyword's field is empty (null, kAbsent, nullopt) where the schema does not have the keyword.
struct Schema::Rule {
  static constexpr int64_t kAbsent = -1;

  bool never = false;         // the schema `false`
  const Rule* ref = nullptr;  // if set, the only thing that counts
  uint8_t types = 0;          // TypeBits allowed; 0: any
  std::unique_ptr<Literals> enumeration;
  std::unique_ptr<Literals> constant;

  std::vector<Property> properties;
  uint32_t required = 0;  // how many of `properties` are
  const Rule* additional_properties = nullptr;
  const Rule* property_names = nullptr;
  int64_t min_properties = kAbsent;
  int64_t max_properties = kAbsent;

  const Rule* items = nullptr;         // for every element …
  std::vector<const Rule*> item_list;  // … or for the first ones
  bool has_item_list = false;          // `items` was a list, possibly empty
  const Rule* additional_items = nullptr;
  const Rule* contains = nullptr;
  int64_t min_items = kAbsent;
  int64_t max_items = kAbsent;
  bool unique_items = false;

  int64_t min_length = kAbsent;
  int64_t max_length = kAbsent;
  const Format* format = nullptr;

  bool has_bounds = false;  // any of the following five
  std::optional<Bound> minimum;
  std::optional<Bound> maximum;
  std::optional<Bound> exclusive_minimum;
  std::optional<Bound> exclusive_maximum;
  std::optional<Bound> multiple_of;

  bool combines = false;  // any of the following seven
  std::vector<const Rule*> all_of;
  std::vector<const Rule*> any_of;
  std::vector<const Rule*> one_of;
  const Rule* not_allowed = nullptr;
  const Rule* condition = nullptr;    // if
  const Rule* consequence = nullptr;  // then
  const Rule* alternative = nullptr;  // else

  size_t index = 0;  // among the schema's rules
};

}  // namespace sluice
