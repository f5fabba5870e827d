// The vocabulary of the chat rules: what a word or phrase can mean in a travel message, and names of places.
//
// Every word here is in lower case; look-ups take ASCII-folded text.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::chat {

// What a word can be; several at once ("book" asks and starts a clause).
enum Flag : uint32_t {
  kHotel = 1U << 0,            // names lodging: "hotels", "riad"
  kRoom = 1U << 1,             // names lodging only when asked for: "room", "apartment"
  kFlight = 1U << 2,           // names a flight: "airfare"
  kFly = 1U << 3,              // the verb: a flight only when asked for
  kAttraction = 1U << 4,       // names sights: "museums"
  kAsk = 1U << 5,              // asks: "find", "need", "any"
  kNegative = 1U << 6,         // turns what follows into its opposite: "don't"
  kCancel = 1U << 7,           // calls something off: "forget"
  kStatement = 1U << 8,        // reports a past or lasting fact: "stayed", "love"
  kTalk = 1U << 9,             // the clause talks about wishes instead of uttering one: "told", "why"
  kFinite = 1U << 10,          // a verb that makes "hotels in X …" a sentence of its own: "are", "looked"
  kSubject = 1U << 11,         // who a statement is about: "i", "they", "my"
  kPointer = 1U << 12,         // points at one thing that is already known: "the", "my", "this"
  kSuperlative = 1U << 13,     // "cheapest", "best"
  kHead = 1U << 14,            // starts a new clause after a comma or "and"
  kBreak = 1U << 15,           // starts a new clause by itself: "but"
  kStop = 1U << 16,            // is never part of a place's name: "with", "monday"
  kGeneric = 1U << 17,         // a kind of place, not a name: "beach", "centre"
  kModifier = 1U << 18,        // describes ("cheap", "boutique"): before a noun it is no place
  kConnector = 1U << 19,       // joins parts of a name: "de", "am", "upon"
  kPlaceBefore = 1U << 20,     // a preposition that a place follows: "in", "near"
  kLoosePlace = 1U << 21,      // a preposition that a place may follow: "for", "at", "of", "on"
  kTravel = 1U << 22,          // tells of a journey, whose place counts for a wish later on: "going"
  kFetch = 1U << 23,           // asks for a page: "scrape", "open"
  kOwn = 1U << 24,             // makes a page the writer's own or old business: "my", "built", "yesterday"
  kPast = 1U << 25,            // a time gone by: "yesterday"
  kFiller = 1U << 26,          // may stand between a noun and its place: "prices", "search"
  kAbbreviation = 1U << 27,    // its full stop ends no sentence: "st"
  kPage = 1U << 28,            // stands for a page mentioned in another sentence: "it", "this", "link"
  kLandmarkBefore = 1U << 29,  // the noun after it locates something else: "near (the museums)"
};

// Flags of one folded word; 0 for an unknown one. Recognises single slips of the keyboard in the long nouns
// ("hotle", "fligths", "accomodation").
[[nodiscard]] uint32_t flags_of(std::string_view word);

// Whether `name` (folded, single spaces) is a well-known place. A help where capitals and prepositions are
// missing ("lisbon hotels"), never a condition for a place that they mark.
[[nodiscard]] bool is_known_place(std::string_view name);

// Whether `name` (folded) is a country or a state, which may follow a town: "Portland, Oregon".
[[nodiscard]] bool is_region(std::string_view name);

// Whether `name` (folded) is one place although it holds "and".
[[nodiscard]] bool is_double_name(std::string_view name);

}  // namespace sluice::chat
