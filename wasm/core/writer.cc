#include "core/writer.h"

#include <charconv>

#include "core/words.h"

namespace sluice::json {

void append_quoted(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.push_back('"');
  const char* const end = text.data() + text.size();
  for (const char* p = text.data();;) {
    const char* const special = skip_plain<false>(p, end);
    out.append(p, static_cast<size_t>(special - p));
    if (special == end) break;
    const auto byte = static_cast<unsigned char>(*special);
    p = special + 1;
    switch (byte) {
      case '"':
        out.append("\\\"");
        break;
      case '\\':
        out.append("\\\\");
        break;
      case '\n':
        out.append("\\n");
        break;
      case '\r':
        out.append("\\r");
        break;
      case '\t':
        out.append("\\t");
        break;
      default:
        out.append("\\u00");
        out.push_back(kHex[byte >> 4]);
        out.push_back(kHex[byte & 15]);
    }
  }
  out.push_back('"');
}

void Writer::separate() {
  if (comma_) out_.push_back(',');
  comma_ = true;
}

Writer& Writer::open(char bracket) {
  separate();
  out_.push_back(bracket);
  comma_ = false;
  return *this;
}

Writer& Writer::close(char bracket) {
  out_.push_back(bracket);
  comma_ = true;
  return *this;
}

Writer& Writer::key(std::string_view name) {
  separate();
  append_quoted(out_, name);
  out_.push_back(':');
  comma_ = false;
  return *this;
}

Writer& Writer::string(std::string_view text) {
  separate();
  append_quoted(out_, text);
  return *this;
}

Writer& Writer::integer(int64_t value) {
  separate();
  char digits[20];  // what the longest has, sign included
  const std::to_chars_result last = std::to_chars(digits, digits + sizeof digits, value);
  out_.append(digits, static_cast<size_t>(last.ptr - digits));
  return *this;
}

Writer& Writer::boolean(bool value) { return raw(value ? "true" : "false"); }

Writer& Writer::null() { return raw("null"); }

Writer& Writer::raw(std::string_view json) {
  separate();
  out_.append(json.empty() ? "null" : json);
  return *this;
}

}  // namespace sluice::json
