#include "chat/stance.h"

#include "chat/words.h"

namespace sluice::chat {
namespace {

// How far a negation reaches: "don't | you please look for" …
constexpr size_t kNegationReach = 5;
// … and how near it must be to a noun that no verb separates it from: "no cheap direct flights".
constexpr size_t kNounNegationReach = 3;

constexpr std::string_view kAsking =
    "would like|would love|would prefer|i'd like|we'd like|id like|i'd love|we'd love|i'd prefer|"
    "we'd prefer|is there|are there|isn't there|aren't there|whether there are|whether there is|"
    "whether there's|if there are|if there is|if there's|was wondering|were wondering|am wondering|"
    "i'm wondering|was hoping|were hoping|hoping to|was looking|were looking|do you know|do you have|"
    "do you see|have you got|can't you|couldn't you|can you not|why not|why don't|how much|how expensive|"
    "how can i fly|how can we fly|how do i fly|how do we fly|how can i find|how do i find|how can i book|"
    "how do i book|what about|how about|if you can|if you could|wouldn't mind|interested in|in need of|"
    "on the lookout|i would need|we would need|next flight|first flight|last flight|earliest flight|"
    "when is the next|what are some|where can i find|where can we find|any chance|not sure|no idea|"
    "i'm after|we're after|im after|i think i need|i think we need|would be great|keen on|make that|"
    "i meant|i must|we must|curious about|let me see|let me know about|help me find|don't mind|can you|"
    "could you|would you|will you|can u|could u|can i fly|can we fly|could i fly|could we fly|grateful for|"
    "could use|could do with|in the market for|who has|who offers|who sells|is it cheaper|which is cheaper|"
    "what is cheaper|what's cheaper|do you offer|do they have|what would|what does|what do|ideas for";
constexpr std::string_view kTalking =
    "thanks for|thank you for|do you think|do you like|did you|have you ever|have you been|what time|"
    "how often|how long|how old|how far|there is|there are|there was|there were|there's|what happened|"
    "looking forward|read about|read an|read a|a book|what does it|what do people|what do hotels|"
    "what do they|what does the|when i was|when we were|should i get|not a fan|i'll book|i will book|"
    "we'll book|we will book|i'll look|i will look|we'll look|i'll find|i will find|we'll find|i'll search|"
    "i'll get|i'll check|on my own|might need|may need|might want|may want|might book|what is the hotel|"
    "what is a|what's a|what is an";
// The same about a page.
constexpr std::string_view kPageTalking =
    "thanks for|thank you for|did you|find me on|find me at|find us on|find us at|reach me|reach us|"
    "as you can see|follow me|follow us|contact me|contact us|see me|visit us|visit me";
// Words that ask elsewhere, but not here.
constexpr std::string_view kIdle =
    "get to|got to|when you have|when you get|if possible|if you have|if you don't mind|if you like|"
    "check in|not only|no problem|no worries|no rush|no hurry|not urgent|anything else|thank you|to help|"
    "look like|looks like|no later|not too|not more|not far|any time|any day|at any|not yet|of course|"
    "no longer than";

enum class Effect : uint8_t { none, asking, talking, idle };

enum class Subject : uint8_t { wish, page };

// The longest phrase at token `i` that decides by itself; `length` tokens of it.
Effect effect_at(const Text& text, size_t i, size_t last, Subject subject, size_t& length) {
  Effect effect = Effect::none;
  length = 0;
  const auto longer = [&](std::string_view phrases, Effect candidate) {
    const size_t tokens = text.any_phrase_at(i, last, phrases);
    if (tokens <= length) return;
    length = tokens;
    effect = candidate;
  };
  longer(subject == Subject::page ? kPageTalking : kTalking, Effect::talking);
  longer(kAsking, Effect::asking);
  longer(kIdle, Effect::idle);
  return effect;
}

// Reads a clause from its start and keeps what it says so far.
class Scan {
 public:
  Scan(const Text& text, size_t phrase_last, Subject subject)
      : text_(text), phrase_last_(phrase_last), page_(subject == Subject::page) {}

  void run(size_t first, size_t last) {
    for (size_t i = first; i < last;) {
      size_t length = 0;
      const Effect effect = effect_at(text_, i, phrase_last_, page_ ? Subject::page : Subject::wish, length);
      if (effect == Effect::asking) ask(i);
      if (effect == Effect::talking) talk_ = true;
      if (effect == Effect::none) step(i);
      i += effect == Effect::none ? 1 : length;
    }
  }

  // The stance towards token `noun`.
  [[nodiscard]] Stance stance(size_t noun) const {
    if (talk_) return Stance::report;
    if (negated_ && noun - negation_ <= kNounNegationReach && !asked_since_negation_) return Stance::refuse;
    return stance_;
  }

 private:
  void step(size_t i) {
    const uint32_t flags = text_.tokens[i].flags;
    if ((flags & kTalk) != 0 && !page_) {
      talk_ = true;
    } else if ((flags & kCancel) != 0 || (text_.is(i, "never") && text_.is(i + 1, "mind"))) {
      negate(i);
      stance_ = Stance::refuse;
    } else if ((flags & kNegative) != 0) {
      if (!text_.is(i, "no") || !text_.is(i + 1, ",")) negate(i);  // "no, hotels in Milan" insists
    } else if ((flags & (page_ ? kAsk | kFetch : kAsk)) != 0) {
      if (!reports_habit(i)) ask(i);
    } else if ((flags & kStatement) != 0 && !page_) {
      stance_ = reaches(i) ? Stance::silent : Stance::report;
    }
  }

  // "I read https://…": done, not asked for; but "I need".
  [[nodiscard]] bool reports_habit(size_t i) const {
    return page_ && i > 0 &&
           text_.any_phrase_at(i - 1, i, "i|we|they|he|she|you|already|usually|often") > 0 &&
           text_.any_phrase_at(i, i + 1, "need|needs|want|wants") == 0 &&
           !(i > 1 && text_.has(i - 2, kFetch));
  }

  void negate(size_t i) {
    negated_ = true;
    negation_ = i;
    asked_since_negation_ = false;
  }

  void ask(size_t i) {
    asked_since_negation_ = !reaches(i);
    stance_ = reaches(i) ? Stance::refuse : Stance::ask;
  }

  [[nodiscard]] bool reaches(size_t i) const { return negated_ && i - negation_ <= kNegationReach; }

  const Text& text_;
  size_t phrase_last_;
  bool page_;
  Stance stance_ = Stance::silent;
  bool talk_ = false;
  bool negated_ = false;
  bool asked_since_negation_ = false;
  size_t negation_ = 0;
};

// The first word of [first, last) that is more than an opening ("ok, so …").
size_t first_content(const Text& text, size_t first, size_t last) {
  static constexpr std::string_view kOpenings =
      "and|or|so|but|then|also|ok|okay|hi|hello|hey|well|oh|anyway|now|just|um|hmm|actually|alright|yes|"
      "yeah|yep";
  while (first < last &&
         (text.tokens[first].kind != TokenKind::word || text.any_phrase_at(first, last, kOpenings) > 0)) {
    ++first;
  }
  return first;
}

// Whether an article or the like ties the noun at `noun` to one that is known ("the hotel", "my cheap
// flight").
bool is_pointed_at(const Text& text, size_t first, size_t noun) {
  size_t i = noun;
  while (i > first && text.has(i - 1, kModifier | kSuperlative) && !text.has(i - 1, kPointer)) {
    if (text.has(i - 1, kSuperlative)) return false;
    --i;
  }
  return i > first && text.has(i - 1, kPointer);
}

bool mentions(const Text& text, size_t first, size_t last, std::string_view phrases) {
  for (size_t i = first; i < last; ++i) {
    if (text.any_phrase_at(i, last, phrases) > 0) return true;
  }
  return false;
}

// The stance of a clause without any verb that asks or refuses, by its opening.
Stance stance_of_opening(const Text& text, const Clause& clause, size_t noun) {
  const size_t opening = first_content(text, clause.first, clause.last);
  if (opening >= noun) return Stance::silent;
  const std::string_view word = text.word(opening);
  static constexpr std::string_view kOpen = "what|what's|whats|which|where|where's|wheres";
  static constexpr std::string_view kClosed =
      "are|is|do|does|did|can|could|will|would|should|has|have|how|when|was|were|aren't|isn't";
  if (text.any_phrase_at(opening, clause.last, kOpen) > 0) {
    const bool several = mentions(text, opening, noun, "are");  // "what are the must-sees"
    return !several && is_pointed_at(text, opening, noun) ? Stance::report : Stance::question;
  }
  if (!word.empty() && text.any_phrase_at(opening, clause.last, kClosed) > 0) {
    return mentions(text, opening, clause.last,
                    "available|availability|free rooms|rooms free|cheaper|vacancies|rooms left")
               ? Stance::question
               : Stance::report;
  }
  return Stance::silent;
}

}  // namespace

Stance stance_towards(const Text& text, const Clause& clause, size_t noun) {
  Scan scan(text, clause.last, Subject::wish);
  scan.run(clause.first, noun);
  const Stance stance = scan.stance(noun);
  return stance == Stance::silent ? stance_of_opening(text, clause, noun) : stance;
}

Stance stance_towards_page(const Text& text, size_t first, size_t last) {
  Scan scan(text, last, Subject::page);
  scan.run(first, last);
  return scan.stance(last);
}

bool stands_alone(const Text& text, const Clause& clause, size_t first, size_t last) {
  for (size_t i = clause.first; i < first; ++i) {
    if (text.has(i, kSubject)) return false;
  }
  if (is_pointed_at(text, clause.first, first)) return false;
  static constexpr std::string_view kOpenEnds =
      "would be nice|would be great|would be lovely|would be perfect|would be good|would be ideal|"
      "would be amazing|would be wonderful|would be cool|would be fine|that|which|who|where|with|please|"
      "pls|whichever|whatever|if|when";
  for (size_t i = last; i < clause.last; ++i) {
    if (text.any_phrase_at(i, clause.last, kOpenEnds) > 0) return true;
    if (text.any_phrase_at(i, clause.last, "close on|close at|close early|cost a|cost more|cost too") > 0)
      return false;
    if (text.has(i, kFinite) && !text.is(i - 1, "to") && !text.is(i - 1, "2")) return false;
  }
  return true;
}

bool speaks_of_past(const Text& text, const Sentence& sentence) {
  static constexpr std::string_view kPastTimes =
      "last year|last week|last month|last summer|last winter|last spring|last autumn|last fall|last night|"
      "last time|last weekend|years ago|back then|in the past";
  for (size_t i = sentence.first; i < sentence.last; ++i) {
    if (text.has(i, kPast) || text.any_phrase_at(i, sentence.last, kPastTimes) > 0) return true;
  }
  return false;
}

}  // namespace sluice::chat
