// Names of places in a chat message: where one starts after a preposition, and where it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "chat/list.h"
#include "chat/text.h"

namespace sluice::chat {

// A place's name: bytes [begin, end) of Text::text.
struct PlaceName {
  uint32_t begin = 0;
  uint32_t end = 0;

  [[nodiscard]] bool empty() const { return begin == end; }
};

using PlaceNames = ShortList<PlaceName>;

// The name as written, white space collapsed.
[[nodiscard]] std::string text_of(const Text& text, PlaceName name);

// How much stands for there being a place: after "in" any name counts ("in skagen"); elsewhere it must have a
// capital or be well known ("hotel lisbon").
enum class Evidence : uint8_t { preposition, none };

// Reads the places listed from token `i` on ("Paris, Rome and Milan"; "the centre of Prague" is Prague;
// "Portland, Oregon" is one) and appends their names. Returns the token
// after them, or `i` when none is there. Never reads token `last` or later.
size_t read_places(const Text& text, size_t i, size_t last, Evidence evidence, PlaceNames& names);

// Reads one place only, the same way.
size_t read_place(const Text& text, size_t i, size_t last, Evidence evidence, PlaceName& name);

// Reads one well-known place, up to where its name ends: "rome" of "rome london".
size_t read_known_place(const Text& text, size_t i, size_t last, PlaceName& name);

// The place that ends right before token `end` ("Lisbon" in "cheap Lisbon hotels"), or an empty name.
[[nodiscard]] PlaceName place_before(const Text& text, size_t first, size_t end);

}  // namespace sluice::chat
