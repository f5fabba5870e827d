#include "chat/message.h"

#include "core/json.h"
#include "core/limits.h"
#include "core/writer.h"

namespace sluice::chat {
namespace {

std::string written(const Reading& reading) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("wants").boolean(reading.wants_scraping).key("urgent").boolean(reading.urgent);
  writer.key("missing").string(reading.missing).key("requests").begin_array();
  for (const Request& request : reading.requests) {
    writer.begin_object().key("scrapeType").string(name(request.type)).key("url").string(request.url);
    if (!request.place.empty()) writer.key("place").string(request.place);
    if (!request.query.empty()) writer.key("query").string(request.query);
    writer.end_object();
  }
  writer.end_array().end_object();
  return out;
}

}  // namespace

std::string read_message(std::string_view body, const std::vector<Site>& sites) {
  json::Document document;
  if (body.size() > limits::kBodyBytesMax || document.parse(body)) return written({});
  const std::string_view message = document.root().find("message").text();
  return written(message.size() > limits::kChatBytesMax ? Reading() : read(message, sites));
}

}  // namespace sluice::chat
