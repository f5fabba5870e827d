// Which of the addresses in a chat message are meant to be fetched, and as what.
#pragma once

#include <cstdint>
#include <vector>

#include "chat/chat.h"
#include "chat/text.h"
#include "chat/wish.h"

namespace sluice::chat {

struct Page {
  ScrapeType type = ScrapeType::general;
  uint32_t clause = 0;  // index into Text::clauses
  uint32_t token = 0;   // the link
};

// The links that the message asks for, in order. `wishes` are those of the same message: what they ask for,
// a link beside them need not mean.
[[nodiscard]] std::vector<Page> find_pages(const Text& text, const std::vector<Wish>& wishes);

}  // namespace sluice::chat
