#include <algorithm>
#include <utility>

#include "core/format.h"
#include "core/schema_rule.h"

namespace sluice {
namespace {

using Source = json::Value;
using json::Kind;
using Rule = Schema::Rule;

constexpr Format kFormats[] = {
    {"uri", "an absolute http or https URL", is_http_uri},
    {"email", "an e-mail address", is_email},
    {"date-time", "a date and time with offset (RFC 3339)", is_date_time},
    {"uuid", "a UUID", is_uuid},
};

constexpr std::string_view kAnnotations[] = {
    "title", "description", "default", "examples", "$comment", "$schema",
};

template <typename Member>
struct Keyword {
  std::string_view name;
  Member Rule::*member;
};

constexpr Keyword<const Rule*> kSchemas[] = {
    {"additionalProperties", &Rule::additional_properties},
    {"propertyNames", &Rule::property_names},
    {"additionalItems", &Rule::additional_items},
    {"contains", &Rule::contains},
    {"not", &Rule::not_allowed},
    {"if", &Rule::condition},
    {"then", &Rule::consequence},
    {"else", &Rule::alternative},
};

constexpr Keyword<std::vector<const Rule*>> kSchemaLists[] = {
    {"allOf", &Rule::all_of},
    {"anyOf", &Rule::any_of},
    {"oneOf", &Rule::one_of},
};

constexpr Keyword<int64_t> kCounts[] = {
    {"minProperties", &Rule::min_properties}, {"maxProperties", &Rule::max_properties},
    {"minItems", &Rule::min_items},           {"maxItems", &Rule::max_items},
    {"minLength", &Rule::min_length},         {"maxLength", &Rule::max_length},
};

constexpr Keyword<std::optional<Bound>> kBounds[] = {
    {"minimum", &Rule::minimum},
    {"maximum", &Rule::maximum},
    {"exclusiveMinimum", &Rule::exclusive_minimum},
    {"exclusiveMaximum", &Rule::exclusive_maximum},
    {"multipleOf", &Rule::multiple_of},
};

template <typename Table>
auto find(const Table& table, std::string_view name) -> decltype(&table[0]) {
  for (const auto& row : table) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

// Whether the name alone says that nothing is checked.
bool is_annotation(std::string_view name) {
  for (const std::string_view annotation : kAnnotations) {
    if (annotation == name) return true;
  }
  return false;
}

// False where `source` is no number.
bool read_number(Source source, json::Number& number) {
  if (!source.is(Kind::number)) return false;
  number = json::Number::of(source);
  return true;
}

// Reads a JSON array of values. It cannot fail: they are part of a document that has been read.
std::unique_ptr<Literals> literals(std::string array) {
  auto out = std::make_unique<Literals>();
  out->text = std::move(array);
  (void)out->values.parse(out->text);
  return out;
}

Property& property(Rule& rule, std::string_view name) {
  for (Property& known : rule.properties) {
    if (known.name == name) return known;
  }
  return rule.properties.emplace_back(Property{std::string(name), nullptr, false});
}

// Replaces each %XX of a URI fragment by its byte; false where two hex digits are missing.
bool percent_decode(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef0123456789ABCDEF";
  for (size_t n = 0; n < text.size(); ++n) {
    if (text[n] != '%') {
      out.push_back(text[n]);
      continue;
    }
    if (text.size() - n < 3) return false;
    const size_t high = kHex.find(text[n + 1]);
    const size_t low = kHex.find(text[n + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    out.push_back(static_cast<char>(high % 16 * 16 + low % 16));
    n += 2;
  }
  return true;
}

// Undoes pointer()'s escaping of one token.
std::string unescape(std::string_view token) {
  std::string out;
  for (size_t n = 0; n < token.size(); ++n) {
    const bool escaped = token[n] == '~' && n + 1 < token.size();
    out.push_back(!escaped ? token[n] : token[++n] == '0' ? '~' : '/');
  }
  return out;
}

// The member or element that one token of a JSON Pointer names, or an absent value.
Source step(Source from, const std::string& token) {
  if (from.is(Kind::object)) return from.find(token);
  if (!from.is(Kind::array) || token.empty() || token.size() > 6) return {};
  uint32_t index = 0;
  for (const char digit : token) {
    if (digit < '0' || digit > '9') return {};
    index = index * 10 + static_cast<uint32_t>(digit - '0');
  }
  return from.at(index);
}

// One compilation. Its steps return false (or null) once error_ is set. `where` is the JSON Pointer of the
// schema at hand, as messages show it.
class Compiler {
 public:
  explicit Compiler(Source root) : root_(root) {}

  std::string run();
  std::vector<std::unique_ptr<Rule>> take_rules() { return std::move(rules_); }

 private:
  struct Reference {
    Rule* from;
    std::string target;
    std::string where;
  };

  bool fail(const std::string& where, std::string_view what);
  bool refuse(const std::string& where, std::string_view keyword, std::string_view what);

  const Rule* schema(Source source, const std::string& where, int depth);
  bool keyword(std::string_view name, Source value, Rule& rule, const std::string& where, int depth);
  bool table_keyword(std::string_view name, Source value, Rule& rule, const std::string& where, int depth);
  bool schema_list(std::string_view name, Source value, std::vector<const Rule*>& list,
                   const std::string& where, int depth);
  bool items(Source value, Rule& rule, const std::string& where, int depth);
  bool properties(Source value, Rule& rule, const std::string& where, int depth);
  bool definitions(Source value, const std::string& where, int depth);
  bool required(Source value, Rule& rule, const std::string& where);
  bool type_name(Source value, Rule& rule, const std::string& where);
  bool types(Source value, Rule& rule, const std::string& where);
  bool format(Source value, Rule& rule, const std::string& where);
  bool reference(Source source, Rule& rule, const std::string& where, int depth);
  bool resolve(const Reference& reference);
  bool measure(const Rule& rule, int level);

  Source root_;
  std::vector<std::unique_ptr<Rule>> rules_;
  std::vector<const json::Node*> sources_;  // of each rule, by index
  std::vector<int> heights_;                // of each rule, by index; 0: not measured yet
  std::vector<Reference> references_;
  std::string error_;
};

std::string Compiler::run() {
  if (schema(root_, "#", 0) == nullptr) return error_;
  for (const Reference& reference : references_) {
    if (!resolve(reference)) return error_;
  }
  heights_.assign(rules_.size(), 0);
  for (const std::unique_ptr<Rule>& rule : rules_) {
    if (!measure(*rule, 1)) return error_;
  }
  return {};
}

bool Compiler::fail(const std::string& where, std::string_view what) {
  error_.assign(where).append(": ").append(what);
  return false;
}

bool Compiler::refuse(const std::string& where, std::string_view keyword, std::string_view what) {
  return fail(where, std::string("\"").append(keyword).append("\" ").append(what));
}

const Rule* Compiler::schema(Source source, const std::string& where, int depth) {
  if (depth > kSchemaDepthMax) {
    fail(where, "schemas are nested too deep");
    return nullptr;
  }
  Rule& rule = *rules_.emplace_back(std::make_unique<Rule>());
  rule.index = sources_.size();
  sources_.push_back(&source.node());
  if (source.is(Kind::boolean)) {
    rule.never = !source.truth();
    return &rule;
  }
  if (!source.is(Kind::object)) {
    fail(where, "a schema must be an object, true or false");
    return nullptr;
  }
  if (source.find("$ref")) return reference(source, rule, where, depth) ? &rule : nullptr;
  for (const Source value : source) {
    if (!keyword(value.key(), value, rule, where, depth)) return nullptr;
  }
  rule.combines = rule.not_allowed != nullptr || rule.condition != nullptr;
  for (const auto& row : kSchemaLists) rule.combines |= !(rule.*row.member).empty();
  for (const auto& row : kBounds) rule.has_bounds |= (rule.*row.member).has_value();
  return &rule;
}

bool Compiler::keyword(std::string_view name, Source value, Rule& rule, const std::string& where, int depth) {
  if (is_annotation(name)) return true;
  if (name == "$id") return depth == 0 || refuse(where, name, "is supported at the root only");
  if (name == "type") return types(value, rule, where);
  if (name == "enum") {
    if (!value.is(Kind::array) || value.size() == 0)
      return refuse(where, name, "must be a list of at least one value");
    rule.enumeration = literals(std::string(value.raw()));
    return true;
  }
  if (name == "const") {
    rule.constant = literals(std::string("[").append(value.raw()).append("]"));
    return true;
  }
  if (name == "properties") return properties(value, rule, where, depth);
  if (name == "definitions") return definitions(value, where, depth);
  if (name == "required") return required(value, rule, where);
  if (name == "items") return items(value, rule, where, depth);
  if (name == "format") return format(value, rule, where);
  if (name == "uniqueItems") {
    if (!value.is(Kind::boolean)) return refuse(where, name, "must be true or false");
    rule.unique_items = value.truth();
    return true;
  }
  return table_keyword(name, value, rule, where, depth);
}

bool Compiler::table_keyword(std::string_view name, Source value, Rule& rule, const std::string& where,
                             int depth) {
  if (const auto* row = find(kSchemas, name)) {
    rule.*row->member = schema(value, pointer(where, name), depth + 1);
    return rule.*row->member != nullptr;
  }
  if (const auto* row = find(kSchemaLists, name)) {
    return schema_list(name, value, rule.*row->member, where, depth);
  }
  json::Number number;
  if (const auto* row = find(kCounts, name)) {
    if (!read_number(value, number) || !number.exact || number.integer < 0) {
      return refuse(where, name, "must be an integer from 0 on");
    }
    rule.*row->member = number.integer;
    return true;
  }
  if (const auto* row = find(kBounds, name)) {
    if (!read_number(value, number)) return refuse(where, name, "must be a number");
    if (name == "multipleOf" && compare(number, json::Number::of(int64_t{0})) <= 0) {
      return refuse(where, name, "must be above 0");
    }
    rule.*row->member = Bound{number, std::string(value.raw())};
    return true;
  }
  return refuse(where, name, "is not supported");
}

bool Compiler::schema_list(std::string_view name, Source value, std::vector<const Rule*>& list,
                           const std::string& where, int depth) {
  if (!value.is(Kind::array) || value.size() == 0)
    return refuse(where, name, "must be a list of at least one schema");
  const std::string base = pointer(where, name);
  for (const Source element : value) {
    const Rule* rule = schema(element, pointer(base, std::to_string(list.size())), depth + 1);
    if (rule == nullptr) return false;
    list.push_back(rule);
  }
  return true;
}

bool Compiler::items(Source value, Rule& rule, const std::string& where, int depth) {
  if (!value.is(Kind::array)) {
    rule.items = schema(value, pointer(where, "items"), depth + 1);
    return rule.items != nullptr;
  }
  rule.has_item_list = true;
  return value.size() == 0 || schema_list("items", value, rule.item_list, where, depth);
}

bool Compiler::properties(Source value, Rule& rule, const std::string& where, int depth) {
  if (!value.is(Kind::object)) return refuse(where, "properties", "must be an object");
  const std::string base = pointer(where, "properties");
  for (const Source member : value) {
    const std::string_view name = member.key();
    const Rule* member_rule = schema(member, pointer(base, name), depth + 1);
    if (member_rule == nullptr) return false;
    property(rule, name).rule = member_rule;
  }
  return true;
}

bool Compiler::definitions(Source value, const std::string& where, int depth) {
  if (!value.is(Kind::object)) return refuse(where, "definitions", "must be an object");
  const std::string base = pointer(where, "definitions");
  for (const Source member : value) {
    const std::string_view name = member.key();
    if (schema(member, pointer(base, name), depth + 1) == nullptr) return false;
  }
  return true;
}

bool Compiler::required(Source value, Rule& rule, const std::string& where) {
  constexpr std::string_view kWhat = "must be a list of different strings";
  if (!value.is(Kind::array)) return refuse(where, "required", kWhat);
  for (const Source element : value) {
    if (!element.is(Kind::string)) return refuse(where, "required", kWhat);
    Property& named = property(rule, element.text());
    if (named.required) return refuse(where, "required", kWhat);
    named.required = true;
    ++rule.required;
  }
  return true;
}

bool Compiler::type_name(Source value, Rule& rule, const std::string& where) {
  if (!value.is(Kind::string)) return refuse(where, "type", "must be a string or a list of strings");
  const TypeName* row = find(kTypeNames, value.text());
  if (row == nullptr) return refuse(where, "type", "names no JSON type");
  if ((rule.types & row->bit) != 0) return refuse(where, "type", "names a type twice");
  rule.types |= row->bit;
  return true;
}

bool Compiler::types(Source value, Rule& rule, const std::string& where) {
  if (!value.is(Kind::array)) return type_name(value, rule, where);
  if (value.size() == 0) return refuse(where, "type", "must name at least one type");
  for (const Source element : value) {
    if (!type_name(element, rule, where)) return false;
  }
  return true;
}

bool Compiler::format(Source value, Rule& rule, const std::string& where) {
  if (value.is(Kind::string)) rule.format = find(kFormats, value.text());
  return rule.format != nullptr || refuse(where, "format", "must be uri, email, date-time or uuid");
}

// A schema with $ref. draft-07 ignores everything beside it, so only what checks nothing may stand there.
bool Compiler::reference(Source source, Rule& rule, const std::string& where, int depth) {
  for (const Source value : source) {
    const std::string_view name = value.key();
    if (name == "$ref" || is_annotation(name) || (name == "$id" && depth == 0)) continue;
    if (name != "definitions")
      return refuse(where, name, "beside $ref has no effect; put both into an allOf");
    if (!definitions(value, where, depth)) return false;
  }
  const Source target = source.find("$ref");
  if (!target.is(Kind::string)) return refuse(where, "$ref", "must be a string");
  references_.push_back({&rule, std::string(target.text()), where});
  return true;
}

bool Compiler::resolve(const Reference& reference) {
  std::string fragment;
  const bool is_local = !reference.target.empty() && reference.target[0] == '#';
  if (!is_local || !percent_decode(std::string_view(reference.target).substr(1), fragment) ||
      (!fragment.empty() && fragment[0] != '/')) {
    return refuse(reference.where, "$ref", "must be # or a JSON Pointer after #");
  }
  Source source = root_;
  for (size_t start = 1; source && start <= fragment.size();) {
    const size_t end = std::min(fragment.find('/', start), fragment.size());
    source = step(source, unescape(std::string_view(fragment).substr(start, end - start)));
    start = end + 1;
  }
  for (size_t n = 0; n < sources_.size() && source; ++n) {
    if (sources_[n] != &source.node()) continue;
    reference.from->ref = rules_[n].get();
    return true;
  }
  return refuse(reference.where, "$ref", "leads to no schema");
}

// Finds how long a chain of rules may apply to one value from `rule` on; `level` counts those before it.
bool Compiler::measure(const Rule& rule, int level) {
  int& height = heights_[rule.index];
  if (height == 0 && level <= kSchemaChainMax) {
    std::vector<const Rule*> next = {rule.ref, rule.not_allowed, rule.condition, rule.consequence,
                                     rule.alternative};
    for (const auto& row : kSchemaLists) {
      next.insert(next.end(), (rule.*row.member).begin(), (rule.*row.member).end());
    }
    int longest = 0;
    for (const Rule* other : next) {
      if (other == nullptr) continue;
      if (!measure(*other, level + 1)) return false;
      longest = std::max(longest, heights_[other->index]);
    }
    height = longest + 1;
  }
  if (height != 0 && level - 1 + height <= kSchemaChainMax) return true;
  return fail("#",
              "$ref, allOf, anyOf, oneOf, not and if go in a circle or too deep without entering the value");
}

}  // namespace

Schema::Schema() = default;
Schema::~Schema() = default;
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;

std::string Schema::compile(json::Value source) {
  Compiler compiler(source);
  std::string error = compiler.run();
  if (error.empty()) rules_ = compiler.take_rules();
  return error;
}

std::string pointer(std::string_view base, std::string_view token) {
  std::string out;
  out.reserve(base.size() + 1 + token.size());
  out.append(base).push_back('/');
  for (const char c : token) {
    if (c == '~') {
      out.append("~0");
    } else if (c == '/') {
      out.append("~1");
    } else {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace sluice
