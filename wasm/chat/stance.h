// What a clause does with a wish that it mentions: ask for it, report it, or call it off.
#pragma once

#include <cstddef>
#include <cstdint>

#include "chat/text.h"

namespace sluice::chat {

enum class Stance : uint8_t {
  silent,    // nothing said: a bare "hotel in Lisbon", or a statement, by what follows
  question,  // an open question ("which hotels in Athens …"): asks if it names a place
  ask,       // asks, even without a place ("find me a hotel")
  report,    // past, somebody's own, or only talked about
  refuse,    // negated or called off
};

// The stance of `clause` towards the wish that is named at token `noun`, by what stands before it.
[[nodiscard]] Stance stance_towards(const Text& text, const Clause& clause, size_t noun);

// The stance of tokens [first, last) towards a page: ask ("check", "what's on"), refuse ("don't open"),
// report
// ("thanks for") or silent.
[[nodiscard]] Stance stance_towards_page(const Text& text, size_t first, size_t last);

// Whether "hotels in Rome" at [first, last) with nothing before it to ask or refuse is a wish by itself: no
// sentence is made of it ("hotels in Rome are lovely"), and it is not somebody's.
[[nodiscard]] bool stands_alone(const Text& text, const Clause& clause, size_t first, size_t last);

// Whether the sentence speaks of a time gone by.
[[nodiscard]] bool speaks_of_past(const Text& text, const Sentence& sentence);

}  // namespace sluice::chat
