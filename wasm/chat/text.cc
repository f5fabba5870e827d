#include "chat/text.h"

#include "chat/utf8.h"
#include "chat/words.h"

namespace sluice::chat {
namespace {

// The message with one kind of apostrophe and two kinds of white space (blank, new line), cut to the limit.
std::string plain(std::string_view message) {
  std::string out;
  out.reserve(message.size() < kMessageBytesRead ? message.size() : kMessageBytesRead);
  for (size_t at = 0; at < message.size();) {
    const CodePoint point = code_point_at(message, at);
    if (at + point.bytes > kMessageBytesRead) break;
    if (point.value == 0x2018 || point.value == 0x2019 || point.value == 0x02BC || point.value == 0xB4) {
      out.push_back('\'');
    } else if (point.value == '\n' || point.value == 0x2028 || point.value == 0x2029) {
      out.push_back('\n');
    } else if (is_space_code_point(point.value)) {
      out.push_back(' ');
    } else {
      out.append(message, at, point.bytes);
    }
    at += point.bytes;
  }
  return out;
}

// Whether a code span holds addresses and nothing else: then the person only set them off.
bool holds_only_links(std::string_view span) {
  size_t at = 0;
  bool any = false;
  for (const Link& link : find_links(span)) {
    if (span.substr(at, link.begin - at).find_first_not_of(" \n") != std::string_view::npos) return false;
    at = link.end;
    any = any || !link.url.empty();
  }
  return any && span.substr(at).find_first_not_of(" \n") == std::string_view::npos;
}

void blank(std::string& text, size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) text[i] = ' ';
}

// Blanks what stands between `fence` and the next one; a span of plain words stays unless `always`.
void blank_spans(std::string& text, std::string_view fence, bool always) {
  for (size_t open = text.find(fence); open != std::string::npos; open = text.find(fence, open)) {
    const size_t start = open + fence.size();
    size_t close = text.find(fence, start);
    if (close == std::string::npos && !always) return;
    if (close == std::string::npos) close = text.size();
    const std::string_view span = std::string_view(text).substr(start, close - start);
    const bool code = always || span.find_first_of("(){}[];=<>$/\\") != std::string_view::npos;
    const size_t end = close + fence.size() < text.size() ? close + fence.size() : text.size();
    if (code && !holds_only_links(span)) {
      blank(text, open, end);
    } else {
      blank(text, open, start);
      blank(text, close, end);
    }
    open = end;
  }
}

// Blanks lines that are statements of a programming language.
void blank_code_lines(std::string& text) {
  for (size_t begin = 0; begin < text.size();) {
    size_t end = text.find('\n', begin);
    if (end == std::string::npos) end = text.size();
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    const size_t last = line.find_last_not_of(' ');
    const bool closes =
        last != std::string_view::npos && (line[last] == ';' || line[last] == '{' || line[last] == '}');
    const bool code = closes && line.find_first_of("=({") != std::string_view::npos;
    if (code && line.find("://") == std::string_view::npos) blank(text, begin, end);
    begin = end + 1;
  }
}

bool starts_capital(std::string_view text, size_t at) {
  const CodePoint point = code_point_at(text, at);
  if (point.value < 0x80) return text[at] >= 'A' && text[at] <= 'Z';
  const bool cased = point.value < 0x250 || (point.value >= 0x370 && point.value < 0x530) ||
                     (point.value >= 0x1E00 && point.value < 0x2000);
  return !cased || lower_code_point(point.value) != point.value;
}

class Tokenizer {
 public:
  explicit Tokenizer(Text& out) : out_(out), text_(out.text) {}

  void run() {
    size_t link = 0;
    bool spaced = true;
    for (size_t at = 0; at < text_.size();) {
      if (text_[at] == ' ') {
        spaced = true;
        ++at;
        continue;
      }
      Token token;
      token.spaced = spaced;
      token.begin = static_cast<uint32_t>(at);
      if (link < out_.links.size() && out_.links[link].begin == at) {
        token.kind = TokenKind::link;
        token.link = static_cast<uint32_t>(link);
        at = out_.links[link++].end;
      } else {
        const size_t limit = link < out_.links.size() ? out_.links[link].begin : text_.size();
        at = read(token, at, limit);
      }
      token.end = static_cast<uint32_t>(at);
      if (token.kind == TokenKind::word) classify(token);
      spaced = text_[token.begin] == '\n';
      out_.tokens.push_back(token);
    }
  }

 private:
  size_t read(Token& token, size_t at, size_t limit) {
    const CodePoint point = code_point_at(text_, at);
    if (!is_word_code_point(point.value)) return at + point.bytes;
    token.kind = TokenKind::word;
    const bool elided = at + 2 < limit && text_[at + 1] == '\'' && is_ascii_letter(text_[at]);  // "d'Isère"
    token.capital =
        starts_capital(text_, at) || (elided && word_at(at + 2, limit) && starts_capital(text_, at + 2));
    return end_of_word(at, limit);
  }

  [[nodiscard]] bool word_at(size_t at, size_t limit) const {
    return at < limit && is_word_code_point(code_point_at(text_, at).value);
  }

  // Whether the mark at `at` (never the first of a word, which begins at `begin`) belongs to the word.
  [[nodiscard]] bool joins(size_t begin, size_t at, size_t limit) const {
    if (!word_at(at + 1, limit)) return false;
    const bool between_digits = is_ascii_digit(text_[at - 1]) && is_ascii_digit(text_[at + 1]);
    const bool single = at - begin == 1 || !is_ascii_alnum(text_[at - 2]);
    const bool next_single =
        is_ascii_letter(text_[at + 1]) && !(at + 2 < limit && is_ascii_alnum(text_[at + 2]));
    switch (text_[at]) {
      case '\'':
      case '-':
        return true;
      case '&':
        return single;
      case '.':
        return between_digits || (single && is_ascii_letter(text_[at - 1]) && next_single);
      case ',':
      case ':':
      case '/':
        return between_digits;
      default:
        return false;
    }
  }

  [[nodiscard]] size_t end_of_word(size_t begin, size_t limit) const {
    size_t at = begin;
    bool initials = false;
    while (at < limit) {
      const CodePoint point = code_point_at(text_, at);
      if (is_word_code_point(point.value)) {
        at += point.bytes;
      } else if (at > begin && joins(begin, at, limit)) {
        initials = initials || (text_[at] == '.' && is_ascii_letter(text_[at + 1]));
        ++at;
      } else {
        break;
      }
    }
    return initials && at < limit && text_[at] == '.' ? at + 1 : at;
  }

  void classify(Token& token) const {
    token.flags = flags_of(std::string_view(out_.folded).substr(token.begin, token.end - token.begin));
    if (is_ascii_digit(text_[token.begin]) && token.flags == 0) token.kind = TokenKind::number;
  }

  Text& out_;
  std::string_view text_;
};

class Divider {
 public:
  explicit Divider(Text& text) : text_(text) {}

  void run() {
    uint32_t first = 0;
    const auto count = static_cast<uint32_t>(text_.tokens.size());
    for (uint32_t i = 0; i <= count; ++i) {
      const bool full = i - first == kSentenceTokensMax;
      const bool ends = i == count || ends_sentence(i);
      if (!full && !ends) continue;
      if (i > first) add_sentence(first, i);
      first = ends ? i + 1 : i;
    }
  }

 private:
  [[nodiscard]] bool ends_sentence(uint32_t i) const {
    if (text_.tokens[i].kind != TokenKind::mark) return false;
    const std::string_view mark = text_.word(i);
    if (mark == ".") return i == 0 || text_.tokens[i].spaced || !text_.has(i - 1, kAbbreviation);
    return mark == "\n" || text_.any_phrase_at(i, i + 1, "!|?|;|…|。|！|？") > 0;
  }

  void add_sentence(uint32_t first, uint32_t last) {
    const auto index = static_cast<uint32_t>(text_.sentences.size());
    text_.sentences.push_back({first, last});
    Clause clause{first, first, index, false};
    for (uint32_t i = first; i < last; ++i) {
      uint32_t begin = i;
      bool soft = false;
      const bool starts = starts_clause(i, last, begin, soft);
      if (!starts && i - clause.first < kClauseTokensMax) continue;
      if (!starts) begin = i;
      clause.last = i;
      if (clause.last > clause.first) text_.clauses.push_back(clause);
      clause = {begin, begin, index, soft};
      if (begin > i) i = begin - 1;
    }
    clause.last = last;
    if (clause.last > clause.first) text_.clauses.push_back(clause);
  }

  // Whether token `i` ends a clause; the next one starts at `begin`.
  bool starts_clause(uint32_t i, uint32_t last, uint32_t& begin, bool& soft) const {
    if (text_.has(i, kBreak)) {
      const std::string_view next = text_.word(i + 1);
      begin = i + 1;
      if (next == "from" || next == "to" || next == "on") return false;  // the next leg of a journey
      return text_.any_phrase_at(i, last, "so far|so much|so many|so that") == 0;
    }
    if (text_.any_phrase_at(i, last, ":|(|)|•") > 0 || is_dash(i, last)) {
      begin = i + 1;
      soft = true;
      return true;
    }
    if (text_.any_phrase_at(i, last, ",|and|&|+|，") == 0) return false;
    uint32_t head = i + 1;
    while (head < last && (text_.is(head, "and") || text_.is(head, "or") || text_.is(head, "then"))) ++head;
    begin = head;
    // "see and do" is one wish, ", do" starts another.
    return head < last && text_.has(head, kHead);
  }

  // Whether `i` is a dash that divides, other than in "Vienna - Athens".
  [[nodiscard]] bool is_dash(uint32_t i, uint32_t last) const {
    const std::string_view mark = text_.word(i);
    if (mark == "—") return true;
    if (mark != "-" && mark != "–") return false;
    if (i + 1 >= last || !text_.tokens[i].spaced || !text_.tokens[i + 1].spaced) return false;
    const bool names = i > 0 && text_.tokens[i - 1].kind == TokenKind::word &&
                       (text_.tokens[i + 1].capital || is_known_place(text_.word(i + 1))) &&
                       (text_.tokens[i - 1].capital || is_known_place(text_.word(i - 1)));
    return !names || text_.has(i + 1, kStop | kHead);
  }

  Text& text_;
};

}  // namespace

std::string_view Text::word(size_t i) const {
  if (i >= tokens.size()) return {};
  return std::string_view(folded).substr(tokens[i].begin, tokens[i].end - tokens[i].begin);
}

bool Text::is(size_t i, std::string_view folded_word) const { return word(i) == folded_word; }

bool Text::has(size_t i, uint32_t flags) const { return i < tokens.size() && (tokens[i].flags & flags) != 0; }

size_t Text::phrase_at(size_t i, size_t last, std::string_view phrase) const {
  size_t at = i;
  for (size_t from = 0; from < phrase.size(); ++at) {
    size_t to = phrase.find(' ', from);
    if (to == std::string_view::npos) to = phrase.size();
    if (at >= last || word(at) != phrase.substr(from, to - from)) return 0;
    from = to + 1;
  }
  return at - i;
}

size_t Text::any_phrase_at(size_t i, size_t last, std::string_view phrases) const {
  const std::string_view first = word(i);
  size_t longest = 0;
  for (size_t from = 0; from < phrases.size();) {
    size_t to = phrases.find('|', from);
    if (to == std::string_view::npos) to = phrases.size();
    const std::string_view phrase = phrases.substr(from, to - from);
    if (phrase.substr(0, first.size()) == first) {
      const size_t length = phrase_at(i, last, phrase);
      if (length > longest) longest = length;
    }
    from = to + 1;
  }
  return longest;
}

Text cut(std::string_view message) {
  Text out;
  out.text = plain(message);
  blank_spans(out.text, "```", true);
  blank_spans(out.text, "`", false);
  blank_code_lines(out.text);
  out.folded = out.text;
  for (char& c : out.folded) c = ascii_lower(c);
  out.links = find_links(out.text);
  Tokenizer(out).run();
  Divider(out).run();
  return out;
}

}  // namespace sluice::chat
