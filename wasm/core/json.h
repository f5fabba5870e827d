// Strict single-pass JSON reader (RFC 8259) for everything that arrives from outside.
//
// One pass over the text checks the grammar and fills a flat, reusable list of nodes: no allocation per
// value, no recursion, no copy of the text. Every deviation has its own error code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/decimal.h"

namespace sluice::json {

// Deepest nesting accepted: `[` inside `[` … 64 times; the 65th is an error.
inline constexpr int kDepthMax = 64;
// Most values in one text, nested ones counted. A value costs 48 bytes in WASM, so that reading the worst
// text takes at most 50 MB of an isolate's 128 while the list grows.
inline constexpr uint32_t kValuesMax = 500'000;
// Longest number literal in bytes; more digits than this are noise.
inline constexpr size_t kNumberBytesMax = kDecimalBytesMax;

enum class Code : uint8_t {
  ok,
  empty,                // no value at all (zero bytes or only white space)
  unexpected_end,       // the text stops inside a value
  unexpected_byte,      // a byte the grammar does not allow here
  nul_byte,             // a raw 0x00 anywhere in the text
  control_in_string,    // a raw control character (below 0x20) inside a string
  bad_escape,           // `\x`, or `\u` without four hex digits
  lone_surrogate,       // `\ud800` without its second half: not expressible in UTF-8
  bad_utf8,             // malformed, overlong, surrogate or beyond U+10FFFF
  bad_number,           // `01`, `1.`, `.5`, `+1`, `0x1`, `NaN` …
  number_out_of_range,  // a magnitude that no IEEE 754 double holds (1e400), or over kNumberBytesMax bytes;
                        // 1e-400 is in range: it is 0
  duplicate_key,        // the same key twice in one object, compared after unescaping
  too_deep,             // nesting over kDepthMax
  too_many_values,      // more than kValuesMax values
  trailing_bytes,       // anything but white space after the value
  kCount
};

// Stable snake_case name of a code ("duplicate_key"), used in answers to callers.
[[nodiscard]] std::string_view name(Code code);

struct [[nodiscard]] Error {
  Code code = Code::ok;
  // Byte in the text at which reading stopped: the first one that does not fit, or the text's size where
  // more was needed. An escape or a UTF-8 sequence is refused at its first byte, a number out of range at
  // its first byte, a duplicate key just after its closing quote.
  size_t offset = 0;
  explicit operator bool() const { return code != Code::ok; }
};

enum class Kind : uint8_t { null, boolean, number, string, array, object };

// One value. Views stay valid as long as both the text handed to parse() and the Document live and until
// the Document's next parse().
struct Node {
  Kind kind = Kind::null;
  bool truth = false;     // boolean: its value; number: whether it is a plain integer in int64 range
                          // (no fraction, no exponent; `-0` is the integer 0)
  uint32_t next = 0;      // index of the first node after this value's subtree
  uint32_t count = 0;     // array: elements; object: members
  int64_t integer = 0;    // number with truth: its value
  std::string_view raw;   // the value's exact text in the input, quotes included
  std::string_view text;  // string: its unescaped content
  std::string_view key;   // object member: its unescaped key
};

class Document;

// A cursor at one value of a Document; cheap to copy. A default-made Value is "absent" (false) and reads
// like a null without text.
class Value {
 public:
  Value() = default;
  Value(const Document* doc, uint32_t index) : doc_(doc), index_(index) {}

  explicit operator bool() const { return doc_ != nullptr; }
  [[nodiscard]] const Node& node() const;
  [[nodiscard]] Kind kind() const { return node().kind; }
  [[nodiscard]] bool is(Kind kind) const { return doc_ != nullptr && node().kind == kind; }
  [[nodiscard]] std::string_view raw() const { return node().raw; }
  [[nodiscard]] std::string_view key() const { return node().key; }
  [[nodiscard]] uint32_t size() const { return node().count; }

  // Unescaped content of a string; empty for anything else and for an absent value.
  [[nodiscard]] std::string_view text() const { return node().text; }
  // Integer value; `fallback` for anything that is not an integer literal within int64.
  [[nodiscard]] int64_t integer(int64_t fallback = 0) const;
  // Numeric value as a double (correctly rounded, the same natively and in WASM); 0 for a non-number.
  [[nodiscard]] double number() const;
  [[nodiscard]] bool truth(bool fallback = false) const;

  // Member of an object by its unescaped key, or absent. Linear: objects here are small.
  [[nodiscard]] Value find(std::string_view key) const;
  // n-th element of an array, or absent. Constant time, but for arrays of a few elements, not all of them
  // scalars, and where several long arrays are asked in turn.
  [[nodiscard]] Value at(uint32_t n) const;

  // Iteration over elements (array) or members (object); empty for scalars and absent values.
  class Iterator {
   public:
    Iterator(const Document* doc, uint32_t index) : doc_(doc), index_(index) {}
    Value operator*() const { return {doc_, index_}; }
    Iterator& operator++();
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    const Document* doc_;
    uint32_t index_;
  };
  [[nodiscard]] Iterator begin() const;
  [[nodiscard]] Iterator end() const;

 private:
  const Document* doc_ = nullptr;
  uint32_t index_ = 0;
};

// Reusable: parse() keeps the capacity of earlier documents.
class Document {
 public:
  Document() = default;
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  // Reads `text` (below 4 GiB), which must outlive every Value taken from this document. On an error the
  // document is empty and root() is absent.
  Error parse(std::string_view text);
  [[nodiscard]] Value root() const { return nodes_.empty() ? Value() : Value(this, 0); }

 private:
  friend class Value;
  friend class Reader;
  static constexpr uint32_t kNoArray = UINT32_MAX;

  // Node of element `n`, which there is, of the array at node `array`.
  [[nodiscard]] uint32_t element(uint32_t array, uint32_t n) const;
  void index(uint32_t array) const;

  std::vector<Node> nodes_;
  std::string unescaped_;                   // contents of the few strings that hold escapes, end to end
  std::vector<uint32_t> by_key_;            // scratch: the members of one large object, sorted
  mutable uint32_t indexed_ = kNoArray;     // the long array that was asked for an element last …
  mutable std::vector<uint32_t> elements_;  // … and the nodes of its elements
};

inline constexpr Node kAbsent;  // what an absent value reads like

inline const Node& Value::node() const { return doc_ == nullptr ? kAbsent : doc_->nodes_[index_]; }

inline Value::Iterator& Value::Iterator::operator++() {
  index_ = doc_->nodes_[index_].next;
  return *this;
}

inline Value::Iterator Value::begin() const { return {doc_, index_ + 1}; }

inline Value::Iterator Value::end() const { return {doc_, doc_ == nullptr ? index_ + 1 : node().next}; }

}  // namespace sluice::json
