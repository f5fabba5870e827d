// Compact validator for a documented subset of JSON Schema draft-07, compiled once per job type.
//
// Supported: type (one or a list), enum, const, properties, required, additionalProperties (boolean or
// schema), propertyNames, minProperties, maxProperties, items (one schema or a list), additionalItems,
// contains, minItems, maxItems, uniqueItems, minLength, maxLength (in code points), minimum, maximum,
// exclusiveMinimum, exclusiveMaximum, multipleOf, format (uri: absolute http or https with a host; email;
// date-time; uuid: see format.h), allOf, anyOf, oneOf, not, if/then/else, definitions, $ref to a schema in
// the same document ("#", "#/definitions/…", "#/properties/…"), boolean schemas. Annotations without
// effect: title, description, default, examples, $comment, $schema and, at the root only, $id. Any other
// keyword (pattern, say), one beside $ref that draft-07 would ignore, and a value of the wrong kind are
// refused by compile(): nothing is silently unchecked.
//
// Numbers: 1.0 is an integer and equals 1; integers within int64 are exact, all others are the nearest
// double. multipleOf allows for the rounding of decimals, so 19.99 is a multiple of 0.01.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace sluice {

// One thing wrong with a request; a list of them is an answer's `errors`.
struct Fault {
  std::string path;     // JSON Pointer (RFC 6901) into the request; "" is the whole document
  std::string code;     // stable snake_case: the failed keyword ("required", "type", "max_length", …)
  std::string message;  // one English sentence for a person
};

// At most this many faults are listed for one document; the rest are cut.
inline constexpr size_t kFaultsMax = 50;

// Deepest nesting of schemas inside a schema.
inline constexpr int kSchemaDepthMax = 32;
// Most schemas applied to one and the same value by way of $ref, allOf, anyOf, oneOf, not, if, then and
// else. A chain that leads back to itself is over it. With json::kDepthMax it bounds validate()'s stack.
inline constexpr int kSchemaChainMax = 16;

class Schema {
 public:
  Schema();
  ~Schema();
  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;

  // Compiles `source`, which need not outlive this call. Returns an empty string, or what is wrong with it
  // (an unsupported keyword, a malformed value, a $ref that leads nowhere) and leaves this schema as it was.
  [[nodiscard]] std::string compile(json::Value source);

  // Appends every fault of `value` to `faults`, each path starting with `base` (a JSON Pointer: "" or
  // "/payload"), until kFaultsMax are listed. Returns whether `value` has none. A fault's code is the
  // keyword in snake_case, or false_schema. A `required` fault points at the missing member, an
  // additional_properties or property_names fault at the member in question, additional_items at the first
  // surplus element. A value of the wrong type has that one fault; a failed any_of, one_of, not or contains
  // is one fault at the value's own path. A schema not compiled yet takes everything.
  bool validate(json::Value value, std::string_view base, std::vector<Fault>& faults) const;

  struct Rule;  // one (sub)schema; defined in schema_rule.h

 private:
  std::vector<std::unique_ptr<Rule>> rules_;  // the first is the root
};

// Appends `token` to a JSON Pointer, escaping "~" and "/".
[[nodiscard]] std::string pointer(std::string_view base, std::string_view token);

}  // namespace sluice
