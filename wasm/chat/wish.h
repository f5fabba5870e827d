// Wishes in a chat message: what kind of page it asks for, about which places.
#pragma once

#include <cstdint>
#include <vector>

#include "chat/chat.h"
#include "chat/list.h"
#include "chat/place.h"
#include "chat/text.h"

namespace sluice::chat {

struct Trip {
  PlaceName from;   // flights only; may be empty
  PlaceName place;  // where to; may be empty for a flight
};

using Trips = ShortList<Trip>;

struct Wish {
  ScrapeType type = ScrapeType::general;
  uint32_t clause = 0;  // index into Text::clauses
  uint32_t token = 0;   // the word that names it
  Trips trips;          // empty: no place is named anywhere
};

// The wishes that a message asks for, in order of mention: negated, past and hypothetical ones left out, and
// those that a later sentence takes back or corrects.
[[nodiscard]] std::vector<Wish> find_wishes(const Text& text);

// The token up to which all is called off by a later sentence of its own ("never mind, forget it"); 0: none.
[[nodiscard]] size_t called_off_until(const Text& text);

// What kind of page the words [first, last) name, nearest to token `near` first; general when none.
[[nodiscard]] ScrapeType type_named(const Text& text, size_t first, size_t last, size_t near);

}  // namespace sluice::chat
