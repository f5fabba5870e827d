// The places that belong to one noun of a chat message.
#pragma once

#include <cstdint>

#include "chat/noun.h"
#include "chat/text.h"
#include "chat/wish.h"

namespace sluice::chat {

// Trips that the noun's own clause names: "hotels in Paris and Rome", "Berlin to Rome flights". Reads up to
// token `end`, the next noun at the latest.
[[nodiscard]] Trips trips_of(const Text& text, const Noun& noun, size_t end);

// The end of what may belong to a noun of clause `clause`: the next clause that stands by itself.
[[nodiscard]] uint32_t end_of_reach(const Text& text, uint32_t clause);

// Places named elsewhere for the noun: earlier in its sentence ("in Rome we need a hotel"), else in a
// sentence before it that tells of a journey ("We're going to Porto."), else right after it ("Place: Porto").
[[nodiscard]] Trips trips_around(const Text& text, const Noun& noun);

}  // namespace sluice::chat
