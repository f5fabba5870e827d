#include "chat/wish.h"

#include "chat/noun.h"
#include "chat/stance.h"
#include "chat/trip.h"
#include "chat/words.h"

namespace sluice::chat {
namespace {

// A noun with what its surroundings say of it.
struct Mention {
  Noun noun;
  Trips trips;  // of its own clause
  bool wished = false;
};

class Finder {
 public:
  explicit Finder(const Text& text) : text_(text) {}

  std::vector<Wish> run() {
    const std::vector<Noun> nouns = find_nouns(text_);
    for (size_t i = 0; i < nouns.size(); ++i) add(nouns, i);
    for (size_t i = mentions_.size(); i-- > 0;) lend_from_next(i);
    std::vector<Wish> wishes;
    for (size_t i = 0; i < mentions_.size(); ++i) finish(i, wishes);
    return wishes;
  }

 private:
  [[nodiscard]] const Clause& clause_of(const Noun& noun) const { return text_.clauses[noun.clause]; }

  void add(const std::vector<Noun>& nouns, size_t i) {
    Mention mention;
    mention.noun = nouns[i];
    size_t end = end_of_reach(text_, nouns[i].clause);
    if (i + 1 < nouns.size() && nouns[i + 1].first < end) end = nouns[i + 1].first;
    mention.trips = trips_of(text_, nouns[i], end);
    mentions_.push_back(std::move(mention));
    stances_.push_back(stance_towards(text_, clause_of(nouns[i]), nouns[i].first));
  }

  // "hotels and things to do in Kyoto": the first noun has the place of the second.
  void lend_from_next(size_t i) {
    if (!mentions_[i].trips.empty() || i + 1 >= mentions_.size()) return;
    const Mention& next = mentions_[i + 1];
    if (next.noun.clause != mentions_[i].noun.clause || next.noun.first - mentions_[i].noun.last > 4) return;
    for (const Trip& trip : next.trips) {
      if (!trip.place.empty()) mentions_[i].trips.add({{}, trip.place});
    }
  }

  // "a flight to Rome and a hotel there": the second noun has the place of the first.
  void borrow_from_previous(size_t i) {
    if (!mentions_[i].trips.empty() || i == 0) return;
    const Mention& previous = mentions_[i - 1];
    const bool pronoun = mentions_[i].noun.kind == NounKind::pronoun;
    const bool same_sentence = clause_of(previous.noun).sentence == clause_of(mentions_[i].noun).sentence;
    if (!pronoun && !(same_sentence && previous.wished)) return;
    for (const Trip& trip : previous.trips) {
      const bool flight = mentions_[i].noun.type == ScrapeType::flight;
      if (!trip.place.empty()) mentions_[i].trips.add({flight ? trip.from : PlaceName{}, trip.place});
    }
  }

  // Whether the clause asks what the assistant can do: "can you find hotels?" names nobody and no one thing.
  [[nodiscard]] bool asks_for_ability(const Noun& noun) const {
    const Clause& clause = clause_of(noun);
    bool ability = false;
    for (uint32_t i = clause.first; i < noun.first; ++i) {
      ability =
          ability || text_.any_phrase_at(i, noun.first, "can you|could you|do you|will you|are you able") > 0;
      if (text_.any_phrase_at(i, noun.first, "me|us|a|an|some|any|please|my|our") > 0) return false;
    }
    return ability;
  }

  // Whether a wish without a place is worth asking back for.
  [[nodiscard]] bool wants_some(const Mention& mention, Stance stance) const {
    if (stance != Stance::ask || mention.noun.kind == NounKind::question) return false;
    if (mention.noun.kind == NounKind::weak && text_.has(mention.noun.first, kFly)) return false;
    const bool pointed =
        mention.noun.first > clause_of(mention.noun).first && text_.has(mention.noun.first - 1, kPointer);
    return !pointed && !asks_for_ability(mention.noun);
  }

  [[nodiscard]] bool is_wished(const Mention& mention, Stance stance) const {
    const Noun& noun = mention.noun;
    if (stance == Stance::refuse || stance == Stance::report) return false;
    if (mention.trips.empty()) return wants_some(mention, stance);
    if (stance == Stance::ask || noun.kind == NounKind::question) return true;
    const bool leg =
        noun.type == ScrapeType::flight && !mention.trips[0].from.empty() && !mention.trips[0].place.empty();
    if (!leg && (noun.kind == NounKind::weak || noun.kind == NounKind::pronoun)) return false;
    if (stance == Stance::question) return true;
    return stands_alone(text_, clause_of(noun), noun.first, noun.last) &&
           !speaks_of_past(text_, text_.sentences[clause_of(noun).sentence]);
  }

  // Whether the clause replaces what was wished before: "make that hotels in Lyon".
  [[nodiscard]] bool corrects(const Noun& noun) const {
    static constexpr std::string_view kCorrections =
        "make that|make it|i mean|i meant|scratch that|actually no|no wait|wait no|correction|sorry i meant";
    const Sentence& sentence = text_.sentences[clause_of(noun).sentence];
    for (uint32_t i = sentence.first; i < noun.first; ++i) {
      if (text_.any_phrase_at(i, sentence.last, kCorrections) > 0) return true;
    }
    return false;
  }

  // "I cannot find a hotel in Monaco, can you try?": refused only until help is asked for.
  [[nodiscard]] bool asks_for_help_with(const Mention& mention) const {
    static constexpr std::string_view kFailing =
        "cannot|can't|cant|couldn't|couldnt|haven't|don't|unable|struggling";
    static constexpr std::string_view kHelp =
        "can you try|could you try|can you help|could you help|please help|help me|help us|any ideas|"
        "any help|can you look|could you look|can you search|could you search|can you check|"
        "could you check|please try";
    const Clause& clause = clause_of(mention.noun);
    bool failing = false;
    for (uint32_t i = clause.first; i < mention.noun.first; ++i) {
      failing = failing || text_.any_phrase_at(i, mention.noun.first, kFailing) > 0;
    }
    const uint32_t next =
        clause.sentence + 1 < text_.sentences.size() ? clause.sentence + 1 : clause.sentence;
    for (uint32_t i = mention.noun.last; failing && i < text_.sentences[next].last; ++i) {
      if (text_.any_phrase_at(i, text_.sentences[next].last, kHelp) > 0) return true;
    }
    return false;
  }

  void finish(size_t i, std::vector<Wish>& wishes) {
    borrow_from_previous(i);
    Mention& mention = mentions_[i];
    const bool retried = stances_[i] == Stance::refuse && asks_for_help_with(mention);
    const Stance stance = retried ? Stance::ask : stances_[i];
    const bool open =
        stance == Stance::ask || stance == Stance::question || mention.noun.kind == NounKind::question;
    if (mention.trips.empty() && open) mention.trips = trips_around(text_, mention.noun);
    mention.wished = is_wished(mention, stance);
    if (!mention.wished) return;
    if (corrects(mention.noun)) drop(wishes, mention.noun.type);
    wishes.push_back({mention.noun.type, mention.noun.clause, mention.noun.first, mention.trips});
  }

  static void drop(std::vector<Wish>& wishes, ScrapeType type) {
    std::vector<Wish> kept;
    for (Wish& wish : wishes) {
      if (wish.type != type) kept.push_back(std::move(wish));
    }
    wishes = std::move(kept);
  }

  const Text& text_;
  std::vector<Mention> mentions_;
  std::vector<Stance> stances_;
};

}  // namespace

std::vector<Wish> find_wishes(const Text& text) { return Finder(text).run(); }

size_t called_off_until(const Text& text) {
  static constexpr std::string_view kCancellations =
      "never mind|nevermind|forget it|forget that|forget about it|cancel|cancel it|cancel that|cancel all|"
      "stop|stop it|don't|scratch that|not needed anymore|cancel everything|forget all that";
  static constexpr std::string_view kPolite =
      "ok|okay|actually|please|pls|sorry|thanks|thank you|no|oh|wait|all|of|that|,|and|then|now|hm|well";
  size_t until = 0;
  for (const Sentence& sentence : text.sentences) {
    bool cancelled = false;
    uint32_t i = sentence.first;
    while (i < sentence.last) {
      const size_t cancel = text.any_phrase_at(i, sentence.last, kCancellations);
      const size_t polite = text.any_phrase_at(i, sentence.last, kPolite);
      if (cancel + polite == 0) break;
      cancelled = cancelled || cancel > 0;
      i += static_cast<uint32_t>(cancel > polite ? cancel : polite);
    }
    if (cancelled && i == sentence.last) until = sentence.first;
  }
  return until;
}

ScrapeType type_named(const Text& text, size_t first, size_t last, size_t near) {
  ScrapeType type = ScrapeType::general;
  size_t distance = text.tokens.size();
  for (size_t i = first; i < last; ++i) {
    ScrapeType named = ScrapeType::general;
    if (text.has(i, kHotel)) named = ScrapeType::hotel;
    if (text.has(i, kFlight)) named = ScrapeType::flight;
    if (text.has(i, kAttraction) || text.any_phrase_at(i, last, "museum|tour|things to do") > 0) {
      named = ScrapeType::attraction;
    }
    const size_t away = i > near ? i - near : near - i;
    if (named == ScrapeType::general || away >= distance) continue;
    distance = away;
    type = named;
  }
  return type;
}

}  // namespace sluice::chat
