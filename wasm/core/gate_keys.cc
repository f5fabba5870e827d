#include "core/gate_keys.h"

#include <cstdint>

#include "core/limits.h"

namespace sluice {
namespace {

constexpr std::string_view kTracking = "utm_";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text) {
  std::string out;
  for (const char c : text) out.push_back(lower(c));
  return out;
}

// Without spaces around it and without control characters, which no URL holds.
std::string cleaned(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= ' ') out.push_back(c);
  }
  return out;
}

struct Parts {
  std::string scheme;  // empty: not a URL that has a key
  std::string host;    // with its port where that is not the scheme's
  std::string_view path;
  std::string_view query;
};

std::string read_host(std::string_view authority, bool secure) {
  const size_t colon = authority.rfind(':');
  std::string_view port;
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
    while (port.size() > 1 && port.front() == '0') port.remove_prefix(1);
  }
  while (!authority.empty() && authority.back() == '.') authority.remove_suffix(1);
  std::string out = lowered(authority);
  if (!out.empty() && !port.empty() && port != (secure ? "443" : "80")) out.append(":").append(port);
  return out;
}

// `text` outlives the parts.
Parts read_parts(std::string_view text) {
  Parts out;
  text = text.substr(0, text.find('#'));
  const std::string start = lowered(text.substr(0, 8));
  const bool secure = start == "https://";
  if (!secure && start.compare(0, 7, "http://") != 0) return out;
  text.remove_prefix(secure ? 8 : 7);
  const size_t end = text.find_first_of("/\\?");
  const std::string_view authority = text.substr(0, end);
  if (authority.find('@') != std::string_view::npos) return out;
  out.host = read_host(authority, secure);
  if (out.host.empty()) return out;
  out.scheme = secure ? "https" : "http";
  const std::string_view rest = end == std::string_view::npos ? std::string_view() : text.substr(end);
  const size_t mark = rest.find('?');
  out.path = rest.substr(0, mark);
  if (mark != std::string_view::npos) out.query = rest.substr(mark + 1);
  return out;
}

void append_query(std::string& out, std::string_view query) {
  char before = '?';
  while (!query.empty()) {
    const size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (pair.empty() || lowered(pair.substr(0, kTracking.size())) == kTracking) continue;
    out.append(1, before).append(pair);
    before = '&';
  }
}

// FNV-1a, 64 bits, as 16 hexadecimal digits.
std::string hash_of(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back("0123456789abcdef"[(hash >> shift) & 15]);
  return out;
}

std::string bounded(std::string text) {
  if (text.size() <= limits::kGateUrlBytesMax) return text;
  const std::string hash = hash_of(text);
  size_t end = limits::kGateUrlBytesMax - hash.size() - 1;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  return text.append("#").append(hash);
}

}  // namespace

std::string url_key(std::string_view url) {
  const std::string text = cleaned(url);
  const Parts parts = read_parts(text);
  if (parts.scheme.empty()) return "";
  std::string out = parts.scheme + "://" + parts.host;
  out.append(parts.path.empty() ? std::string_view("/") : parts.path);
  append_query(out, parts.query);
  return bounded(std::move(out));
}

std::string host_key(std::string_view url) { return bounded(read_parts(cleaned(url)).host); }

}  // namespace sluice
