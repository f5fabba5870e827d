#include "chat/place.h"

#include "chat/utf8.h"
#include "chat/words.h"

namespace sluice::chat {
namespace {

constexpr size_t kNameWordsMax = 6;       // "Santo Domingo de la Calzada" and a kind ("airport")
constexpr size_t kPlainNameWordsMax = 3;  // without capitals nothing marks the end but the next common word
constexpr uint32_t kNouns = kHotel | kRoom | kFlight | kAttraction;

// Kinds of places that may follow a capitalised name in lower case: "Heathrow airport".
constexpr std::string_view kKinds =
    "airport|station|train station|beach|island|islands|castle|cathedral|lake|bay|valley|old town|"
    "national park";

// Bytes [begin, end) of `source`, white space collapsed.
std::string collapse(const std::string& source, PlaceName name) {
  std::string out;
  for (uint32_t at = name.begin; at < name.end; ++at) {
    if (source[at] != ' ' || out.back() != ' ') out.push_back(source[at]);
  }
  return out;
}

// Tokens [first, last) as a name.
PlaceName span(const Text& text, size_t first, size_t last) {
  return first < last ? PlaceName{text.tokens[first].begin, text.tokens[last - 1].end} : PlaceName{};
}

std::string folded(const Text& text, size_t first, size_t last) {
  return collapse(text.folded, span(text, first, last));
}

// Longest well-known name that starts at token `i`: the token after it, or `i`.
size_t known_end(const Text& text, size_t i, size_t last) {
  for (size_t words = 3; words > 0; --words) {
    if (i + words > last) continue;
    bool joined = true;
    for (size_t k = i; k < i + words; ++k) {
      joined = joined && text.tokens[k].kind == TokenKind::word && (k == i || text.tokens[k].spaced);
    }
    if (joined && is_known_place(folded(text, i, i + words))) return i + words;
  }
  return i;
}

class Name {
 public:
  Name(const Text& text, size_t last) : text_(text), last_(last) {}

  // The token after the name that starts at `i`, or `i`; start() is its first token.
  size_t read(size_t i, Evidence evidence) {
    start_ = skip_description(skip_article(i));
    if (start_ >= last_ || !can_start(start_, evidence)) return i;
    const size_t end = text_.tokens[start_].capital ? read_capitals(start_) : read_plain(start_, evidence);
    return end > start_ && names_something(start_, end) ? end : i;
  }

  [[nodiscard]] size_t start() const { return start_; }

 private:
  [[nodiscard]] bool word(size_t i) const { return i < last_ && text_.tokens[i].kind == TokenKind::word; }

  [[nodiscard]] bool follows(size_t i) const { return word(i) && text_.tokens[i].spaced; }

  [[nodiscard]] bool stops(size_t i) const {
    if (is_initialism(i)) return false;
    return text_.has(i, kStop | kNouns | kSubject | kNegative);
  }

  // "US", "UK" in capitals, where "us" would be the pronoun.
  [[nodiscard]] bool is_initialism(size_t i) const {
    const std::string_view raw = std::string_view(text_.text).substr(text_.tokens[i].begin, 2);
    return text_.word(i).size() == 2 && (raw == "US" || raw == "UK");
  }

  [[nodiscard]] size_t skip_article(size_t i) const {
    if (!text_.is(i, "the") || text_.is(i + 1, "hague")) return i;
    return text_.tokens[i].capital && i + 1 < last_ && text_.tokens[i + 1].capital &&
                   !text_.has(i + 1, kStop | kGeneric)
               ? i
               : i + 1;
  }

  // Skips "centre of", "old town of the": what follows is the name.
  [[nodiscard]] size_t skip_description(size_t i) const {
    size_t at = i;
    while (word(at) && !text_.tokens[at].capital && text_.has(at, kGeneric | kModifier)) ++at;
    return at > i && text_.is(at, "of") ? skip_article(at + 1) : i;
  }

  [[nodiscard]] bool can_start(size_t i, Evidence evidence) const {
    if (!word(i)) return false;
    if (text_.is(i, "the")) return true;
    if (known_end(text_, i, last_) > i) return true;
    if (stops(i)) return false;
    if (text_.tokens[i].capital) return evidence == Evidence::preposition || !text_.has(i, kAsk | kModifier);
    if (evidence == Evidence::none || text_.has(i, kAsk | kFinite | kStatement)) return false;
    // "old delhi", "lake como", but neither "quiet area" nor "town".
    const bool describes = text_.has(i, kGeneric | kModifier);
    return !describes || (follows(i + 1) && !stops(i + 1) && !text_.has(i + 1, kGeneric | kModifier | kAsk));
  }

  // Tokens of a joint at `i` ("de la", "of the", "St." of "St. Moritz") after which the name goes on, or 0.
  [[nodiscard]] size_t joint(size_t i, bool capitals) const {
    size_t at = i;
    if (text_.is(i, ".") && text_.has(i - 1, kAbbreviation)) return word(i + 1) && !stops(i + 1) ? 1 : 0;
    if (text_.is(i, "of")) {
      const size_t name = text_.is(i + 1, "the") ? i + 2 : i + 1;
      return word(name) && text_.tokens[name].capital && !stops(name) ? name - i : 0;
    }
    while (at < i + 2 && follows(at) && !text_.tokens[at].capital && text_.has(at, kConnector)) ++at;
    if (at == i || !follows(at) || stops(at)) return 0;
    return capitals ? (text_.tokens[at].capital ? at - i : 0) : (text_.has(at, kAsk) ? 0 : at - i);
  }

  [[nodiscard]] size_t read_capitals(size_t i) const {
    size_t at = i + 1;
    while (at < last_ && at - i < kNameWordsMax) {
      const size_t more = joint(at, true);
      if (more > 0) {
        at += more + 1;
      } else if (follows(at) && text_.tokens[at].capital && !stops(at) && !text_.has(at, kHead)) {
        ++at;
      } else {
        break;
      }
    }
    at = with_double(i, at);
    const size_t kind = text_.any_phrase_at(at, last_, kKinds);
    return at + kind;
  }

  [[nodiscard]] size_t read_plain(size_t i, Evidence evidence) const {
    size_t at = known_end(text_, i, last_);
    const bool known = at > i;
    if (!known) at = i + 1;
    while (at < last_ && at - i < (known ? kNameWordsMax : kPlainNameWordsMax)) {
      const size_t more = joint(at, false);
      if (more > 0) {
        at += more + 1;
      } else if (follows(at) && !stops(at) &&
                 (text_.tokens[at].capital ? !text_.has(at, kHead) : goes_on(at, known))) {
        ++at;
      } else {
        break;
      }
    }
    if (evidence == Evidence::none && !known) return i;
    return with_double(i, at);
  }

  // Whether the lower-case word `i` may belong to a lower-case name; a known name takes only its kind on.
  [[nodiscard]] bool goes_on(size_t i, bool known) const {
    if (known) return text_.any_phrase_at(i, last_, kKinds) > 0 || is_region(text_.word(i));
    return !text_.has(i, kAsk | kModifier | kFinite | kStatement | kHead);
  }

  // Takes in "and …" where both make one name.
  [[nodiscard]] size_t with_double(size_t first, size_t end) const {
    if (!text_.is(end, "and")) return end;
    for (size_t at = end + 2; at <= end + 4 && at <= last_; ++at) {
      if (is_double_name(folded(text_, first, at))) return at;
    }
    return end;
  }

  // Whether there is more to [first, end) than a kind of place.
  [[nodiscard]] bool names_something(size_t first, size_t end) const {
    for (size_t i = first; i < end; ++i) {
      if (word(i) && !text_.has(i, kGeneric) && !text_.is(i, "the")) return true;
    }
    return end - first > 1 && text_.tokens[first].capital && text_.tokens[end - 1].capital &&
           !text_.is(first, "the");
  }

  const Text& text_;
  size_t last_;
  size_t start_ = 0;
};

// Appends ", Oregon" where a region follows the place that ends before token `end`.
size_t read_region(const Text& text, size_t end, size_t last, PlaceName& name) {
  if (!text.is(end, ",")) return end;
  for (size_t words = 3; words > 0; --words) {
    if (end + 1 + words > last) continue;
    if (!is_region(folded(text, end + 1, end + 1 + words))) continue;
    name.end = text.tokens[end + words].end;
    return end + 1 + words;
  }
  return end;
}

struct Separator {
  size_t tokens = 0;
  bool comma = false;  // only a comma: weaker than "and"
};

Separator separator_at(const Text& text, size_t i, size_t last) {
  static constexpr std::string_view kJoints =
      "and|or|&|/|vs|vs .|versus|+|and in|or in|and to|or around|and near";
  const size_t comma = text.is(i, ",") || text.is(i, "、") ? 1 : 0;
  const size_t joint = text.any_phrase_at(i + comma, last, kJoints);
  return {comma + joint, joint == 0};
}

// Whether the list's next place, read as [first, end), is one beyond doubt: with a capital, well known, or a
// single plain word after another plain name.
bool fits_list(const Text& text, size_t first, size_t end, bool plain, bool comma) {
  if (text.tokens[first].capital || known_end(text, first, end) > first) return true;
  return plain && !comma && end == first + 1 && !text.has(first, kGeneric | kModifier | kAsk | kHead);
}

}  // namespace

std::string text_of(const Text& text, PlaceName name) { return collapse(text.text, name); }

size_t read_place(const Text& text, size_t i, size_t last, Evidence evidence, PlaceName& name) {
  Name reader(text, last);
  const size_t end = reader.read(i, evidence);
  if (end == i) return i;
  name = span(text, reader.start(), end);
  if (is_region(folded(text, reader.start(), end))) return end;
  return read_region(text, end, last, name);
}

size_t read_places(const Text& text, size_t i, size_t last, Evidence evidence, PlaceNames& names) {
  PlaceName name;
  size_t end = read_place(text, i, last, evidence, name);
  if (end == i) return i;
  const bool plain = !text.tokens[i].capital;
  const size_t before = names.size();
  names.add(name);
  bool joined = false;
  bool all_known = true;
  size_t second = end;
  while (!names.full()) {
    const Separator separator = separator_at(text, end, last);
    if (separator.tokens == 0) break;
    const size_t next = end + separator.tokens;
    Name reader(text, last);
    const size_t stop = reader.read(next, Evidence::preposition);
    if (stop == next || !fits_list(text, reader.start(), stop, plain, separator.comma)) break;
    if (separator.comma && text.has(next, kHead | kAsk)) break;
    end = read_place(text, next, last, Evidence::preposition, name);
    joined = joined || !separator.comma;
    all_known = all_known && known_end(text, reader.start(), stop) > reader.start();
    names.add(name);
  }
  // "hotel in Rome, Peter" is signed; "Rome, Florence, Venice" and "Rome, Florence" are lists.
  if (names.size() - before == 2 && !joined && !all_known) {
    names.drop_last();
    end = second;
  }
  return end;
}

size_t read_known_place(const Text& text, size_t i, size_t last, PlaceName& name) {
  const size_t end = i < last ? known_end(text, i, last) : i;
  if (end > i) name = span(text, i, end);
  return end;
}

PlaceName place_before(const Text& text, size_t first, size_t end) {
  size_t stop = end;
  while (stop > first + 1 && text.has(stop - 1, kModifier) && !is_known_place(text.word(stop - 1))) --stop;
  for (size_t words = 3; words > 0; --words) {
    if (stop < first + words || text.has(stop - words, kModifier)) continue;
    if (known_end(text, stop - words, stop) == stop) return span(text, stop - words, stop);
  }
  size_t start = stop;
  while (start > first + 1 && text.tokens[start - 1].kind == TokenKind::word &&
         text.tokens[start - 1].capital &&
         !text.has(start - 1, kStop | kModifier | kAsk | kHead | kNouns | kGeneric)) {
    --start;
  }
  return span(text, start, stop);
}

}  // namespace sluice::chat
