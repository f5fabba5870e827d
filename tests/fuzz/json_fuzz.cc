// Feeds arbitrary bytes to the JSON reader and compares it with nlohmann/json; what both accept is validated
// against a schema with every keyword, and the input as a schema is compiled.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "../core/json_oracle.h"
#include "core/json.h"
#include "core/schema.h"

namespace {

using sluice::json::Document;
using sluice::json::oracle::Tree;

constexpr std::string_view kEveryKeyword = R"json({
  "type": ["object", "array", "string", "number"],
  "properties": {
    "self": {"$ref": "#"},
    "uri": {"format": "uri"}, "email": {"format": "email"},
    "at": {"format": "date-time"}, "id": {"format": "uuid"},
    "list": {"items": [{"$ref": "#"}], "additionalItems": {"$ref": "#"}, "uniqueItems": true}
  },
  "required": ["self"],
  "propertyNames": {"maxLength": 20},
  "additionalProperties": {"$ref": "#"},
  "minProperties": 1, "maxProperties": 30,
  "items": {"$ref": "#"}, "contains": {"const": {"a": [1, 2.5]}},
  "minItems": 1, "maxItems": 30, "uniqueItems": true,
  "minLength": 1, "maxLength": 30,
  "minimum": -5, "maximum": 1e6, "exclusiveMinimum": -6.5, "exclusiveMaximum": 2e6, "multipleOf": 0.25,
  "allOf": [{"not": {"enum": [1, "x", null]}}],
  "anyOf": [{"type": "object"}, {"minLength": 2}],
  "oneOf": [{"type": "array"}, {"maximum": 3}],
  "if": {"type": "string"}, "then": {"maxLength": 9}, "else": {"not": {"const": 7}}
})json";

// The property under test; libFuzzer reports an abort with the input that led to it.
void demand(bool holds) {
  if (!holds) std::abort();
}

const sluice::Schema& every_keyword() {
  static const sluice::Schema* const schema = [] {
    auto* made = new sluice::Schema;
    Document source;
    demand(!source.parse(kEveryKeyword) && made->compile(source.root()).empty());
    return made;
  }();
  return *schema;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // An allocation of just this size lets the address sanitizer see a read past the end.
  const std::vector<char> exact(data, data + size);
  const std::string_view text(exact.data(), exact.size());
  static Document document;
  const sluice::json::Error error = document.parse(text);
  demand(error.offset <= size);
  demand(!error == sluice::json::oracle::accepts(text));
  demand(!error == static_cast<bool>(document.root()));
  if (error) return 0;

  const Tree tree = sluice::json::oracle::tree_of(text);
  demand(sluice::json::oracle::tree_of(document.root()) == tree);
  demand(document.root().raw().size() <= size);

  std::vector<sluice::Fault> faults;
  const bool valid = every_keyword().validate(document.root(), "/payload", faults);
  demand(valid == faults.empty() && faults.size() <= sluice::kFaultsMax);

  sluice::Schema schema;
  if (schema.compile(document.root()).empty()) (void)schema.validate(document.root(), "", faults);
  return 0;
}
