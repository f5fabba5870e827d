// Validation: a document against a schema, both from the input with a NUL byte between them. A verdict and
// its faults agree, every path leads into the document, and schemas that say the same in other words come to
// the same verdict.
#include "core/json.h"
#include "core/schema.h"
#include "tests/fuzz/support.h"

using namespace sluice::fuzz;
using sluice::Fault;
using sluice::Schema;
using sluice::json::Document;
using sluice::json::Kind;
using sluice::json::Value;

namespace {

// A JSON Pointer's token as the key that it stands for.
std::string unescape(std::string_view token) {
  std::string out;
  for (size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      out.push_back(token[i]);
      continue;
    }
    demand(i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1'), "a tilde is escaped");
    out.push_back(token[++i] == '0' ? '~' : '/');
  }
  return out;
}

Value child(Value parent, const std::string& key) {
  if (parent.is(Kind::object)) return parent.find(key);
  if (!parent.is(Kind::array) || key.empty() || key.size() > 9) return {};
  uint32_t n = 0;
  for (const char c : key) {
    if (c < '0' || c > '9') return {};
    n = n * 10 + static_cast<uint32_t>(c - '0');
  }
  return parent.at(n);
}

// The path leads to a value of the document; that of a missing member to the object that lacks it.
void check_path(Value root, const Fault& fault) {
  demand(fault.path.empty() || fault.path[0] == '/', "a path is a JSON Pointer");
  Value at = root;
  const auto tokens = split(fault.path, '/');
  for (size_t i = 1; i < tokens.size(); ++i) {
    const std::string key = unescape(tokens[i]);
    const Value next = child(at, key);
    if (fault.code == "required" && i + 1 == tokens.size()) {
      demand(at.is(Kind::object) && !next, "a required fault names a member that is missing");
      return;
    }
    demand(static_cast<bool>(next), "a path leads into the document");
    at = next;
  }
  demand(fault.code != "required" || tokens.size() > 1, "a required fault names a member");
}

void check_fault(Value root, const Fault& fault) {
  demand(!fault.code.empty() && !fault.message.empty(), "a fault has a code and a sentence");
  for (const char c : fault.code) demand((c >= 'a' && c <= 'z') || c == '_', "a code is snake_case");
  check_path(root, fault);
}

// The verdict of the schema `text`, or -1 where it is refused (too deep, as a part of another).
int verdict(const std::string& text, Value value) {
  Document source;
  Schema schema;
  if (source.parse(text) || !schema.compile(source.root()).empty()) return -1;
  std::vector<Fault> faults;
  return schema.validate(value, "", faults) ? 1 : 0;
}

// What holds for every schema without a $ref, which would mean another place when it stands inside another
// schema.
void check_other_words(std::string_view schema, Value value, int valid) {
  const std::string text(schema);
  const auto same = [&](const std::string& wrapped, int expected, const char* property) {
    const int found = verdict(wrapped, value);
    demand(found < 0 || found == expected, property);
  };
  same(R"({"allOf":[)" + text + ",true]}", valid, "allOf of a schema is that schema");
  same(R"({"anyOf":[false,)" + text + "]}", valid, "anyOf of a schema is that schema");
  same(R"({"oneOf":[)" + text + ",false]}", valid, "oneOf of a schema is that schema");
  same(R"({"oneOf":[)" + text + "," + text + "]}", 0, "oneOf of a schema twice takes nothing");
  same(R"({"not":)" + text + "}", 1 - valid, "not takes what the schema refuses");
  same(R"({"not":{"not":)" + text + "}}", valid, "not of not is the schema");
  same(R"({"if":)" + text + R"(,"then":true,"else":false})", valid, "if decides as the schema does");
}

void check(std::string_view source, const Schema& schema, Value root) {
  std::vector<Fault> faults;
  const bool valid = schema.validate(root, "", faults);
  demand(valid == faults.empty(), "a document is valid where it has no fault");
  demand(faults.size() <= sluice::kFaultsMax, "a list of faults is bounded");
  for (const Fault& fault : faults) check_fault(root, fault);

  std::vector<Fault> again;
  demand(schema.validate(root, "/payload", again) == valid && again.size() == faults.size(),
         "a verdict does not depend on the base");
  for (size_t i = 0; i < faults.size(); ++i) {
    demand(again[i].path == "/payload" + faults[i].path && again[i].code == faults[i].code,
           "every path starts with the base");
  }
  if (source.find("$ref") == std::string_view::npos && source.find("\\u") == std::string_view::npos &&
      source.find("$id") == std::string_view::npos) {
    check_other_words(source, root, valid ? 1 : 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t middle = input.find('\0');
  const std::string_view source = input.substr(0, middle);
  const std::string_view text = middle == std::string_view::npos ? "null" : input.substr(middle + 1);
  Document parsed;
  Schema schema;
  if (parsed.parse(source)) return 0;
  const std::string why = schema.compile(parsed.root());
  Document document;
  if (document.parse(text)) return 0;
  if (!why.empty()) {
    std::vector<Fault> faults;
    demand(schema.validate(document.root(), "", faults) && faults.empty(), "a refused schema checks nothing");
    return 0;
  }
  check(source, schema, document.root());
  return 0;
}
