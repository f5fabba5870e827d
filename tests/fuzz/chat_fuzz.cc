// Reads arbitrary messages with the chat rules and checks what every reading must satisfy.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "chat/chat.h"
#include "chat/message.h"
#include "chat/url.h"
#include "core/config.h"
#include "core/format.h"
#include "core/limits.h"
#include "core/writer.h"

namespace {

using sluice::chat::Reading;
using sluice::chat::ScrapeType;
using sluice::chat::Site;

void require(bool condition) {
  if (!condition) std::abort();
}

const std::vector<Site>& sites() {
  static const std::vector<Site> all = {{ScrapeType::hotel, "https://h.example/{place}?q={query}"},
                                        {ScrapeType::flight, "https://f.example/{from}/{to}"},
                                        {ScrapeType::flight, "https://t.example/{to}"},
                                        {ScrapeType::attraction, "https://{place}.a.example/"}};
  return all;
}

// What the module says of any body is a reading that the core takes, and the same as read() says.
void check_written(std::string_view body, const Reading* expected) {
  static const sluice::Config config = [] {
    sluice::Config made;
    require(made.load(R"({"types":[],"vars":{}})").empty());
    return made;
  }();
  const std::string text = sluice::chat::read_message(body, sites());
  sluice::json::Document document;
  require(!document.parse(text));
  std::vector<sluice::Fault> faults;
  require(config.reading.validate(document.root(), "", faults));
  if (expected == nullptr) return;
  require(document.root().find("wants").truth() == expected->wants_scraping);
  require(document.root().find("requests").size() == expected->requests.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  const Reading reading = sluice::chat::read(message, sites());
  require(reading.requests.size() <= sluice::chat::kRequestsMax);
  require(reading.wants_scraping || (reading.requests.empty() && !reading.urgent));
  require(reading.missing.empty() == (!reading.wants_scraping || !reading.requests.empty()));
  for (size_t i = 0; i < reading.requests.size(); ++i) {
    const auto& request = reading.requests[i];
    require(request.url.size() <= sluice::chat::kUrlBytesMax);
    require(sluice::is_http_uri(request.url));
    require(sluice::chat::absolute_url(request.url) == request.url);
    for (size_t k = 0; k < i; ++k) require(reading.requests[k].url != request.url);
  }
  const Reading again = sluice::chat::read(message, sites());
  require(again.requests.size() == reading.requests.size() && again.missing == reading.missing);
  for (size_t i = 0; i < reading.requests.size(); ++i) {
    require(again.requests[i].url == reading.requests[i].url);
  }
  check_written(message, nullptr);
  std::string body = R"({"message":)";
  sluice::json::append_quoted(body, message);
  body.push_back('}');
  sluice::json::Document document;
  const bool sound = size <= sluice::limits::kChatBytesMax && !document.parse(body);
  check_written(body, sound ? &reading : nullptr);
  return 0;
}
