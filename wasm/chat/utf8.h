// Reading UTF-8 by code points, as far as the chat rules need it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::chat {

struct CodePoint {
  uint32_t value = 0;
  uint32_t bytes = 1;
};

// The code point at text[at] (at < size). A malformed byte is read as one code point of its own value.
[[nodiscard]] CodePoint code_point_at(std::string_view text, size_t at);

// Letters and marks that words are made of, digits included. Pictographs, punctuation and spaces are not.
[[nodiscard]] bool is_word_code_point(uint32_t value);

// White space of any kind.
[[nodiscard]] bool is_space_code_point(uint32_t value);

// Lower case of a Latin, Greek or Cyrillic capital; any other code point unchanged.
[[nodiscard]] uint32_t lower_code_point(uint32_t value);

[[nodiscard]] constexpr bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
[[nodiscard]] constexpr bool is_ascii_letter(char c) {
  return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}
[[nodiscard]] constexpr bool is_ascii_alnum(char c) { return is_ascii_letter(c) || is_ascii_digit(c); }

}  // namespace sluice::chat
