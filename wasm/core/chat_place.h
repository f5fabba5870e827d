// Names of places in a chat message: where one starts after a preposition, and where it ends.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/chat_text.h"

namespace sluice::chat {

// How much stands for there being a place: after "in" any name counts ("in skagen"); elsewhere it must have a
// capital or be well known ("hotel lisbon").
enum class Evidence : uint8_t { preposition, none };

// Reads the places listed from token `i` on ("Paris, Rome and Milan"; "the centre of Prague" is Prague;
// "Portland, Oregon" is one) and appends their names as written, white space collapsed. Returns the token
// after them, or `i` when none is there. Never reads token `last` or later.
size_t read_places(const Text& text, size_t i, size_t last, Evidence evidence,
                   std::vector<std::string>& names);

// Reads one place only, the same way.
size_t read_place(const Text& text, size_t i, size_t last, Evidence evidence, std::string& name);

// Reads one well-known place, up to where its name ends: "rome" of "rome london".
size_t read_known_place(const Text& text, size_t i, size_t last, std::string& name);

// The place that ends right before token `end` ("Lisbon" in "cheap Lisbon hotels"), or an empty name.
[[nodiscard]] std::string place_before(const Text& text, size_t first, size_t end);

}  // namespace sluice::chat
