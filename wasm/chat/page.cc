#include "chat/page.h"

#include "chat/stance.h"
#include "chat/utf8.h"
#include "chat/words.h"

namespace sluice::chat {
namespace {

struct Word {
  const char* part;
  ScrapeType type;
};

// Parts of a URL that tell what page it is.
constexpr Word kUrlWords[] = {
    {"hotel", ScrapeType::hotel},
    {"hostel", ScrapeType::hotel},
    {"airbnb", ScrapeType::hotel},
    {"accommodation", ScrapeType::hotel},
    {"lodging", ScrapeType::hotel},
    {"resort", ScrapeType::hotel},
    {"guesthouse", ScrapeType::hotel},
    {"flight", ScrapeType::flight},
    {"airline", ScrapeType::flight},
    {"airways", ScrapeType::flight},
    {"airfare", ScrapeType::flight},
    {"skyscanner", ScrapeType::flight},
    {"attraction", ScrapeType::attraction},
    {"museum", ScrapeType::attraction},
    {"sightseeing", ScrapeType::attraction},
    {"things-to-do", ScrapeType::attraction},
    {"landmark", ScrapeType::attraction},
    {"/tours", ScrapeType::attraction},
};

ScrapeType first_type(std::string_view folded) {
  ScrapeType type = ScrapeType::general;
  size_t first = folded.size();
  for (const Word& word : kUrlWords) {
    const size_t at = folded.find(word.part);
    if (at < first) {
      first = at;
      type = word.type;
    }
  }
  return type;
}

// The path tells more than the host: hotels.example/flights lists flights.
ScrapeType type_of_url(std::string_view url) {
  std::string folded(url);
  for (char& c : folded) c = ascii_lower(c);
  const size_t path = folded.find('/', folded.find("://") + 3);
  const std::string_view view = folded;
  const ScrapeType type = path == std::string::npos ? ScrapeType::general : first_type(view.substr(path));
  return type != ScrapeType::general ? type : first_type(view.substr(0, path));
}

class Pages {
 public:
  Pages(const Text& text, const std::vector<Wish>& wishes) : text_(text), wishes_(wishes) {}

  std::vector<Page> run() {
    std::vector<Page> pages;
    for (uint32_t c = 0; c < text_.clauses.size(); ++c) {
      for (uint32_t i = text_.clauses[c].first; i < text_.clauses[c].last; ++i) {
        if (text_.tokens[i].kind != TokenKind::link || link(i).url.empty()) continue;
        if (is_wanted(c, i)) pages.push_back({type_of(c, i), c, i});
      }
    }
    return pages;
  }

 private:
  [[nodiscard]] const Link& link(uint32_t i) const { return text_.links[text_.tokens[i].link]; }

  [[nodiscard]] const Sentence& sentence_of(uint32_t c) const {
    return text_.sentences[text_.clauses[c].sentence];
  }

  [[nodiscard]] bool is_wanted(uint32_t c, uint32_t i) const {
    const Clause& clause = text_.clauses[c];
    const Sentence& sentence = sentence_of(c);
    const Stance before = stance_towards_page(text_, clause.first, i);
    if (before == Stance::refuse || is_example(clause, i) || refused_next(c)) return false;
    if (link(i).bare) return is_alone(sentence, i) || (before == Stance::ask && !names_wish(clause));
    if (before == Stance::ask || asked_behind(sentence, i)) return true;
    const bool own = before == Stance::report || is_own(sentence);
    return !own || asked_beside(c);
  }

  // "sites like https://…" names an example.
  [[nodiscard]] bool is_example(const Clause& clause, uint32_t i) const {
    if (i == clause.first) return false;
    const bool such_as = i > clause.first + 1 && text_.is(i - 2, "such") && text_.is(i - 1, "as");
    const bool liked = i > clause.first + 1 && text_.has(i - 2, kSubject);  // "I like https://…"
    return such_as || text_.is(i - 1, "e.g.") || (text_.is(i - 1, "like") && !liked);
  }

  [[nodiscard]] bool is_alone(const Sentence& sentence, uint32_t i) const {
    for (uint32_t k = sentence.first; k < sentence.last; ++k) {
      if (k != i && text_.tokens[k].kind != TokenKind::mark && !text_.has(k, kAsk)) return false;
    }
    return true;
  }

  [[nodiscard]] bool names_wish(const Clause& clause) const {
    for (uint32_t k = clause.first; k < clause.last; ++k) {
      if (text_.has(k, kHotel | kFlight | kAttraction)) return true;
    }
    return false;
  }

  // Whether the sentence goes on to ask, before its next link, and not for something else: "https://…, can
  // you check it?".
  [[nodiscard]] bool asked_behind(const Sentence& sentence, uint32_t i) const {
    uint32_t last = i + 1;
    while (last < sentence.last && text_.tokens[last].kind != TokenKind::link) ++last;
    return last == sentence.last && stance_towards_page(text_, i + 1, last) == Stance::ask &&
           !wishes_between(i + 1, last);
  }

  [[nodiscard]] bool wishes_between(uint32_t first, uint32_t last) const {
    for (const Wish& wish : wishes_) {
      if (wish.token >= first && wish.token < last && !wish.trips.empty()) return true;
    }
    return false;
  }

  [[nodiscard]] bool is_own(const Sentence& sentence) const {
    for (uint32_t k = sentence.first; k < sentence.last; ++k) {
      if (text_.has(k, kOwn)) return true;
    }
    return false;
  }

  [[nodiscard]] bool has_link(const Sentence& sentence) const {
    for (uint32_t k = sentence.first; k < sentence.last; ++k) {
      if (text_.tokens[k].kind == TokenKind::link) return true;
    }
    return false;
  }

  [[nodiscard]] bool speaks_of_page(const Sentence& sentence) const {
    for (uint32_t k = sentence.first; k < sentence.last; ++k) {
      if (text_.has(k, kPage)) return true;
    }
    return false;
  }

  // Whether the sentence before or behind asks for the page: "Can you check it?".
  [[nodiscard]] bool asked_beside(uint32_t c) const {
    const uint32_t own = text_.clauses[c].sentence;
    for (uint32_t s = own > 0 ? own - 1 : 0; s <= own + 1 && s < text_.sentences.size(); ++s) {
      const Sentence& sentence = text_.sentences[s];
      if (s == own || has_link(sentence) || wishes_between(sentence.first, sentence.last)) continue;
      if (speaks_of_page(sentence) &&
          stance_towards_page(text_, sentence.first, sentence.last) == Stance::ask) {
        return true;
      }
    }
    return false;
  }

  // Whether the next sentence takes it back: "Don't scrape it."
  [[nodiscard]] bool refused_next(uint32_t c) const {
    const uint32_t next = text_.clauses[c].sentence + 1;
    if (next >= text_.sentences.size()) return false;
    const Sentence& sentence = text_.sentences[next];
    bool fetches = false;
    for (uint32_t k = sentence.first; k < sentence.last; ++k)
      fetches = fetches || text_.has(k, kFetch | kCancel);
    return fetches && !has_link(sentence) && speaks_of_page(sentence) &&
           text_.has(sentence.first, kNegative | kCancel) &&
           stance_towards_page(text_, sentence.first, sentence.last) == Stance::refuse;
  }

  // Whether nothing but the link `i` is asked for in its sentence.
  [[nodiscard]] bool is_only_item(const Sentence& sentence, uint32_t i) const {
    for (uint32_t k = sentence.first; k < sentence.last; ++k) {
      if (k != i && text_.tokens[k].kind == TokenKind::link) return false;
    }
    return !wishes_between(sentence.first, sentence.last);
  }

  [[nodiscard]] ScrapeType type_of(uint32_t c, uint32_t i) const {
    ScrapeType type = type_of_url(link(i).url);
    const Clause& clause = text_.clauses[c];
    const uint32_t first = clause.soft && c > 0 ? text_.clauses[c - 1].first : clause.first;
    if (type == ScrapeType::general) type = type_named(text_, first, clause.last, i);
    const uint32_t own = clause.sentence;
    const Sentence& whole = text_.sentences[own];
    if (type == ScrapeType::general && is_only_item(whole, i))
      type = type_named(text_, whole.first, whole.last, i);
    for (uint32_t s = own + 1; type == ScrapeType::general && s-- > 0 && s + 1 >= own;) {
      const Sentence& sentence = text_.sentences[s];
      if (s != own && (has_link(sentence) || wishes_between(sentence.first, sentence.last))) break;
      if (s != own) type = type_named(text_, sentence.first, sentence.last, sentence.last);
    }
    const bool next = own + 1 < text_.sentences.size() && !has_link(text_.sentences[own + 1]);
    if (type == ScrapeType::general && next) {
      const Sentence& sentence = text_.sentences[own + 1];
      if (!wishes_between(sentence.first, sentence.last) && speaks_of_page(sentence)) {
        type = type_named(text_, sentence.first, sentence.last, sentence.first);
      }
    }
    return type;
  }

  const Text& text_;
  const std::vector<Wish>& wishes_;
};

}  // namespace

std::vector<Page> find_pages(const Text& text, const std::vector<Wish>& wishes) {
  return Pages(text, wishes).run();
}

}  // namespace sluice::chat
