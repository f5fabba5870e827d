// What nlohmann/json makes of a text, as the oracle that the strict reader is compared with.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace sluice::json::oracle {

using Tree = nlohmann::json;

// nlohmann's parser events with the reader's further rules on top: no key twice, kDepthMax, kValuesMax,
// kNumberBytesMax.
class Listener {
 public:
  bool null() { return value(); }
  bool boolean(bool) { return value(); }
  bool number_integer(Tree::number_integer_t) { return value(); }
  bool number_unsigned(Tree::number_unsigned_t) { return value(); }
  bool number_float(double number, const std::string& literal) {
    return std::isfinite(number) && literal.size() <= kNumberBytesMax && value();
  }
  bool string(std::string&) { return value(); }
  bool binary(Tree::binary_t&) { return false; }
  bool start_object(size_t) { return open(); }
  bool start_array(size_t) { return open(); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) { return keys_.back().insert(name).second; }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) { return false; }

 private:
  bool value() { return ++values_ <= kValuesMax; }
  bool open() {
    keys_.emplace_back();
    return keys_.size() <= size_t{kDepthMax} && value();
  }
  bool close() {
    keys_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> keys_;  // of the containers that are open
  uint32_t values_ = 0;
};

// Whether the reader must take `text`. nlohmann ends at a NUL byte and skips a byte order mark; neither is
// JSON.
inline bool accepts(std::string_view text) {
  if (text.find('\0') != std::string_view::npos || text.substr(0, 3) == "\xef\xbb\xbf") return false;
  Listener listener;
  return Tree::sax_parse(text, &listener);
}

// The tree that a value of ours stands for.
inline Tree tree_of(Value value) {
  switch (value.kind()) {
    case Kind::null:
      return nullptr;
    case Kind::boolean:
      return value.truth();
    case Kind::number:
      return value.node().truth ? Tree(value.integer()) : Tree(value.number());
    case Kind::string:
      return std::string(value.text());
    case Kind::array: {
      Tree tree = Tree::array();
      for (const Value element : value) tree.push_back(tree_of(element));
      return tree;
    }
    case Kind::object: {
      Tree tree = Tree::object();
      for (const Value member : value) tree[std::string(member.key())] = tree_of(member);
      return tree;
    }
  }
  return nullptr;
}

// nlohmann's tree of an accepted text.
inline Tree tree_of(std::string_view text) { return Tree::parse(text, nullptr, false); }

// Whether every value's exact text, read again by nlohmann, is that value, and every count is right.
inline bool raw_texts_agree(Value value) {
  uint32_t count = 0;
  for (const Value child : value) {
    ++count;
    if (!raw_texts_agree(child)) return false;
  }
  return count == value.size() && tree_of(value.raw()) == tree_of(value);
}

}  // namespace sluice::json::oracle
