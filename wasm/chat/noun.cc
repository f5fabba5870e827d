#include "chat/noun.h"

#include "chat/words.h"

namespace sluice::chat {
namespace {

struct Phrases {
  ScrapeType type;
  NounKind kind;
  std::string_view phrases;
};

constexpr Phrases kPhrases[] = {
    {ScrapeType::hotel, NounKind::plain,
     "place to stay|places to stay|somewhere to stay|anywhere to stay|guest house|guest houses|"
     "bed and breakfast|bed & breakfast|b & b|place to sleep|somewhere to sleep|holiday home|"
     "holiday apartment"},
    {ScrapeType::hotel, NounKind::question,
     "where to stay|where can i stay|where can we stay|where should i stay|where should we stay|"
     "where could i stay|where could we stay|where do i stay|where do we stay|where to sleep"},
    {ScrapeType::flight, NounKind::plain,
     "plane ticket|plane tickets|air ticket|air tickets|airline ticket|airline tickets|air fare|air fares|"
     "flight ticket|flight tickets"},
    {ScrapeType::flight, NounKind::weak, "by plane|by air|a plane"},
    {ScrapeType::attraction, NounKind::plain,
     "things to do|thing to do|things to see|thing to see|stuff to do|stuff to see|places to visit|"
     "places to see|points of interest|tourist spots|tourist attractions|sightseeing spots|day trips|"
     "day trip|boat trips|must see places|must-see places|must see|things to see and do|"
     "things to do and see|things 2 do|things 2 see|stuff 2 do|tourist sites|theme parks|walking tour|"
     "boat tour|guided tour|food tour|city tour"},
    {ScrapeType::attraction, NounKind::question,
     "what to do|what to see|what 2 do|what 2 see|what to visit|what to see and do|what should i do|"
     "what should we do|what should i see|what should we see|what should i visit|what should we visit|"
     "what can i do|what can we do|what can i see|what can we see|what can i visit|what can we visit|"
     "what's there to do|what's there to see|whats there to do|whats there to see|what is there to do|"
     "what is there to see|what there is to see|what there is to do|anything to do|anything to see|"
     "what's worth seeing|what is worth seeing|whats worth seeing|worth seeing|worth visiting|"
     "what could we do|what could i do|what can you see|what can you do|what can you visit|"
     "what else is there to do|what else is there to see|what else can we do|what else can we see|"
     "what should i not miss|what should we not miss|what not to miss|recommend seeing|recommend visiting|"
     "recommend doing|anything fun|something fun|anything interesting|something to do|what must we see|"
     "what must i see"},
};

// The longest phrase at token `i`, into `noun`.
bool phrase_noun(const Text& text, size_t i, size_t last, Noun& noun) {
  size_t longest = 0;
  for (const Phrases& group : kPhrases) {
    const size_t length = text.any_phrase_at(i, last, group.phrases);
    if (length <= longest) continue;
    longest = length;
    noun.type = group.type;
    noun.kind = group.kind;
  }
  noun.last = static_cast<uint32_t>(i + longest);
  return longest > 0;
}

bool word_noun(const Text& text, size_t i, Noun& noun) {
  noun.last = static_cast<uint32_t>(i + 1);
  const bool stay = (text.is(i, "stay") || text.is(i, "staying")) && text.has(i + 1, kPlaceBefore);
  noun.kind = text.has(i, kRoom | kFly) || stay ? NounKind::weak : NounKind::plain;
  if (text.has(i, kHotel | kRoom) || stay) {
    noun.type = ScrapeType::hotel;
  } else if (text.has(i, kFlight | kFly)) {
    noun.type = ScrapeType::flight;
  } else if (text.has(i, kAttraction)) {
    noun.type = ScrapeType::attraction;
  } else {
    return false;
  }
  return true;
}

// Whether the noun at `i` only locates or accompanies something else: "near the museums", "with my hotel".
bool is_landmark(const Text& text, size_t first, size_t i) {
  bool pointed = false;
  while (i > first && text.has(i - 1, kPointer | kModifier) && !text.has(i - 1, kAsk)) {
    --i;
    pointed = pointed || text.has(i, kPointer);
  }
  const bool named = i > first && text.tokens[i - 1].kind == TokenKind::word && text.tokens[i - 1].capital;
  if (named) --i;
  const bool close_to = i > first + 1 && text.is(i - 1, "to") && text.has(i - 2, kPlaceBefore);
  const bool from_it = pointed && i > first && (text.is(i - 1, "from") || text.is(i - 1, "by"));
  return i > first && (text.has(i - 1, kLandmarkBefore) || close_to || from_it);
}

// Whether "one" at `i` stands for a page asked for: "find one", "need another one in Naples".
bool is_pronoun(const Text& text, size_t i, size_t last) {
  if (!text.is(i, "one") || i == 0) return false;
  const bool asked = text.has(i - 1, kAsk) || text.is(i - 1, "me") || text.is(i - 1, "us") ||
                     text.is(i - 1, "another") || (i > 1 && text.is(i - 2, "a"));  // "a quieter one"
  const bool ends = i + 1 >= last || text.tokens[i + 1].kind == TokenKind::mark;
  return asked && (ends || text.has(i + 1, kPlaceBefore | kLoosePlace) || text.is(i + 1, "to") ||
                   text.is(i + 1, "there"));
}

}  // namespace

std::vector<Noun> find_nouns(const Text& text) {
  std::vector<Noun> nouns;
  for (uint32_t c = 0; c < text.clauses.size(); ++c) {
    const Clause& clause = text.clauses[c];
    for (uint32_t i = clause.first; i < clause.last; ++i) {
      Noun noun{ScrapeType::general, NounKind::plain, c, i, i + 1};
      const bool pronoun = !nouns.empty() && is_pronoun(text, i, clause.last);
      if (pronoun) {
        noun.type = nouns.back().type;
        noun.kind = NounKind::pronoun;
      } else if (!phrase_noun(text, i, clause.last, noun) && !word_noun(text, i, noun)) {
        continue;
      }
      const bool movable = noun.type != ScrapeType::flight && noun.kind == NounKind::plain;
      if (!(movable && is_landmark(text, clause.first, i))) nouns.push_back(noun);
      i = noun.last - 1;
    }
  }
  return nouns;
}

}  // namespace sluice::chat
