// A chat message cut into tokens, sentences and clauses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chat/url.h"

namespace sluice::chat {

enum class TokenKind : uint8_t { word, number, mark, link };

struct Token {
  TokenKind kind = TokenKind::mark;
  bool capital = false;  // word: starts with a capital, or in a script that has none
  bool spaced = false;   // white space or the message's start stands before it
  uint32_t begin = 0;    // bytes in Text::text
  uint32_t end = 0;
  uint32_t flags = 0;  // word: its vocabulary flags (chat_words.h)
  uint32_t link = 0;   // link: index into Text::links
};

// Tokens [first, last): the terminator is not included.
struct Sentence {
  uint32_t first = 0;
  uint32_t last = 0;
};

// A part of a sentence with one verb of its own, at best.
struct Clause {
  uint32_t first = 0;
  uint32_t last = 0;
  uint32_t sentence = 0;
  bool soft = false;  // only a colon, dash or bracket stands before it: it may complete what stands before
};

struct Text {
  std::string text;    // the message with typographic apostrophes and spaces made plain, code blanked
  std::string folded;  // the same in ASCII lower case; the same offsets
  std::vector<Link> links;
  std::vector<Token> tokens;
  std::vector<Sentence> sentences;
  std::vector<Clause> clauses;

  // Folded text of token `i`; empty past the end.
  [[nodiscard]] std::string_view word(size_t i) const;
  [[nodiscard]] bool is(size_t i, std::string_view folded_word) const;
  // Whether token `i` has any of the vocabulary's `flags`; false past the end.
  [[nodiscard]] bool has(size_t i, uint32_t flags) const;
  // Number of tokens from `i` on that spell `phrase` (words in lower case, single spaces) before `last`, or
  // 0.
  [[nodiscard]] size_t phrase_at(size_t i, size_t last, std::string_view phrase) const;
  // As phrase_at(), for the longest of `phrases` (separated by '|').
  [[nodiscard]] size_t any_phrase_at(size_t i, size_t last, std::string_view phrases) const;
};

// Reads at most this many bytes of a message: a person's message is far shorter, and it bounds memory.
inline constexpr size_t kMessageBytesRead = 16384;

// Longest sentence and clause in tokens; a longer one is divided. It bounds all that looks around in them.
inline constexpr size_t kSentenceTokensMax = 256;
inline constexpr size_t kClauseTokensMax = 64;

[[nodiscard]] Text cut(std::string_view message);

}  // namespace sluice::chat
