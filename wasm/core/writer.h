// Appends JSON text to a string: no tree, no allocation but the string's own growth.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace sluice::json {

// Writes one JSON document into `out`. The caller keeps begin/end balanced; commas are the writer's work.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  Writer& begin_object() { return open('{'); }
  Writer& end_object() { return close('}'); }
  Writer& begin_array() { return open('['); }
  Writer& end_array() { return close(']'); }
  // A member's key; the next call writes its value.
  Writer& key(std::string_view name);
  Writer& string(std::string_view text);
  Writer& integer(int64_t value);
  Writer& boolean(bool value);
  Writer& null();
  // Text that is already JSON, taken as it stands; null where it is empty (the text of a value that is
  // absent).
  Writer& raw(std::string_view json);
  // A string, or null where `text` is empty.
  Writer& string_or_null(std::string_view text) { return text.empty() ? null() : string(text); }
  // An integer, or null where `value` is 0 (times and sizes: 0 means "not set").
  Writer& integer_or_null(int64_t value) { return value == 0 ? null() : integer(value); }
  // Raw JSON, or null where `json` is empty.
  Writer& raw_or_null(std::string_view json) { return json.empty() ? null() : raw(json); }

 private:
  Writer& open(char bracket);
  Writer& close(char bracket);
  void separate();

  std::string& out_;
  bool comma_ = false;
};

// Appends `text` as a JSON string with quotes; `text` must be valid UTF-8.
void append_quoted(std::string& out, std::string_view text);

}  // namespace sluice::json
