// The string formats that schemas may ask for.
#pragma once

#include <cstddef>
#include <string_view>

namespace sluice {

// Longest URI in bytes: what browsers, proxies and the sitemap protocol agree on.
inline constexpr size_t kUriBytesMax = 2'048;
// Longest e-mail address and local part in bytes (RFC 5321, 4.5.3.1).
inline constexpr size_t kEmailBytesMax = 254;
inline constexpr size_t kEmailLocalBytesMax = 64;

// An absolute http or https URI with a host and, if any, a port up to 65,535. White space, controls, quotes,
// angle brackets and backslashes are refused; characters beyond ASCII may stand unescaped.
[[nodiscard]] bool is_http_uri(std::string_view text);

// local@domain as mailers take it: a dot-atom before the @, a host name after it; no quoted local part, no
// comment, no address literal. Characters beyond ASCII may stand on both sides.
[[nodiscard]] bool is_email(std::string_view text);

// A date and time with offset after RFC 3339, with real days of the month; a 60th second only at 23:59 UTC.
[[nodiscard]] bool is_date_time(std::string_view text);

// 8-4-4-4-12 hex digits (RFC 9562), of any version.
[[nodiscard]] bool is_uuid(std::string_view text);

}  // namespace sluice
