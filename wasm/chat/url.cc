#include "chat/url.h"

#include <cstdint>

#include "chat/utf8.h"
#include "chat/words.h"

namespace sluice::chat {
namespace {

constexpr size_t kHostBytesMax = 253;  // RFC 1035, 2.3.4, written without the root's dot
constexpr size_t kLabelBytesMax = 63;  // RFC 1035, 2.3.4

// Top-level domains after which a name without scheme is taken for an address. All others need "http(s)://".
constexpr std::string_view kTopLevels =
    "|com|org|net|edu|gov|int|info|biz|name|pro|aero|travel|app|dev|io|co|ai|tv|eu|online|site|store|shop|"
    "blog|club|xyz|tech|cloud|world|tours|holiday|cafe|page|news|hotel|hotels|flights|example|ad|ae|ar|au|"
    "ba|bg|br|ca|ch|cl|cn|cr|cy|cz|de|dk|ec|ee|eg|es|fi|fr|gr|hk|hr|hu|id|ie|il|jp|ke|kr|lk|lt|lu|lv|ma|mc|"
    "mt|mx|ng|nl|nz|pe|ph|pk|pl|pt|qa|ro|ru|se|sg|si|sk|th|tn|tr|tw|tz|ua|uk|uy|vn|za|cat|berlin|wien|"
    "hamburg|koeln|paris|london|amsterdam|nyc|tokyo|";
// The same, but an English word as well: after a word that is no name they are a missing space ("nice.it
// was").
constexpr std::string_view kWordTopLevels = "|it|is|in|to|at|my|be|no|so|me|am|as|do|us|";
// The same, but the ending of a file as well: only with "www." or a path.
constexpr std::string_view kFileTopLevels = "|rs|md|sh|cc|py|ps|zip|mov|ml|";
constexpr std::string_view kNotSites = "|asp.net|vb.net|ado.net|ml.net|socket.io|";

std::string folded(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = ascii_lower(c);
  return out;
}

bool listed(std::string_view list, std::string_view item) {
  const std::string bounded = "|" + std::string(item) + "|";
  return list.find(bounded) != std::string_view::npos;
}

bool starts_with_folded(std::string_view text, size_t at, std::string_view prefix) {
  if (text.size() - at < prefix.size()) return false;
  for (size_t i = 0; i < prefix.size(); ++i) {
    if (ascii_lower(text[at + i]) != prefix[i]) return false;
  }
  return true;
}

char punycode_digit(uint32_t value) {
  return static_cast<char>(value < 26 ? 'a' + value : '0' + (value - 26));
}

uint32_t punycode_bias(uint32_t delta, uint32_t points, bool first) {
  delta = first ? delta / 700 : delta / 2;
  delta += delta / points;
  uint32_t k = 0;
  for (; delta > 455; k += 36) delta /= 35;
  return k + 36 * delta / (delta + 38);
}

// Appends `points` (a label with at least one non-ASCII code point, at most kLabelBytesMax points) in
// Punycode (RFC 3492, 6.3), with its prefix.
void append_punycode(std::string& out, const std::vector<uint32_t>& points) {
  out.append("xn--");
  uint32_t handled = 0;
  for (const uint32_t point : points) {
    if (point >= 0x80) continue;
    out.push_back(static_cast<char>(point));
    ++handled;
  }
  const uint32_t basic = handled;
  if (basic > 0) out.push_back('-');
  uint32_t bias = 72;
  uint32_t delta = 0;
  for (uint32_t n = 0x80; handled < points.size(); ++n) {
    uint32_t next = 0xFFFFFFFF;
    for (const uint32_t point : points) {
      if (point >= n && point < next) next = point;
    }
    delta += (next - n) * (handled + 1);
    n = next;
    for (const uint32_t point : points) {
      if (point < n) ++delta;
      if (point != n) continue;
      uint32_t rest = delta;
      for (uint32_t k = 36;; k += 36) {
        const uint32_t threshold = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
        if (rest < threshold) break;
        out.push_back(punycode_digit(threshold + (rest - threshold) % (36 - threshold)));
        rest = (rest - threshold) / (36 - threshold);
      }
      out.push_back(punycode_digit(rest));
      bias = punycode_bias(delta, handled + 1, handled == basic);
      delta = 0;
      ++handled;
    }
    ++delta;
  }
}

// Appends one label of a host; false when it is none.
bool append_label(std::string& out, std::string_view label) {
  if (label.empty() || label.front() == '-' || label.back() == '-') return false;
  std::vector<uint32_t> points;
  bool ascii = true;
  for (size_t at = 0; at < label.size();) {
    const CodePoint point = code_point_at(label, at);
    const bool allowed = point.value < 0x80
                             ? is_ascii_alnum(label[at]) || label[at] == '-' || label[at] == '_'
                             : point.bytes > 1 && is_word_code_point(point.value);
    if (!allowed || points.size() == kLabelBytesMax) return false;
    points.push_back(lower_code_point(point.value));
    ascii = ascii && point.value < 0x80;
    at += point.bytes;
  }
  const size_t start = out.size();
  if (ascii) {
    for (const uint32_t point : points) out.push_back(static_cast<char>(point));
  } else {
    append_punycode(out, points);
  }
  return out.size() - start <= kLabelBytesMax;
}

// Whether a host that ends in a number is a dotted IPv4 address: URL parsers read it as one or fail.
bool is_ipv4(std::string_view host) {
  int parts = 0;
  for (size_t at = 0; at <= host.size(); ++parts) {
    size_t dot = host.find('.', at);
    if (dot == std::string_view::npos) dot = host.size();
    const std::string_view part = host.substr(at, dot - at);
    if (part.empty() || part.size() > 3 || (part.size() > 1 && part[0] == '0')) return false;
    int value = 0;
    for (const char c : part) {
      if (!is_ascii_digit(c)) return false;
      value = value * 10 + (c - '0');
    }
    if (value > 255) return false;
    at = dot + 1;
  }
  return parts == 4;
}

// Appends `host` in the form that goes into a URL; false when it is none.
bool append_host(std::string& out, std::string_view host) {
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  const size_t start = out.size();
  size_t last_label = start;
  for (size_t at = 0; at <= host.size();) {
    size_t dot = host.find('.', at);
    if (dot == std::string_view::npos) dot = host.size();
    if (at > 0) out.push_back('.');
    last_label = out.size();
    if (!append_label(out, host.substr(at, dot - at))) return false;
    at = dot + 1;
  }
  if (out.size() - start > kHostBytesMax) return false;
  if (is_ascii_digit(out[last_label])) {
    bool number = true;
    for (size_t i = last_label; i < out.size(); ++i) number = number && is_ascii_digit(out[i]);
    const bool hexadecimal = out.compare(last_label, 2, "0x") == 0;
    if (number || hexadecimal) return is_ipv4(std::string_view(out).substr(start));
  }
  return true;
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5) return false;
  int value = 0;
  for (const char c : text) {
    if (!is_ascii_digit(c)) return false;
    value = value * 10 + (c - '0');
  }
  return value >= 1 && value <= 65535;
}

bool is_hex(char c) { return is_ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f'); }

void append_hex(std::string& out, char c) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out.push_back('%');
  out.push_back(kHex[byte >> 4]);
  out.push_back(kHex[byte & 15]);
}

// Appends path, query and fragment; what RFC 3986 allows nowhere in them is percent-encoded.
void append_rest(std::string& out, std::string_view rest) {
  static constexpr std::string_view kAllowed = "-._~:/?@!$&'()*+,;=";
  bool fragment = false;
  for (size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    const bool escape = c == '%' && i + 2 < rest.size() && is_hex(rest[i + 1]) && is_hex(rest[i + 2]);
    const bool hash = c == '#' && !fragment;
    fragment = fragment || hash;
    if (is_ascii_alnum(c) || escape || hash || kAllowed.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      append_hex(out, c);
    }
  }
}

// Where an address that starts before `at` ends: at a space, a quote, a pictograph, a bracket that it did not
// open, or the next address of a list.
size_t end_of_address(std::string_view text, size_t at) {
  static constexpr std::string_view kEnds = "\"<>`\\|";
  int round = 0;
  int square = 0;
  while (at < text.size()) {
    const char c = text[at];
    const CodePoint point = code_point_at(text, at);
    if (point.value >= 0x80) {
      if (!is_word_code_point(point.value)) break;
      at += point.bytes;
      continue;
    }
    if (c <= ' ' || c == 0x7F || kEnds.find(c) != std::string_view::npos) break;
    if (c == '(') ++round;
    if (c == '[') ++square;
    if (c == ')' && --round < 0) break;
    if (c == ']' && --square < 0) break;
    if ((c == ',' || c == ';') && starts_with_folded(text, at + 1, "http")) break;
    ++at;
  }
  return at;
}

// Cuts what closes the sentence, not the address.
size_t trim_address(std::string_view text, size_t begin, size_t end) {
  const bool underscored = begin > 0 && text[begin - 1] == '_';
  while (end > begin) {
    const char c = text[end - 1];
    const bool closing = std::string_view(".,;:!?'*~([").find(c) != std::string_view::npos;
    const bool genitive = c == 's' && end - begin > 2 && text[end - 2] == '\'';
    if (!closing && !genitive && !(underscored && c == '_')) break;
    --end;
  }
  return end;
}

size_t end_of_run(std::string_view text, size_t at) {
  while (at < text.size()) {
    const CodePoint point = code_point_at(text, at);
    const bool joins =
        point.value < 0x80 && std::string_view("._-+%").find(text[at]) != std::string_view::npos;
    if (!joins && !is_word_code_point(point.value)) break;
    at += point.bytes;
  }
  return at;
}

// Whether `host`, written without a scheme, is meant as an address. `addressed`: "www." or a path says so.
bool is_plain_domain(std::string_view host, bool addressed) {
  const size_t dot = host.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == host.size()) return false;
  const std::string top = folded(host.substr(dot + 1));
  const bool file = listed(kFileTopLevels, top);
  const bool word = listed(kWordTopLevels, top);
  if (!listed(kTopLevels, top) && !word && !(file && addressed)) return false;
  if (addressed) return true;
  if (listed(kNotSites, folded(host))) return false;
  const bool sentence_start = host[dot + 1] != top[0] && host[dot - 1] == ascii_lower(host[dot - 1]);
  const std::string before = folded(host.substr(0, dot));
  return !sentence_start && !(word && (flags_of(before) != 0 || is_known_place(before)));
}

// Reads the name without scheme at [begin, run); `end` is set behind it when it is an address.
bool read_plain(std::string_view text, size_t begin, size_t run, Link& link) {
  size_t host_end = run;
  while (host_end > begin && !is_ascii_alnum(text[host_end - 1]) &&
         static_cast<unsigned char>(text[host_end - 1]) < 0x80) {
    --host_end;
  }
  const std::string_view host = text.substr(begin, host_end - begin);
  size_t rest = host_end;
  if (rest == run && rest + 1 < text.size() && text[rest] == ':' && is_ascii_digit(text[rest + 1])) {
    for (++rest; rest < text.size() && is_ascii_digit(text[rest]);) ++rest;
    if (!is_port(text.substr(host_end + 1, rest - host_end - 1))) rest = host_end;
  }
  const bool has_rest = rest < text.size() && (text[rest] == '/' || text[rest] == '?' || text[rest] == '#') &&
                        rest + 1 < text.size() && (text[rest] != '?' || is_ascii_alnum(text[rest + 1]));
  const bool www = starts_with_folded(host, 0, "www.");
  if (!is_plain_domain(host, www || has_rest || rest > host_end)) return false;
  if (rest < text.size() && (text[rest] == '(' || text[rest] == '=')) return false;
  link.begin = begin;
  link.end = has_rest ? trim_address(text, begin, end_of_address(text, rest)) : rest;
  link.bare = !www && rest == host_end && (!has_rest || link.end <= rest + 1);
  link.url = absolute_url("https://" + std::string(text.substr(begin, link.end - begin)));
  return !link.url.empty() || link.end - link.begin > kUrlBytesMax;
}

// Reads whatever address starts at `begin`, whose run of name characters ends at `run`.
bool read_link(std::string_view text, size_t begin, size_t run, Link& link) {
  link = {begin, run, {}, false};
  if (run < text.size() && text[run] == '@') {
    link.end = trim_address(text, begin, end_of_run(text, run + 1));
    return link.end > run + 1;
  }
  if (starts_with_folded(text, run, "://")) {
    std::string scheme = folded(text.substr(begin, run - begin));
    const size_t stop = scheme.rfind('.');  // "here.https://…": only a space is missing
    if (stop != std::string::npos && scheme.compare(stop + 1, 4, "http") == 0) {
      begin += stop + 1;
      link.begin = begin;
      scheme.erase(0, stop + 1);
    }
    link.end = trim_address(text, begin, end_of_address(text, run + 3));
    if (link.end <= run + 3) return false;
    const bool attribute =
        begin > 1 && text[begin - 2] == '=' && (text[begin - 1] == '"' || text[begin - 1] == '\'');
    if (!attribute && (scheme == "http" || scheme == "https")) {
      link.url = absolute_url(text.substr(begin, link.end - begin));
    }
    return true;
  }
  return read_plain(text, begin, run, link);
}

}  // namespace

std::vector<Link> find_links(std::string_view text) {
  std::vector<Link> links;
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    if (!is_word_code_point(point.value)) {
      at += point.bytes;
      continue;
    }
    const size_t run = end_of_run(text, at);
    const bool inside = at > 0 && std::string_view("@/.-_").find(text[at - 1]) != std::string_view::npos &&
                        !(text[at - 1] == '_' && (at == 1 || text[at - 2] == ' '));
    Link link;
    if (!inside && read_link(text, at, run, link)) {
      at = link.end > at ? link.end : run;
      links.push_back(std::move(link));
    } else {
      at = run;
    }
  }
  return links;
}

std::string absolute_url(std::string_view address) {
  std::string out;
  const size_t colon = address.find("://");
  if (colon == std::string_view::npos) return out;
  const std::string scheme = folded(address.substr(0, colon));
  if (scheme != "http" && scheme != "https") return out;
  std::string_view authority = address.substr(colon + 3);
  const size_t slash = authority.find_first_of("/?#");
  const std::string_view rest =
      slash == std::string_view::npos ? std::string_view() : authority.substr(slash);
  authority = authority.substr(0, slash);
  const size_t port = authority.find(':');
  if (port != std::string_view::npos && !is_port(authority.substr(port + 1))) return out;
  out = scheme + "://";
  if (!append_host(out, authority.substr(0, port))) return {};
  if (port != std::string_view::npos) out.append(authority.substr(port));
  append_rest(out, rest);
  return out.size() <= kUrlBytesMax ? out : std::string();
}

void append_encoded(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (is_ascii_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out.push_back(c);
    } else {
      append_hex(out, c);
    }
  }
}

std::string page_key(std::string_view url) {
  std::string key(url.substr(0, url.find('#')));
  const size_t host = key.find("://");
  const size_t rest = key.find_first_of("/?", host == std::string::npos ? 0 : host + 3);
  if (rest == std::string::npos) {
    key.push_back('/');
  } else if (key[rest] == '?') {
    key.insert(rest, 1, '/');
  }
  return key;
}

}  // namespace sluice::chat
