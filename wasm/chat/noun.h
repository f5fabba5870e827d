// The words and phrases of a chat message that name a kind of travel page.
#pragma once

#include <cstdint>
#include <vector>

#include "chat/chat.h"
#include "chat/text.h"

namespace sluice::chat {

enum class NounKind : uint8_t {
  plain,     // "hotels", "flight", "things to do"
  weak,      // a wish only when asked for: "room", "fly"
  question,  // asks by itself, but needs a place: "what to see"
  pronoun,   // "one": whatever was named before
};

struct Noun {
  ScrapeType type = ScrapeType::general;
  NounKind kind = NounKind::plain;
  uint32_t clause = 0;
  uint32_t first = 0;  // tokens [first, last)
  uint32_t last = 0;
};

// All of them, in order.
[[nodiscard]] std::vector<Noun> find_nouns(const Text& text);

}  // namespace sluice::chat
