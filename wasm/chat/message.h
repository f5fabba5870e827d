// From the body of a chat request to its reading, both JSON: all that the chat module does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chat/chat.h"

namespace sluice::chat {

// Reads `{message, …}` and returns {wants, urgent, missing, requests: [{scrapeType, url, place?, query?} …]},
// the members of a Reading (core/request_schema.h has the shape). A body that the core refuses (no JSON, no
// message, over its bounds) reads like a message that asks for nothing: to say why is the core's part.
[[nodiscard]] std::string read_message(std::string_view body, const std::vector<Site>& sites);

}  // namespace sluice::chat
