#include "chat/chat.h"

#include <cstdint>
#include <utility>

#include "chat/page.h"
#include "chat/stance.h"
#include "chat/text.h"
#include "chat/trip.h"
#include "chat/url.h"
#include "chat/utf8.h"
#include "chat/wish.h"
#include "chat/words.h"

namespace sluice::chat {
namespace {

constexpr size_t kQueryBytesMax = 200;  // longer words would not fit a site's search field
constexpr uint32_t kUrgencyNegationReach = 4;

// What a message asks for, in the order of its tokens.
struct Item {
  uint32_t token = 0;
  uint32_t clause = 0;
  const Page* page = nullptr;
  const Wish* wish = nullptr;
};

// The words of tokens [first, last) without links and without marks at either end.
std::string words_of(const Text& text, uint32_t first, uint32_t last) {
  while (first < last && text.tokens[first].kind == TokenKind::mark) ++first;
  while (last > first && text.tokens[last - 1].kind == TokenKind::mark) --last;
  std::string out;
  for (uint32_t i = first; i < last; ++i) {
    const Token& token = text.tokens[i];
    if (token.kind == TokenKind::link) continue;
    const std::string_view word = std::string_view(text.text).substr(token.begin, token.end - token.begin);
    const bool spaced = token.spaced && !out.empty();
    if (out.size() + word.size() + (spaced ? 1 : 0) > kQueryBytesMax) break;
    if (spaced) out.push_back(' ');
    out.append(word);
  }
  return out;
}

// A template filled in, or an empty string when a placeholder has no value or no valid URL comes of it.
std::string fill(std::string_view url, std::string_view from, std::string_view place,
                 std::string_view query) {
  std::string filled;
  size_t at = 0;
  for (size_t open = url.find('{'); open != std::string_view::npos; open = url.find('{', at)) {
    const size_t close = url.find('}', open);
    if (close == std::string_view::npos) return {};
    const std::string_view name = url.substr(open + 1, close - open - 1);
    std::string_view value;
    if (name == "place" || name == "to") value = place;
    if (name == "from") value = from;
    if (name == "query") value = query;
    if (value.empty()) return {};
    filled.append(url, at, open - at);
    append_encoded(filled, value);
    at = close + 1;
  }
  filled.append(url, at);
  return absolute_url(filled);
}

class Assembler {
 public:
  Assembler(const Text& text, const std::vector<Site>& sites, Reading& reading)
      : text_(text), sites_(sites), reading_(reading) {}

  void add(const Item& item) {
    reading_.wants_scraping = true;
    if (item.page != nullptr) {
      const Sentence& sentence = text_.sentences[text_.clauses[item.clause].sentence];
      const std::string& url = text_.links[text_.tokens[item.token].link].url;
      add_request({item.page->type, url, {}, words_of(text_, sentence.first, sentence.last)});
      return;
    }
    const std::string query =
        words_of(text_, text_.clauses[item.clause].first, end_of_reach(text_, item.clause));
    const size_t before = reading_.requests.size();
    for (const Trip& trip : item.wish->trips) {
      const std::string from = text_of(text_, trip.from);
      const std::string place = text_of(text_, trip.place);
      for (const Site& site : sites_) {
        if (site.type != item.wish->type) continue;
        std::string url = fill(site.url, from, place, query);
        if (!url.empty()) add_request({site.type, std::move(url), place, query});
      }
    }
    if (reading_.requests.size() == before && missing_.empty()) missing_ = missing_for(*item.wish);
  }

  void finish() {
    if (reading_.requests.empty()) reading_.missing = missing_;
  }

 private:
  // Without any site that could be filled in, a place would not help.
  [[nodiscard]] std::string_view missing_for(const Wish& wish) const {
    if (wish.trips.empty()) return "place";
    static constexpr std::string_view kAnything = "x";
    for (const Site& site : sites_) {
      if (site.type == wish.type && !fill(site.url, kAnything, kAnything, kAnything).empty()) return "place";
    }
    return "site";
  }

  void add_request(Request request) {
    if (reading_.requests.size() >= kRequestsMax) return;
    std::string key = page_key(request.url);
    for (const std::string& seen : keys_) {
      if (seen == key) return;
    }
    keys_.push_back(std::move(key));
    reading_.requests.push_back(std::move(request));
  }

  const Text& text_;
  const std::vector<Site>& sites_;
  Reading& reading_;
  std::vector<std::string> keys_;
  std::string_view missing_;
};

class Urgency {
 public:
  Urgency(const Text& text, const std::vector<Item>& items) : text_(text), items_(items) {}

  [[nodiscard]] bool found() const {
    for (const Sentence& sentence : text_.sentences) {
      for (uint32_t i = sentence.first; i < sentence.last; ++i) {
        if (is_cue(sentence, i) && !is_negated(sentence, i)) return true;
      }
    }
    return false;
  }

 private:
  [[nodiscard]] bool is_cue(const Sentence& sentence, uint32_t i) const {
    static constexpr std::string_view kCues =
        "asap|a.s.a.p.|a.s.a.p|urgent|urgently|urgency|immediately|immediatly|immediatley|inmediately|"
        "as soon as possible|as soon as you can|as fast as possible|as quickly as possible|right away|"
        "straight away|at once|hurry|quickly|emergency|urgnt|super urgent";
    if (text_.any_phrase_at(i, sentence.last, kCues) > 0) return true;
    if (text_.any_phrase_at(i, sentence.last, "right now") > 0) return asks_here(sentence);
    if (text_.is(i, "tonight"))
      return asks_here(sentence) && mentions(sentence, "need|needs|must|have to|stranded");
    return text_.is(i, "now") && asks_here(sentence) && is_pressing_now(sentence, i);
  }

  // "need it now", "fetch it now please", but not "now I need" or "for now".
  [[nodiscard]] bool is_pressing_now(const Sentence& sentence, uint32_t i) const {
    if (i == sentence.first) return false;
    if (text_.any_phrase_at(i - 1, i, "for|until|till|by|from|just|right|and|or|so|but|,") > 0) return false;
    const bool ends = i + 1 == sentence.last || text_.tokens[i + 1].kind == TokenKind::mark ||
                      text_.any_phrase_at(i + 1, sentence.last, "please|pls|plz") > 0;
    return ends;
  }

  // Whether the sentence holds a request or asks for one elsewhere.
  [[nodiscard]] bool asks_here(const Sentence& sentence) const {
    for (const Item& item : items_) {
      if (item.token >= sentence.first && item.token < sentence.last) return true;
    }
    return stance_towards_page(text_, sentence.first, sentence.last) == Stance::ask;
  }

  [[nodiscard]] bool mentions(const Sentence& sentence, std::string_view phrases) const {
    for (uint32_t i = sentence.first; i < sentence.last; ++i) {
      if (text_.any_phrase_at(i, sentence.last, phrases) > 0) return true;
    }
    return false;
  }

  // "not urgent", "no need to hurry".
  [[nodiscard]] bool is_negated(const Sentence& sentence, uint32_t i) const {
    for (uint32_t back = 1; back <= kUrgencyNegationReach && i >= sentence.first + back; ++back) {
      if (text_.tokens[i - back].kind != TokenKind::word) return false;
      if (text_.has(i - back, kNegative)) return true;
    }
    return false;
  }

  const Text& text_;
  const std::vector<Item>& items_;
};

// Whether a page that is wanted stands in the same clause as the wish: then the wish only describes the page.
bool describes_page(const Text& text, const Wish& wish, const std::vector<Page>& pages) {
  uint32_t first = wish.clause;
  while (text.clauses[first].soft && first > 0 &&
         text.clauses[first - 1].sentence == text.clauses[first].sentence) {
    --first;
  }
  const uint32_t end = end_of_reach(text, wish.clause);
  for (const Page& page : pages) {
    if (page.token >= text.clauses[first].first && page.token < end) return true;
  }
  return false;
}

std::vector<Item> in_order(const Text& text, const std::vector<Page>& pages,
                           const std::vector<Wish>& wishes) {
  std::vector<Item> items;
  size_t page = 0;
  const auto add_pages_before = [&](uint32_t token) {
    for (; page < pages.size() && pages[page].token < token; ++page) {
      items.push_back({pages[page].token, pages[page].clause, &pages[page], nullptr});
    }
  };
  for (const Wish& wish : wishes) {
    add_pages_before(wish.token);
    if (!describes_page(text, wish, pages)) items.push_back({wish.token, wish.clause, nullptr, &wish});
  }
  add_pages_before(static_cast<uint32_t>(text.tokens.size()));
  std::vector<Item> kept;
  const size_t called_off = called_off_until(text);
  for (const Item& item : items) {
    if (item.token >= called_off) kept.push_back(item);
  }
  return kept;
}

}  // namespace

std::string_view name(ScrapeType type) {
  switch (type) {
    case ScrapeType::hotel:
      return "hotel";
    case ScrapeType::flight:
      return "flight";
    case ScrapeType::attraction:
      return "attraction";
    case ScrapeType::general:
      break;
  }
  return "general";
}

Reading read(std::string_view message, const std::vector<Site>& sites) {
  Reading reading;
  const Text text = cut(message);
  const std::vector<Wish> wishes = find_wishes(text);
  const std::vector<Page> pages = find_pages(text, wishes);
  const std::vector<Item> items = in_order(text, pages, wishes);
  Assembler assembler(text, sites, reading);
  for (const Item& item : items) assembler.add(item);
  assembler.finish();
  reading.urgent = reading.wants_scraping && Urgency(text, items).found();
  return reading;
}

}  // namespace sluice::chat
