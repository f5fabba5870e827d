#include "chat/trip.h"

#include "chat/place.h"
#include "chat/utf8.h"
#include "chat/words.h"

namespace sluice::chat {
namespace {

constexpr size_t kSentencesBack = 3;  // how far back a journey still counts for a wish

PlaceNames one(PlaceName name) {
  PlaceNames names;
  names.add(name);
  return names;
}

// All ways from an origin to a place; either list may be empty.
Trips to_trips(const PlaceNames& from, const PlaceNames& to) {
  Trips trips;
  const PlaceNames nowhere = one({});
  for (const PlaceName origin : from.empty() ? nowhere : from) {
    for (const PlaceName place : to.empty() ? nowhere : to) {
      if (!origin.empty() || !place.empty()) trips.add({origin, place});
    }
  }
  return trips;
}

// The token after what may stand between a noun and its place: "hotel | search : | Valencia".
size_t skip_fillers(const Text& text, size_t i, size_t end) {
  while (i < end && (text.has(i, kFiller) || text.is(i, ":") || text.is(i, ",") || text.is(i, "-")) &&
         !text.has(i, kPlaceBefore)) {
    ++i;
  }
  return i;
}

// Tokens of a preposition at `i` that a hotel's or sight's place follows, or 0.
size_t preposition_at(const Text& text, size_t i, size_t end) {
  const size_t phrase = text.any_phrase_at(
      i, end,
      "close to|next to|near to|not far from|in and around|in or around|in or near|outside of|close by");
  if (phrase > 0) return phrase;
  return text.has(i, kPlaceBefore) ? 1 : 0;
}

// Whether token `i` is a page's address; a brand's domain ("on booking.com in Rome") is passed over.
bool is_page(const Text& text, size_t i) {
  return text.tokens[i].kind == TokenKind::link && !text.links[text.tokens[i].link].bare;
}

bool capital_or_known(const Text& text, size_t i) {
  return i < text.tokens.size() && text.tokens[i].kind == TokenKind::word &&
         (text.tokens[i].capital || is_known_place(text.word(i)));
}

// The well-known place that opens the noun's sentence: "Lisbon, 3 nights, hotel with pool".
PlaceNames leading_place(const Text& text, const Noun& noun) {
  const Sentence& sentence = text.sentences[text.clauses[noun.clause].sentence];
  PlaceName name;
  if (!is_known_place(text.word(sentence.first))) return {};
  const size_t end = read_place(text, sentence.first, noun.first, Evidence::none, name);
  if (end == sentence.first || end >= noun.first || text.tokens[end].kind != TokenKind::mark) return {};
  return one(name);
}

PlaceNames stay_places(const Text& text, const Noun& noun, size_t end) {
  PlaceNames names;
  const size_t direct = skip_fillers(text, noun.last, end);
  const bool known = direct < end && is_known_place(text.word(direct));
  if (direct < end && known && read_places(text, direct, end, Evidence::none, names) > direct) return names;
  for (size_t i = noun.last; i < end && !is_page(text, i); ++i) {
    const size_t length = preposition_at(text, i, end);
    if (length > 0 && read_places(text, i + length, end, Evidence::preposition, names) > i + length)
      return names;
  }
  for (size_t i = noun.last; i < end && !is_page(text, i); ++i) {
    const bool from = text.is(i, "from") && noun.type != ScrapeType::attraction;
    if (!text.has(i, kLoosePlace) || from) continue;
    const size_t at = text.is(i + 1, "the") ? i + 2 : i + 1;
    if (at < end && capital_or_known(text, at) &&
        read_places(text, i + 1, end, Evidence::preposition, names) > i + 1) {
      return names;
    }
  }
  const PlaceName before = place_before(text, text.clauses[noun.clause].first, noun.first);
  if (!before.empty()) return one(before);
  if (names.empty()) names = leading_place(text, noun);
  if (!names.empty()) return names;
  const bool titled = text.tokens[noun.first].capital && direct == noun.last;  // "Hotel California"
  if (direct < end && !titled) read_places(text, direct, end, Evidence::none, names);
  return names;
}

// Both ends of "BER-FCO" at token `i`.
bool hyphenated_ends(const Text& text, size_t i, PlaceName& from, PlaceName& to) {
  if (i >= text.tokens.size()) return false;
  const Token& token = text.tokens[i];
  const std::string_view raw = std::string_view(text.text).substr(token.begin, token.end - token.begin);
  const size_t dash = raw.find('-');
  if (dash == std::string_view::npos || raw.find('-', dash + 1) != std::string_view::npos) return false;
  const auto is_end = [&](std::string_view name, std::string_view folded) {
    bool code = name.size() == 3;  // an IATA airport code
    for (const char c : name) code = code && c >= 'A' && c <= 'Z';
    return code || is_known_place(folded);
  };
  const auto middle = static_cast<uint32_t>(token.begin + dash);
  from = {token.begin, middle};
  to = {middle + 1, token.end};
  return is_end(raw.substr(0, dash), text.word(i).substr(0, dash)) &&
         is_end(raw.substr(dash + 1), text.word(i).substr(dash + 1));
}

// Tokens of what joins both ends of a flight ("to", "→", "->", "-"), or 0.
size_t arrow_at(const Text& text, size_t i, size_t end) {
  return text.any_phrase_at(i, end, "to|→|- >|= >|-|–|—|>|⇒|➡|✈|nach");
}

// Collects "from …" and "to …" of flights into trips.
class Legs {
 public:
  explicit Legs(const Text& text) : text_(text) {}

  // Reads [i, end); with `bare`, a place may stand at `i` without a preposition.
  void read(size_t i, size_t end, bool bare) {
    if (bare) i = read_bare(i, end);
    for (; i < end && !is_page(text_, i); ++i) {
      const size_t next = read_at(i, end);
      if (next > i) i = next - 1;
    }
    close();
  }

  [[nodiscard]] const Trips& trips() const { return trips_; }

 private:
  size_t read_bare(size_t i, size_t end) {
    PlaceName from;
    PlaceName to;
    if (hyphenated_ends(text_, i, from, to)) {
      from_ = one(from);
      to_ = one(to);
      return i + 1;
    }
    const size_t origin = read_known_place(text_, i, end, from);
    const size_t destination = origin > i ? read_known_place(text_, origin, end, to) : origin;
    if (destination > origin) {  // "flight rome london"
      from_ = one(from);
      to_ = one(to);
      return destination;
    }
    PlaceNames places;
    const size_t after = read_places(text_, i, end, Evidence::none, places);
    if (after == i) return i;
    const size_t arrow = arrow_at(text_, after, end);
    PlaceNames ends;
    const size_t last = arrow > 0 ? read_places(text_, after + arrow, end, Evidence::preposition, ends) : 0;
    if (last > after + arrow) {
      from_ = places;
      to_ = ends;
      return last;
    }
    to_ = places;
    return after;
  }

  // Reads what a preposition at `i` introduces; the token after it, or `i`.
  size_t read_at(size_t i, size_t end) {
    PlaceNames places;
    if (text_.is(i, "between")) {
      const size_t after = read_places(text_, i + 1, end, Evidence::preposition, places);
      if (places.size() != 2) return i;
      close();
      from_ = one(places[0]);
      to_ = one(places[1]);
      return after;
    }
    const size_t origin = text_.any_phrase_at(i, end, "from|leaving|out of|ex|departing");
    const bool from = origin > 0;
    const size_t at = i + (from ? origin : 1);
    const bool back = i > 0 && text_.any_phrase_at(i - 1, end, "back|return|returning|close|due|up") > 0;
    const bool to = (text_.is(i, "to") || text_.is(i, "into") || text_.is(i, "towards")) && !back;
    const bool loose = text_.is(i, "for") && to_.empty() && capital_or_known(text_, i + 1);
    if (!from && !to && !loose) return i;
    const size_t after = read_places(text_, at, end, Evidence::preposition, places);
    if (after == at) return i;
    PlaceNames& side = from ? from_ : to_;
    if (!side.empty()) close();
    side = places;
    return after;
  }

  void close() {
    for (const Trip& trip : to_trips(from_, to_)) trips_.add(trip);
    from_.clear();
    to_.clear();
  }

  const Text& text_;
  PlaceNames from_;
  PlaceNames to_;
  Trips trips_;
};

// "Berlin to Rome" right before the noun "flights".
Trips legs_before(const Text& text, const Noun& noun) {
  const uint32_t first = text.clauses[noun.clause].first;
  constexpr uint32_t kReach = 12;  // tokens: two long names and what joins them
  size_t end = noun.first;
  while (end > first && text.has(end - 1, kModifier)) --end;
  for (size_t i = noun.first > first + kReach ? noun.first - kReach : first; i < end; ++i) {
    PlaceName from;
    PlaceName to;
    if (i + 1 == end && hyphenated_ends(text, i, from, to)) return to_trips(one(from), one(to));
    const size_t middle = read_place(text, i, end, Evidence::none, from);
    const size_t arrow = middle > i ? arrow_at(text, middle, end) : 0;
    if (arrow > 0 && read_place(text, middle + arrow, end, Evidence::preposition, to) == end)
      return to_trips(one(from), one(to));
  }
  return {};
}

Trips flight_trips(const Text& text, const Noun& noun, size_t end) {
  Legs ahead(text);
  ahead.read(skip_fillers(text, noun.last, end), end, true);
  Trips trips = ahead.trips();
  if (trips.empty()) trips = legs_before(text, noun);
  if (trips.empty()) {
    Legs behind(text);
    behind.read(text.clauses[noun.clause].first, noun.first, false);
    trips = behind.trips();
  }
  if (trips.empty()) {
    const PlaceName before = place_before(text, text.clauses[noun.clause].first, noun.first);
    if (!before.empty()) trips.add({{}, before});
  }
  return trips;
}

// The places that "in", "to" or "around" name in [first, last) of a clause that does not report or refuse.
PlaceNames places_in(const Text& text, uint32_t first, uint32_t last) {
  PlaceNames names;
  static constexpr std::string_view kElsewhere =
      "live|lives|lived|i work|we work|works|worked|was|were|had|went|stayed|visited|flew|hate|love|loved|"
      "home|from";
  for (uint32_t i = first; i < last; ++i) {
    if (text.has(i, kNegative | kCancel) || text.any_phrase_at(i, last, kElsewhere) > 0) return {};
  }
  for (uint32_t i = first; i < last; ++i) {
    const size_t length = preposition_at(text, i, last);
    const bool loose = text.any_phrase_at(i, last, "to|visit|visiting|for|on") > 0;
    if (length == 0 && !(loose && capital_or_known(text, i + 1))) continue;
    const size_t at = i + (length > 0 ? length : 1);
    if (read_places(text, at, last, Evidence::preposition, names) > at) return names;
  }
  return names;
}

bool tells_of_journey(const Text& text, uint32_t first, uint32_t last) {
  for (uint32_t i = first; i < last; ++i) {
    if (text.has(i, kTravel)) return true;
  }
  return false;
}

// "Place: Leipzig", or a sentence that starts with the preposition: "In Leipzig."
PlaceNames labelled_place(const Text& text, const Sentence& sentence) {
  PlaceNames names;
  for (uint32_t i = sentence.first; i + 2 < sentence.last; ++i) {
    const bool label = text.any_phrase_at(i, sentence.last, "place|city|town|destination|location|where") > 0;
    if (label && text.is(i + 1, ":") &&
        read_places(text, i + 2, sentence.last, Evidence::preposition, names) > i + 2) {
      return names;
    }
  }
  const size_t length = preposition_at(text, sentence.first, sentence.last);
  if (length > 0) read_places(text, sentence.first + length, sentence.last, Evidence::preposition, names);
  return names;
}

PlaceNames earlier_in_sentence(const Text& text, const Noun& noun) {
  const Clause& own = text.clauses[noun.clause];
  PlaceNames names = places_in(text, own.first, noun.first);
  for (uint32_t i = own.first; names.empty() && i < noun.first; ++i) {
    PlaceName name;  // "Does Ibiza have any resorts?"
    if (text.tokens[i].capital && read_known_place(text, i, noun.first, name) > i) names.add(name);
  }
  for (uint32_t c = noun.clause; names.empty() && c > 0 && text.clauses[c - 1].sentence == own.sentence;
       --c) {
    names = places_in(text, text.clauses[c - 1].first, text.clauses[c - 1].last);
  }
  return names;
}

// Legs named earlier in a flight's sentence: "I need to get to Dakar from Lisbon, any flights?".
Trips legs_in_sentence(const Text& text, const Noun& noun) {
  const uint32_t sentence = text.clauses[noun.clause].sentence;
  for (uint32_t c = noun.clause; c > 0 && text.clauses[c - 1].sentence == sentence; --c) {
    Legs legs(text);
    legs.read(text.clauses[c - 1].first, text.clauses[c - 1].last, false);
    Trips trips = legs.trips();
    if (!trips.empty() && !trips[0].from.empty() && !trips[0].place.empty()) return trips;
  }
  return {};
}

PlaceNames in_other_sentences(const Text& text, const Noun& noun) {
  const uint32_t own = text.clauses[noun.clause].sentence;
  const size_t reach = noun.kind == NounKind::question ? 1 : kSentencesBack;
  for (size_t back = 1; back <= reach && back <= own; ++back) {
    const Sentence& sentence = text.sentences[own - back];
    if (!tells_of_journey(text, sentence.first, sentence.last)) continue;
    PlaceNames names = places_in(text, sentence.first, sentence.last);
    if (!names.empty()) return names;
  }
  if (own + 1 >= text.sentences.size()) return {};
  const Sentence& next = text.sentences[own + 1];
  PlaceNames names = labelled_place(text, next);
  if (names.empty() && tells_of_journey(text, next.first, next.last)) {
    names = places_in(text, next.first, next.last);
  }
  return names;
}

}  // namespace

uint32_t end_of_reach(const Text& text, uint32_t clause) {
  uint32_t last = clause;
  while (last + 1 < text.clauses.size() && text.clauses[last + 1].soft &&
         text.clauses[last + 1].sentence == text.clauses[clause].sentence) {
    ++last;
  }
  return text.clauses[last].last;
}

Trips trips_of(const Text& text, const Noun& noun, size_t end) {
  if (noun.type == ScrapeType::flight) return flight_trips(text, noun, end);
  return to_trips({}, stay_places(text, noun, end));
}

Trips trips_around(const Text& text, const Noun& noun) {
  if (noun.type == ScrapeType::flight) {
    Trips trips = legs_in_sentence(text, noun);
    if (!trips.empty()) return trips;
  }
  PlaceNames names = earlier_in_sentence(text, noun);
  if (names.empty()) names = in_other_sentences(text, noun);
  return to_trips({}, names);
}

}  // namespace sluice::chat
