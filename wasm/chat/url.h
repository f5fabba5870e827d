// Web addresses in a chat message: where they stand, and what absolute URL they mean.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::chat {

// Longest URL that is taken from a message or made from a template, in bytes.
inline constexpr size_t kUrlBytesMax = 2048;

struct Link {
  size_t begin = 0;  // bytes in the text searched
  size_t end = 0;
  std::string url;    // absolute; empty: an address that is no web page (e-mail, ftp, a tag's attribute)
  bool bare = false;  // only a domain, without scheme, "www." or path: perhaps no more than a brand's name
};

// Every address in `text` (valid UTF-8), in order and without overlap. An address that cannot be made a valid
// URL of at most kUrlBytesMax bytes has an empty `url`.
[[nodiscard]] std::vector<Link> find_links(std::string_view text);

// Makes `address` ("HTTPS://Münch.example/Straße") an absolute URL in ASCII: scheme and host in lower case,
// the host in Punycode, everything else that a URL cannot hold percent-encoded as UTF-8. Returns an empty
// string for anything that is no http(s) URL with a valid host, that holds credentials, or that is too long.
[[nodiscard]] std::string absolute_url(std::string_view address);

// Appends `text` percent-encoded: all bytes but unreserved characters (RFC 3986, 2.3).
void append_encoded(std::string& out, std::string_view text);

// The URL made from `url` without its fragment and with the path "/" where it has none: two addresses with
// the same key name the same page.
[[nodiscard]] std::string page_key(std::string_view url);

}  // namespace sluice::chat
