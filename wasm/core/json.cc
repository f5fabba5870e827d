#include "core/json.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/order.h"
#include "core/words.h"

namespace sluice::json {
namespace {

constexpr std::string_view kNames[] = {
    "ok",
    "empty",
    "unexpected_end",
    "unexpected_byte",
    "nul_byte",
    "control_in_string",
    "bad_escape",
    "lone_surrogate",
    "bad_utf8",
    "bad_number",
    "number_out_of_range",
    "duplicate_key",
    "too_deep",
    "too_many_values",
    "trailing_bytes",
};
static_assert(std::size(kNames) == static_cast<size_t>(Code::kCount));

// Objects up to this many members compare each new key with the earlier ones; beyond it, sorting all keys
// when the object closes is cheaper, and cannot be made quadratic by any choice of keys.
constexpr uint32_t kLinearKeysMax = 16;

// Room is made at once for so many values that a text of long ones wastes none, and one of short ones grows
// twice.
constexpr size_t kBytesPerValue = 24;

// Arrays of up to this many elements are walked for one of them; of longer ones the places are kept.
constexpr uint32_t kLinearElementsMax = 16;

// Any literal whose integer digits plus exponent stay within this is below 1e308, hence a finite double.
constexpr int64_t kSafeMagnitude = 308;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// Whether a byte straight after a number makes it a malformed number rather than a number and junk.
bool continues_number(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return is_digit(c) || (lower >= 'a' && lower <= 'z') || c == '.' || c == '+' || c == '-';
}

// Length of the well-formed UTF-8 sequence (Unicode, table 3-7) of a non-ASCII character at `p`, or 0.
size_t utf8_length(const char* p, const char* end) {
  const auto byte = [p](size_t n) { return static_cast<unsigned char>(p[n]); };
  const auto left = static_cast<size_t>(end - p);
  const unsigned lead = byte(0);
  const size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || left < length) return 0;
  const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < low || byte(1) > high) return 0;
  for (size_t n = 2; n < length; ++n) {
    if ((byte(n) & 0xc0) != 0x80) return 0;
  }
  return length;
}

void append_utf8(std::string& out, uint32_t point) {
  const auto put = [&out](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | (point >> 6));
    put(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    put(0xe0 | (point >> 12));
    put(0x80 | ((point >> 6) & 0x3f));
    put(0x80 | (point & 0x3f));
  } else {
    put(0xf0 | (point >> 18));
    put(0x80 | ((point >> 12) & 0x3f));
    put(0x80 | ((point >> 6) & 0x3f));
    put(0x80 | (point & 0x3f));
  }
}

// The value of the four hex digits at `p`, or -1 where one of them is none.
int32_t hex4(const char* p) {
  int32_t value = 0;
  for (int n = 0; n < 4; ++n) {
    const char c = p[n];
    const char lower = static_cast<char>(c | 0x20);
    int32_t digit = 0;
    if (is_digit(c)) {
      digit = c - '0';
    } else if (lower >= 'a' && lower <= 'f') {
      digit = lower - 'a' + 10;
    } else {
      return -1;
    }
    value = value * 16 + digit;
  }
  return value;
}

}  // namespace

// One reading of one text into a Document's lists. Its steps return false once code_ is set.
class Reader {
 public:
  Reader(Document& doc, std::string_view text)
      : doc_(doc), nodes_(doc.nodes_), begin_(text.data()), p_(begin_), end_(begin_ + text.size()) {}

  Error read();

 private:
  bool fail(Code code) {
    code_ = code;
    return false;
  }
  bool fail_at(const char* p, Code code) {
    p_ = p;
    return fail(code);
  }
  // Refuses the byte at p_, or the end of the text.
  bool refuse(Code code) {
    if (p_ == end_) return fail(Code::unexpected_end);
    return fail(*p_ == '\0' ? Code::nul_byte : code);
  }
  void skip_space() {
    while (p_ != end_ && is_space(*p_)) ++p_;
  }

  bool document();
  bool value(bool& opened);
  bool scalar(Node& node);
  bool open(Node& node, bool& opened);
  bool close();
  bool key();
  bool key_is_new(uint32_t object);
  bool keys_differ(uint32_t object);
  bool literal(std::string_view word);
  bool number(Node& node);
  bool digits(const char*& p, const char* first);
  bool string(std::string_view& content);
  bool escape();
  bool unicode_escape();

  Document& doc_;
  std::vector<Node>& nodes_;
  const char* begin_;
  const char* p_;
  const char* end_;
  Code code_ = Code::ok;
  std::string_view key_;  // of the member whose value comes next
  int depth_ = 0;
  uint32_t open_[kDepthMax];  // nodes of the arrays and objects around p_, outermost first
};

Error Reader::read() {
  if (document()) return {};
  nodes_.clear();
  return {code_, static_cast<size_t>(p_ - begin_)};
}

bool Reader::document() {
  skip_space();
  if (p_ == end_) return fail(Code::empty);
  for (;;) {
    bool opened = false;
    if (!value(opened)) return false;
    if (opened) continue;
    for (;;) {
      skip_space();
      if (depth_ == 0) return p_ == end_ || refuse(Code::trailing_bytes);
      const bool in_object = nodes_[open_[depth_ - 1]].kind == Kind::object;
      if (p_ == end_) return fail(Code::unexpected_end);
      if (*p_ == ',') {
        ++p_;
        if (in_object && !key()) return false;
        break;
      }
      if (*p_ != (in_object ? '}' : ']')) return refuse(Code::unexpected_byte);
      if (!close()) return false;
    }
  }
}

// Reads the value at p_, or the opening of a container: `opened` says that its first element comes next.
bool Reader::value(bool& opened) {
  skip_space();
  if (p_ == end_) return fail(Code::unexpected_end);
  if (nodes_.size() == kValuesMax) return fail(Code::too_many_values);
  if (depth_ > 0) ++nodes_[open_[depth_ - 1]].count;
  const auto index = static_cast<uint32_t>(nodes_.size());
  Node& node = nodes_.emplace_back();
  node.key = key_;
  key_ = {};
  node.next = index + 1;
  const char* const start = p_;
  if (*p_ == '{' || *p_ == '[') return open(node, opened);
  if (!scalar(node)) return false;
  node.raw = {start, static_cast<size_t>(p_ - start)};
  return true;
}

bool Reader::scalar(Node& node) {
  switch (*p_) {
    case '"':
      node.kind = Kind::string;
      return string(node.text);
    case 't':
      node.kind = Kind::boolean;
      node.truth = true;
      return literal("true");
    case 'f':
      node.kind = Kind::boolean;
      return literal("false");
    case 'n':
      return literal("null");
    case '.':
    case '+':
    case 'N':
    case 'I':
      return fail(Code::bad_number);
    default:
      if (*p_ != '-' && !is_digit(*p_)) return refuse(Code::unexpected_byte);
      node.kind = Kind::number;
      return number(node);
  }
}

bool Reader::open(Node& node, bool& opened) {
  if (depth_ == kDepthMax) return fail(Code::too_deep);
  node.kind = *p_ == '{' ? Kind::object : Kind::array;
  const bool is_object = node.kind == Kind::object;
  node.raw = {p_, 1};
  open_[depth_++] = node.next - 1;
  ++p_;
  skip_space();
  if (p_ == end_) return fail(Code::unexpected_end);
  if (*p_ == (is_object ? '}' : ']')) return close();
  opened = true;
  return !is_object || key();
}

// Takes the bracket at p_, which closes the innermost container.
bool Reader::close() {
  const uint32_t index = open_[--depth_];
  Node& node = nodes_[index];
  ++p_;
  node.next = static_cast<uint32_t>(nodes_.size());
  node.raw = {node.raw.data(), static_cast<size_t>(p_ - node.raw.data())};
  return node.kind != Kind::object || node.count <= kLinearKeysMax || keys_differ(index);
}

bool Reader::key() {
  skip_space();
  if (p_ == end_ || *p_ != '"') return refuse(Code::unexpected_byte);
  if (!string(key_)) return false;
  if (!key_is_new(open_[depth_ - 1])) return fail(Code::duplicate_key);
  skip_space();
  if (p_ == end_ || *p_ != ':') return refuse(Code::unexpected_byte);
  ++p_;
  return true;
}

// Compares key_ with the members so far; in an object that grows large, keys_differ() does it at the end.
bool Reader::key_is_new(uint32_t object) {
  const uint32_t count = nodes_[object].count;
  if (count >= kLinearKeysMax) return true;
  uint32_t member = object + 1;
  for (uint32_t n = 0; n < count; ++n) {
    const Node& node = nodes_[member];
    if (node.key == key_) return false;
    member = node.next;
  }
  return true;
}

// Sorts the members of a closed object by key and finds the earliest one that repeats a key.
bool Reader::keys_differ(uint32_t object) {
  std::vector<uint32_t>& members = doc_.by_key_;
  members.clear();
  for (uint32_t member = object + 1; member != nodes_[object].next; member = nodes_[member].next) {
    members.push_back(member);
  }
  sort_indices(members, &nodes_, [](const void* context, uint32_t a, uint32_t b) {
    const auto& nodes = *static_cast<const std::vector<Node>*>(context);
    const std::string_view left = nodes[a].key;
    const std::string_view right = nodes[b].key;
    if (left.size() != right.size()) return left.size() < right.size();
    const int order = left.compare(right);
    return order != 0 ? order < 0 : a < b;
  });
  uint32_t repeated = std::numeric_limits<uint32_t>::max();
  for (size_t n = 1; n < members.size(); ++n) {
    if (nodes_[members[n]].key == nodes_[members[n - 1]].key) repeated = std::min(repeated, members[n]);
  }
  if (repeated == std::numeric_limits<uint32_t>::max()) return true;
  // Only white space and a colon stand between the key's closing quote and the value.
  const char* after_key = nodes_[repeated].raw.data();
  while (after_key[-1] != '"') --after_key;
  return fail_at(after_key, Code::duplicate_key);
}

bool Reader::literal(std::string_view word) {
  for (const char expected : word) {
    if (p_ == end_ || *p_ != expected) return refuse(Code::unexpected_byte);
    ++p_;
  }
  return true;
}

// Moves `p` over digits, of which there must be one; `first` is where they have to start.
bool Reader::digits(const char*& p, const char* first) {
  p = first;
  while (p != end_ && is_digit(*p)) ++p;
  return p != first || fail_at(p, Code::bad_number);
}

bool Reader::number(Node& node) {
  const char* const start = p_;
  const bool negative = *start == '-';
  const char* const integer = start + (negative ? 1 : 0);
  const char* p = integer;
  uint64_t value = 0;  // right up to 19 digits; beyond that it wraps and is not used
  while (p != end_ && is_digit(*p)) value = value * 10 + static_cast<uint64_t>(*p++ - '0');
  const int64_t integer_digits = p - integer;
  if (integer_digits == 0) return fail_at(p, Code::bad_number);
  if (*integer == '0' && integer_digits > 1) return fail_at(integer + 1, Code::bad_number);

  bool is_plain = true;
  if (p != end_ && *p == '.') {
    is_plain = false;
    if (!digits(p, p + 1)) return false;
  }
  int64_t exponent = 0;
  if (p != end_ && (*p == 'e' || *p == 'E')) {
    is_plain = false;
    ++p;
    const bool shrinks = p != end_ && *p == '-';
    const char* const first = p != end_ && (*p == '-' || *p == '+') ? p + 1 : p;
    if (!digits(p, first)) return false;
    // Ten to the power of kNumberBytesMax is infinite already, whatever digits go with it.
    for (const char* d = first; d != p && exponent <= 10 * static_cast<int64_t>(kNumberBytesMax); ++d) {
      exponent = exponent * 10 + (*d - '0');
    }
    if (shrinks) exponent = -exponent;
  }
  if (p != end_ && continues_number(*p)) return fail_at(p, Code::bad_number);

  const std::string_view literal(start, static_cast<size_t>(p - start));
  if (literal.size() > kNumberBytesMax) return fail(Code::number_out_of_range);
  if (integer_digits + exponent > kSafeMagnitude && std::isinf(decimal_to_double(literal))) {
    return fail(Code::number_out_of_range);
  }
  const uint64_t limit = static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) + (negative ? 1 : 0);
  node.truth = is_plain && integer_digits <= 19 && value <= limit;
  if (node.truth) node.integer = static_cast<int64_t>(negative ? 0 - value : value);
  p_ = p;
  return true;
}

// Reads the string at p_. Its content is a view of the text, or of unescaped_ where it holds an escape.
bool Reader::string(std::string_view& content) {
  std::string& unescaped = doc_.unescaped_;
  const size_t first = unescaped.size();
  const char* run = ++p_;  // what has not been copied yet
  bool has_escape = false;
  for (;;) {
    p_ = skip_plain<true>(p_, end_);
    if (p_ == end_) return fail(Code::unexpected_end);
    const auto byte = static_cast<unsigned char>(*p_);
    if (byte == '"') break;
    if (byte == '\\') {
      // Content is never longer than its text: reserved once, the buffer does not move under the views.
      if (unescaped.empty()) unescaped.reserve(static_cast<size_t>(end_ - begin_));
      has_escape = true;
      unescaped.append(run, static_cast<size_t>(p_ - run));
      if (!escape()) return false;
      run = p_;
    } else if (byte >= 0x80) {
      const size_t length = utf8_length(p_, end_);
      if (length == 0) return fail(Code::bad_utf8);
      p_ += length;
    } else {
      return refuse(Code::control_in_string);
    }
  }
  const auto rest = static_cast<size_t>(p_ - run);
  ++p_;
  if (!has_escape) {
    content = {run, rest};
    return true;
  }
  unescaped.append(run, rest);
  content = std::string_view(unescaped).substr(first);
  return true;
}

// Takes the escape at p_ and appends what it stands for to unescaped_.
bool Reader::escape() {
  if (end_ - p_ < 2) return fail_at(end_, Code::unexpected_end);
  static constexpr std::string_view kLetters = "\"\\/bfnrt";
  static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const char letter = p_[1];
  if (letter == 'u') return unicode_escape();
  const size_t which = kLetters.find(letter);
  if (which == std::string_view::npos) return fail(Code::bad_escape);
  doc_.unescaped_.push_back(kMeanings[which]);
  p_ += 2;
  return true;
}

bool Reader::unicode_escape() {
  constexpr ptrdiff_t kLength = 6;  // \uXXXX
  for (const char* p = p_ + 2; p != p_ + kLength; ++p) {
    if (p == end_) return fail_at(end_, Code::unexpected_end);
    if (*p == '"') return fail(Code::bad_escape);
  }
  const int32_t unit = hex4(p_ + 2);
  if (unit < 0) return fail(Code::bad_escape);
  if (unit < 0xd800 || unit > 0xdfff) {
    append_utf8(doc_.unescaped_, static_cast<uint32_t>(unit));
    p_ += kLength;
    return true;
  }
  const char* const second = p_ + kLength;
  const bool pairs = unit < 0xdc00 && end_ - second >= kLength && second[0] == '\\' && second[1] == 'u';
  const int32_t low = pairs ? hex4(second + 2) : -1;
  if (low < 0xdc00 || low > 0xdfff) return fail(Code::lone_surrogate);
  append_utf8(doc_.unescaped_, 0x10000 + static_cast<uint32_t>((unit - 0xd800) * 0x400 + (low - 0xdc00)));
  p_ += 2 * kLength;
  return true;
}

std::string_view name(Code code) { return kNames[static_cast<size_t>(code)]; }

Error Document::parse(std::string_view text) {
  nodes_.clear();
  nodes_.reserve(text.size() / kBytesPerValue);
  indexed_ = kNoArray;
  unescaped_.clear();
  return Reader(*this, text).read();
}

int64_t Value::integer(int64_t fallback) const {
  const Node& n = node();
  return n.kind == Kind::number && n.truth ? n.integer : fallback;
}

double Value::number() const {
  const Node& n = node();
  if (n.kind != Kind::number) return 0;
  return n.truth ? static_cast<double>(n.integer) : decimal_to_double(n.raw);
}

bool Value::truth(bool fallback) const {
  const Node& n = node();
  return n.kind == Kind::boolean ? n.truth : fallback;
}

Value Value::find(std::string_view key) const {
  if (!is(Kind::object)) return {};
  for (const Value member : *this) {
    if (member.key() == key) return member;
  }
  return {};
}

Value Value::at(uint32_t n) const {
  if (!is(Kind::array) || n >= size()) return {};
  return {doc_, doc_->element(index_, n)};
}

uint32_t Document::element(uint32_t array, uint32_t n) const {
  const Node& node = nodes_[array];
  const uint32_t first = array + 1;
  if (node.next - first == node.count) return first + n;  // scalars, a node each
  if (node.count > kLinearElementsMax) {
    if (indexed_ != array) index(array);
    return elements_[n];
  }
  uint32_t element = first;
  for (; n > 0; --n) element = nodes_[element].next;
  return element;
}

void Document::index(uint32_t array) const {
  elements_.clear();
  for (uint32_t element = array + 1; element != nodes_[array].next; element = nodes_[element].next) {
    elements_.push_back(element);
  }
  indexed_ = array;
}

}  // namespace sluice::json
