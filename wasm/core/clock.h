// Times as text. The core holds times as integer milliseconds since the epoch, UTC; JSON over HTTP holds
// RFC 3339 strings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

// The last millisecond of the year 9999, beyond which RFC 3339 has no times.
inline constexpr int64_t kTimeMsMax = 253402300799999;

// `2026-11-22T21:25:06.000Z`; always milliseconds, always Z. A time before 1970 or after kTimeMsMax is
// written as the nearer of the two.
[[nodiscard]] std::string rfc3339(int64_t at_ms);

// Reads an RFC 3339 date-time with any offset; digits below the millisecond are cut, a leap second counts
// as the second after it. Returns -1 for anything else, and for times before 1970.
[[nodiscard]] int64_t parse_rfc3339(std::string_view text);

}  // namespace sluice
