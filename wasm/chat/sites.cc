#include "chat/sites.h"

#include "core/json.h"

namespace sluice::chat {
namespace {

using json::Kind;
using json::Value;

bool type_called(std::string_view text, ScrapeType& out) {
  for (const ScrapeType type :
       {ScrapeType::hotel, ScrapeType::flight, ScrapeType::attraction, ScrapeType::general}) {
    if (name(type) != text) continue;
    out = type;
    return true;
  }
  return false;
}

bool is_web(std::string_view url) { return url.rfind("https://", 0) == 0 || url.rfind("http://", 0) == 0; }

}  // namespace

std::string load_sites(std::string_view json, std::vector<Site>& out) {
  json::Document document;
  const bool broken = static_cast<bool>(document.parse(json));
  if (broken || !document.root().is(Kind::object)) return "the configuration is not a JSON object";
  const std::string_view text = document.root().find("vars").find("SITES").text();
  if (text.empty()) return "";
  json::Document list;
  const bool malformed = static_cast<bool>(list.parse(text));
  if (malformed || !list.root().is(Kind::array)) return "SITES must be a JSON array of {scrapeType, url}";
  for (const Value entry : list.root()) {
    Site site;
    site.url = entry.find("url").text();
    if (!type_called(entry.find("scrapeType").text(), site.type) || !is_web(site.url))
      return "SITES holds an entry without a known scrapeType and an http(s) url";
    out.push_back(std::move(site));
  }
  return "";
}

}  // namespace sluice::chat
