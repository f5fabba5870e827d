#include "core/format.h"

namespace sluice {
namespace {

constexpr size_t kLabelBytesMax = 63;    // RFC 1035, 2.3.4
constexpr size_t kDomainBytesMax = 253;  // RFC 1035, written with dots
constexpr int kPortMax = 65'535;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool is_hex(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }

bool is_alphanumeric(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z'); }

bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

bool contains(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

// Removes `prefix`, given in lower case, from the front of `text` whatever its case.
bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  for (size_t n = 0; n < prefix.size(); ++n) {
    if (lower(text[n]) != prefix[n]) return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

// Splits off what precedes the first `separator`; false where there is none.
bool take_until(std::string_view& text, char separator, std::string_view& before) {
  const size_t at = text.find(separator);
  if (at == std::string_view::npos) return false;
  before = text.substr(0, at);
  text.remove_prefix(at + 1);
  return true;
}

bool is_port(std::string_view text) {
  int port = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    port = port * 10 + (c - '0');
    if (port > kPortMax) return false;
  }
  return true;
}

// `text` follows an opening bracket: an IPv6 address, its closing bracket, perhaps a port.
bool is_bracketed_host(std::string_view text) {
  std::string_view address;
  if (!take_until(text, ']', address)) return false;
  if (address.find(':') == std::string_view::npos) return false;
  for (const char c : address) {
    if (!is_hex(c) && c != ':' && c != '.') return false;
  }
  return text.empty() || (text[0] == ':' && is_port(text.substr(1)));
}

bool is_authority(std::string_view text) {
  std::string_view credentials;
  (void)take_until(text, '@', credentials);
  if (text.empty() || contains(text, '@')) return false;
  if (text[0] == '[') return is_bracketed_host(text.substr(1));
  const size_t colon = text.find(':');
  const std::string_view host = text.substr(0, colon);
  if (host.empty() || contains(host, '[') || contains(host, ']')) return false;
  return colon == std::string_view::npos || is_port(text.substr(colon + 1));
}

bool is_local_part(std::string_view text) {
  if (text.empty() || text.size() > kEmailLocalBytesMax || text.back() == '.') return false;
  char previous = '.';
  for (const char c : text) {
    if (c == '.' && previous == '.') return false;
    if (!is_alphanumeric(c) && !is_beyond_ascii(c) && !contains(".!#$%&'*+/=?^_`{|}~-", c)) return false;
    previous = c;
  }
  return true;
}

bool is_label(std::string_view text) {
  if (text.empty() || text.size() > kLabelBytesMax || text.front() == '-' || text.back() == '-') return false;
  for (const char c : text) {
    if (!is_alphanumeric(c) && !is_beyond_ascii(c) && c != '-') return false;
  }
  return true;
}

bool is_domain(std::string_view text) {
  if (text.size() > kDomainBytesMax) return false;
  std::string_view label;
  while (take_until(text, '.', label)) {
    if (!is_label(label)) return false;
  }
  return is_label(text);
}

// Reads `text` by `pattern`, in which each digit is the index of the field that takes one digit and any
// other character stands for itself. False where they differ in length or anywhere else.
bool read_fields(std::string_view text, std::string_view pattern, int* fields) {
  if (text.size() != pattern.size()) return false;
  for (size_t n = 0; n < text.size(); ++n) {
    if (!is_digit(pattern[n])) {
      if (lower(text[n]) != pattern[n]) return false;
    } else if (is_digit(text[n])) {
      int& field = fields[pattern[n] - '0'];
      field = field * 10 + (text[n] - '0');
    } else {
      return false;
    }
  }
  return true;
}

int days_in(int year, int month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

}  // namespace

bool is_http_uri(std::string_view text) {
  if (text.size() > kUriBytesMax) return false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == 0x7f || c == '"' || c == '<' || c == '>' || c == '\\') return false;
  }
  if (!take_prefix(text, "http://") && !take_prefix(text, "https://")) return false;
  return is_authority(text.substr(0, text.find_first_of("/?#")));
}

bool is_email(std::string_view text) {
  const size_t at = text.rfind('@');
  if (text.size() > kEmailBytesMax || at == std::string_view::npos) return false;
  return is_local_part(text.substr(0, at)) && is_domain(text.substr(at + 1));
}

bool is_date_time(std::string_view text) {
  constexpr std::string_view kMoment = "0000-11-22t33:44:55";
  constexpr std::string_view kOffset = "00:11";
  int moment[6] = {};
  if (!read_fields(text.substr(0, kMoment.size()), kMoment, moment)) return false;
  const auto [year, month, day, hour, minute, second] = moment;
  if (month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return false;
  if (hour > 23 || minute > 59 || second > 60) return false;
  text.remove_prefix(kMoment.size());
  if (!text.empty() && text[0] == '.') {
    size_t end = 1;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end == 1) return false;
    text.remove_prefix(end);
  }
  int offset[2] = {};
  const bool is_utc = text == "Z" || text == "z";
  if (!is_utc) {
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return false;
    if (!read_fields(text.substr(1), kOffset, offset) || offset[0] > 23 || offset[1] > 59) return false;
  }
  if (second < 60) return true;
  constexpr int kDayMinutes = 24 * 60;
  const int ahead = (offset[0] * 60 + offset[1]) * (text[0] == '-' ? -1 : 1);
  const int utc = hour * 60 + minute - ahead;
  return (utc + kDayMinutes) % kDayMinutes == kDayMinutes - 1;
}

bool is_uuid(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() != kShape.size()) return false;
  for (size_t n = 0; n < text.size(); ++n) {
    if (kShape[n] == '-' ? text[n] != '-' : !is_hex(text[n])) return false;
  }
  return true;
}

}  // namespace sluice
