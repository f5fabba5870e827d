// Keys of the gates that a job's policy names (job.json, "gates"): what it reaches for outside, so that all
// that reach for the same wait for each other.
#pragma once

#include <string>
#include <string_view>

namespace sluice {

// One spelling for the URLs of one page, as far as ASCII goes: scheme and host in lower case, no dot behind
// the host, no default port, no fragment, no utm_* parameters. Empty for what is no http(s) URL or carries
// credentials. A longer one than kGateUrlBytesMax is cut, and ends with a hash of all of it.
[[nodiscard]] std::string url_key(std::string_view url);
// Its host, with the port where that is not the scheme's own; empty for what url_key() refuses.
[[nodiscard]] std::string host_key(std::string_view url);

}  // namespace sluice
