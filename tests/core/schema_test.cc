// The schema validator: the official draft-07 suite, shared vectors, what compile() refuses, and limits.
#include "core/schema.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"

namespace {

using sluice::Fault;
using sluice::Schema;
using sluice::json::Document;
using sluice::json::Value;
using Tree = nlohmann::json;

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The same JSON without white space, its members in the same order.
std::string compact(std::string_view text) {
  return nlohmann::ordered_json::parse(text, nullptr, false).dump();
}

// Files of the official suite's draft7 folder that test keywords; its format.json wants formats ignored.
constexpr const char* kSuiteFiles[] = {
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "boolean_schema",
    "const",
    "contains",
    "default",
    "definitions",
    "dependencies",
    "enum",
    "exclusiveMaximum",
    "items",
    "exclusiveMinimum",
    "if-then-else",
    "maxItems",
    "maxLength",
    "maximum",
    "maxProperties",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "properties",
    "patternProperties",
    "propertyNames",
    "ref",
    "refRemote",
    "required",
    "type",
    "uniqueItems",
};

// Why the subset may refuse a group of the suite: the end of compile()'s message, after the place.
constexpr const char* kRefusals[] = {
    "\"pattern\" is not supported",
    "\"patternProperties\" is not supported",
    "\"dependencies\" is not supported",
    "\"percent%field\" is not supported",  // schemas kept under a name that is no keyword
    "\"$ref\" must be # or a JSON Pointer after #",
    "\"$id\" is supported at the root only",
    "\"maxItems\" beside $ref has no effect; put both into an allOf",
};

bool may_refuse(const std::string& message) {
  for (const std::string refusal : kRefusals) {
    if (message.size() < refusal.size()) continue;
    if (message.compare(message.size() - refusal.size(), refusal.size(), refusal) == 0) return true;
  }
  return false;
}

// compile()'s message for a schema's text, or the reader's code.
std::string compile(Schema& schema, const std::string& text) {
  Document document;
  const sluice::json::Error error = document.parse(text);
  return error ? std::string(name(error.code)) : schema.compile(document.root());
}

// Compiles a schema that must be right.
Schema compiled(const std::string& text) {
  Schema schema;
  REQUIRE(compile(schema, text).empty());
  return schema;
}

bool passes(const Schema& schema, const std::string& text) {
  Document document;
  REQUIRE(!document.parse(text));
  std::vector<Fault> faults;
  const bool valid = schema.validate(document.root(), "", faults);
  CHECK(valid == faults.empty());
  return valid;
}

std::string repeat(const std::string& part, int times) {
  std::string text;
  for (; times > 0; --times) text.append(part);
  return text;
}

}  // namespace

TEST_CASE("The official suite's verdicts are ours wherever the subset reaches", "[schema]") {
  int verdicts = 0;
  for (const std::string name : kSuiteFiles) {
    const Tree groups = Tree::parse(contents(JSON_SCHEMA_SUITE_DIR "/" + name + ".json"), nullptr, false);
    REQUIRE(groups.is_array());
    for (const Tree& group : groups) {
      CAPTURE(name, group["description"].get<std::string>());
      Schema schema;
      const std::string refusal = compile(schema, group["schema"].dump());
      CAPTURE(refusal);
      CHECK((refusal.empty() || may_refuse(refusal)));
      if (!refusal.empty()) continue;
      for (const Tree& test : group["tests"]) {
        CAPTURE(test["description"].get<std::string>());
        CHECK(passes(schema, test["data"].dump()) == test["valid"].get<bool>());
        ++verdicts;
      }
    }
  }
  CHECK(verdicts >= 320);
}

TEST_CASE("Every fault is listed with its path, code and message", "[schema]") {
  // Read by our own reader: nlohmann would sort the members and respell the numbers.
  const std::string text = contents(SLUICE_SOURCE_DIR "/tests/vectors/schema.json");
  Document vectors;
  REQUIRE(!vectors.parse(text));
  REQUIRE(vectors.root().find("groups").size() >= 12);
  for (const Value group : vectors.root().find("groups")) {
    const Value spelt_schema = group.find("schemaText");
    const Schema schema =
        compiled(spelt_schema ? std::string(spelt_schema.text()) : compact(group.find("schema").raw()));
    for (const Value row : group.find("cases")) {
      CAPTURE(group.find("name").text(), row.raw());
      Document document;
      const Value spelt = row.find("text");
      REQUIRE(!document.parse(spelt ? spelt.text() : row.find("value").raw()));
      std::vector<Fault> faults;
      CHECK(schema.validate(document.root(), "", faults) == (row.find("faults").size() == 0));
      Tree listed = Tree::array();
      for (const Fault& fault : faults) listed.push_back({fault.path, fault.code, fault.message});
      CHECK(listed == Tree::parse(row.find("faults").raw(), nullptr, false));
    }
  }
}

TEST_CASE("Schemas that the subset cannot check in full are refused with place and reason", "[schema]") {
  struct Row {
    const char* schema;
    const char* message;
  };
  const Row rows[] = {
      {R"(5)", "#: a schema must be an object, true or false"},
      {R"({"properties": {"a": []}})", "#/properties/a: a schema must be an object, true or false"},
      {R"({"properties": {"a/b": {"pattern": "x"}}})", R"(#/properties/a~1b: "pattern" is not supported)"},
      {R"({"items": [true, {"minimun": 1}]})", R"(#/items/1: "minimun" is not supported)"},
      {R"({"definitions": {"unused": {"type": "text"}}})",
       R"(#/definitions/unused: "type" names no JSON type)"},
      {R"({"type": []})", R"(#: "type" must name at least one type)"},
      {R"({"type": ["null", "null"]})", R"(#: "type" names a type twice)"},
      {R"({"type": 1})", R"(#: "type" must be a string or a list of strings)"},
      {R"({"enum": []})", R"(#: "enum" must be a list of at least one value)"},
      {R"({"enum": {}})", R"(#: "enum" must be a list of at least one value)"},
      {R"({"required": "a"})", R"(#: "required" must be a list of different strings)"},
      {R"({"required": [1]})", R"(#: "required" must be a list of different strings)"},
      {R"({"required": ["a", "a"]})", R"(#: "required" must be a list of different strings)"},
      {R"({"properties": []})", R"(#: "properties" must be an object)"},
      {R"({"definitions": 1})", R"(#: "definitions" must be an object)"},
      {R"({"minLength": -1})", R"(#: "minLength" must be an integer from 0 on)"},
      {R"({"maxItems": 1.5})", R"(#: "maxItems" must be an integer from 0 on)"},
      {R"({"maxProperties": "1"})", R"(#: "maxProperties" must be an integer from 0 on)"},
      {R"({"minItems": 1e30})", R"(#: "minItems" must be an integer from 0 on)"},
      {R"({"maximum": "1"})", R"(#: "maximum" must be a number)"},
      {R"({"multipleOf": 0})", R"(#: "multipleOf" must be above 0)"},
      {R"({"multipleOf": -0.5})", R"(#: "multipleOf" must be above 0)"},
      {R"({"uniqueItems": 1})", R"(#: "uniqueItems" must be true or false)"},
      {R"({"format": "ipv4"})", R"(#: "format" must be uri, email, date-time or uuid)"},
      {R"({"format": 1})", R"(#: "format" must be uri, email, date-time or uuid)"},
      {R"({"allOf": []})", R"(#: "allOf" must be a list of at least one schema)"},
      {R"({"anyOf": {}})", R"(#: "anyOf" must be a list of at least one schema)"},
      {R"({"oneOf": [1]})", "#/oneOf/0: a schema must be an object, true or false"},
      {R"({"not": 1})", "#/not: a schema must be an object, true or false"},
      {R"({"items": {"$id": "x"}})", R"(#/items: "$id" is supported at the root only)"},
      {R"({"$ref": 1})", R"(#: "$ref" must be a string)"},
      {R"({"$ref": "other.json"})", R"(#: "$ref" must be # or a JSON Pointer after #)"},
      {R"({"$ref": "#name"})", R"(#: "$ref" must be # or a JSON Pointer after #)"},
      {R"({"$ref": "#/%4"})", R"(#: "$ref" must be # or a JSON Pointer after #)"},
      {R"({"$ref": "#/definitions/none", "definitions": {}})", R"(#: "$ref" leads to no schema)"},
      {R"({"items": {"$ref": "#/definitions"}, "definitions": {}})", R"(#/items: "$ref" leads to no schema)"},
      {R"({"items": {"$ref": "#/enum/0"}, "enum": [{}]})", R"(#/items: "$ref" leads to no schema)"},
      {R"({"items": {"$ref": "#/"}})", R"(#/items: "$ref" leads to no schema)"},
      {R"({"items": {"$ref": "#/allOf/9"}, "allOf": [true]})", R"(#/items: "$ref" leads to no schema)"},
      {R"({"items": {"$ref": "#/allOf/4294967296"}, "allOf": [true]})",
       R"(#/items: "$ref" leads to no schema)"},
      {R"({"items": {"$ref": "#", "type": "array"}})",
       R"(#/items: "type" beside $ref has no effect; put both into an allOf)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.schema);
    Schema schema;
    CHECK(compile(schema, row.schema) == row.message);
  }
}

TEST_CASE("Paths start with the given base", "[schema]") {
  const Schema schema = compiled(R"({"type": "object", "required": ["a"]})");
  Document document;
  std::vector<Fault> faults;
  REQUIRE(!document.parse("1"));
  CHECK_FALSE(schema.validate(document.root(), "/jobs/0/payload", faults));
  REQUIRE(!document.parse("{}"));
  CHECK_FALSE(schema.validate(document.root(), "/jobs/1/payload", faults));
  REQUIRE(faults.size() == 2);
  CHECK(faults[0].path == "/jobs/0/payload");
  CHECK(faults[1].path == "/jobs/1/payload/a");
}

TEST_CASE("Annotations and keywords without a partner check nothing", "[schema]") {
  const Schema schema = compiled(R"({
    "$schema": "http://json-schema.org/draft-07/schema#", "$id": "urn:x", "$comment": "c", "title": "t",
    "description": "d", "default": 5, "examples": [1],
    "then": false, "else": false, "additionalItems": false
  })");
  CHECK(passes(schema, "[1]"));
  CHECK(passes(schema, "{}"));
}

TEST_CASE("A $ref finds its schema by any JSON Pointer, escaped and percent-encoded", "[schema]") {
  const Schema schema = compiled(R"({
    "definitions": {"a/b": {"type": "null"}, "c~d": {"type": "null"}, "e%f g": {"type": "null"}, "": true},
    "allOf": [{"properties": {"deep": {"type": "null"}}}],
    "properties": {
      "slash": {"$ref": "#/definitions/a~1b"}, "tilde": {"$ref": "#/definitions/c~0d"},
      "percent": {"$ref": "#/definitions/e%25f%20g"}, "list": {"$ref": "#/allOf/0/properties/deep"},
      "empty": {"$ref": "#/definitions/"}, "chain": {"$ref": "#/properties/slash"}
    }
  })");
  for (const char* name : {"slash", "tilde", "percent", "list", "chain"}) {
    CAPTURE(name);
    CHECK(passes(schema, std::string("{\"") + name + "\": null}"));
    CHECK_FALSE(passes(schema, std::string("{\"") + name + "\": 1}"));
  }
  CHECK(passes(schema, R"({"empty": 1})"));
}

TEST_CASE("Schemas that apply themselves to the same value are refused", "[schema]") {
  const std::string message =
      "#: $ref, allOf, anyOf, oneOf, not and if go in a circle or too deep without entering the value";
  const char* circles[] = {
      R"({"$ref": "#"})",
      R"({"allOf": [{"$ref": "#"}]})",
      R"({"not": {"anyOf": [true, {"if": {"oneOf": [{"$ref": "#"}]}}]}})",
      R"({"if": true, "else": {"$ref": "#"}})",
      R"({"items": {"$ref": "#/definitions/a"},
          "definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}}})",
  };
  for (const char* circle : circles) {
    CAPTURE(circle);
    Schema schema;
    CHECK(compile(schema, circle) == message);
  }

  const auto chain = [](int links) { return repeat(R"({"not":)", links) + "true" + repeat("}", links); };
  Schema schema;
  CHECK(compile(schema, chain(sluice::kSchemaChainMax - 1)).empty());
  CHECK(compile(schema, chain(sluice::kSchemaChainMax)) == message);

  // A chain of ten is short by itself, but not at the end of another one.
  const auto joined = [](int links) {
    return R"({"allOf": [{"$ref": "#/definitions/ten"}, )" + repeat(R"({"not":)", links) +
           R"({"$ref": "#/definitions/ten"})" + repeat("}", links) + R"(], "definitions": {"ten": )" +
           repeat(R"({"not":)", 9) + "true" + repeat("}", 9) + "}}";
  };
  CHECK(compile(schema, joined(4)).empty());
  CHECK(compile(schema, joined(5)) == message);
}

TEST_CASE("Schemas may be nested kSchemaDepthMax deep", "[schema]") {
  const auto nested = [](int levels) {
    return repeat(R"({"items":)", levels) + "true" + repeat("}", levels);
  };
  Schema schema;
  CHECK(compile(schema, nested(sluice::kSchemaDepthMax)).empty());
  const std::string refusal = compile(schema, nested(sluice::kSchemaDepthMax + 1));
  CHECK(refusal == "#" + repeat("/items", sluice::kSchemaDepthMax + 1) + ": schemas are nested too deep");
}

TEST_CASE("A value in a schema may be as deep as the reader takes it", "[schema]") {
  const auto nested = [](int levels) {
    return R"({"const":)" + repeat("[", levels) + repeat("]", levels) + "}";
  };
  const Schema schema = compiled(nested(sluice::json::kDepthMax - 1));
  CHECK(passes(schema, repeat("[", sluice::json::kDepthMax - 1) + repeat("]", sluice::json::kDepthMax - 1)));
  CHECK_FALSE(passes(schema, "[]"));
}

TEST_CASE("The deepest document passes through the longest chain of a schema that refers to itself",
          "[schema]") {
  std::string source = R"({"items": {"$ref": "#"}})";
  for (int link = 2; link < sluice::kSchemaChainMax; ++link) source = R"({"allOf": [)" + source + "]}";
  const Schema schema = compiled(source);
  CHECK(passes(schema, repeat("[", sluice::json::kDepthMax) + repeat("]", sluice::json::kDepthMax)));
}

TEST_CASE("A failed compilation leaves the schema as it was", "[schema]") {
  Schema schema = compiled(R"({"type": "string"})");
  CHECK_FALSE(compile(schema, R"({"type": "no type"})").empty());
  CHECK(passes(schema, "\"x\""));
  CHECK_FALSE(passes(schema, "1"));
  REQUIRE(compile(schema, R"({"type": "integer"})").empty());
  CHECK(passes(schema, "1"));
  const Schema moved = std::move(schema);
  CHECK_FALSE(passes(moved, "\"x\""));
}

TEST_CASE("A schema that was never compiled takes everything", "[schema]") { CHECK(passes(Schema(), "[1]")); }

TEST_CASE("At most kFaultsMax faults are listed, earlier ones counted, and none is invented", "[schema]") {
  const Schema schema = compiled(R"({"items": {"type": "string"}})");
  const std::string text = "[" + repeat("1,", 99) + "1]";
  Document document;
  REQUIRE(!document.parse(text));
  std::vector<Fault> faults = {{"/earlier", "required", "is required"}};
  CHECK_FALSE(schema.validate(document.root(), "", faults));
  REQUIRE(faults.size() == sluice::kFaultsMax);
  CHECK(faults.front().path == "/earlier");
  CHECK(faults.back().path == "/48");

  CHECK_FALSE(schema.validate(document.root(), "", faults));
  CHECK(faults.size() == sluice::kFaultsMax);
  REQUIRE(!document.parse(R"(["x"])"));
  CHECK(schema.validate(document.root(), "", faults));
}

TEST_CASE("Only so many missing members are listed as there is room for", "[schema]") {
  std::string names;
  for (int n = 0; n < 100; ++n) names.append(n > 0 ? "," : "").append("\"m" + std::to_string(n) + "\"");
  const Schema schema = compiled(R"({"required": [)" + names + "]}");
  Document document;
  REQUIRE(!document.parse("{}"));
  std::vector<Fault> faults;
  CHECK_FALSE(schema.validate(document.root(), "", faults));
  REQUIRE(faults.size() == sluice::kFaultsMax);
  CHECK(faults.back().path == "/m49");
}

TEST_CASE("Long lists of values are not repeated in messages", "[schema]") {
  const std::string values = "[" + repeat("0,", 200) + "1]";
  const Schema schema = compiled(R"({"items": [{"enum": )" + values + R"(}, {"const": )" + values + "}]}");
  Document document;
  REQUIRE(!document.parse("[-1,-1]"));
  std::vector<Fault> faults;
  CHECK_FALSE(schema.validate(document.root(), "", faults));
  REQUIRE(faults.size() == 2);
  CHECK(faults[0].message == "is not one of the allowed values");
  CHECK(faults[1].message == "is not the only allowed value");
}

TEST_CASE("Very long arrays are searched for repeats without comparing each with each", "[schema]") {
  const Schema schema = compiled(R"({"uniqueItems": true})");
  std::string text = "[";
  for (int n = 0; n < 100'000; ++n) text.append("{\"k\":").append(std::to_string(n)).append("},");
  CHECK(passes(schema, text + "0]"));
  CHECK_FALSE(passes(schema, text + "{\"k\":5e4}]"));
}

TEST_CASE("pointer() escapes tilde and slash", "[schema]") {
  CHECK(sluice::pointer("", "a") == "/a");
  CHECK(sluice::pointer("/a", "") == "/a/");
  CHECK(sluice::pointer("/a", "b/c~d~1") == "/a/b~1c~0d~01");
}
