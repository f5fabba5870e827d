// The chat module's configuration: the sites that can be asked about a place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chat/chat.h"

namespace sluice::chat {

// Reads `{vars: {SITES: "text"}}` into `out`; the text is a JSON array of {scrapeType, url}, and where it is
// missing or empty there are no sites. Returns an empty string, or what is wrong; then `out` is unusable and
// the caller must not go on.
[[nodiscard]] std::string load_sites(std::string_view json, std::vector<Site>& out);

}  // namespace sluice::chat
