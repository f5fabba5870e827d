// Chat rules: which messages ask for scraping, which pages they mean, and how urgent they are.
//
// Deterministic and without state: the same message, sites and clock give the same requests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::chat {

enum class ScrapeType : unsigned char { hotel, flight, attraction, general };
[[nodiscard]] std::string_view name(ScrapeType type);

// A configured site that can be asked about a place: `url` is a template in which {place}, {from}, {to},
// {query} are replaced by percent-encoded text (`SITES` in the configuration).
struct Site {
  ScrapeType type = ScrapeType::general;
  std::string url;
};

struct Request {
  ScrapeType type = ScrapeType::general;
  std::string url;    // absolute http(s) URL
  std::string place;  // what the person named ("Lisbon"; for a flight its destination); may be empty
  std::string query;  // the words that asked for it, trimmed; may be empty
};

struct Reading {
  bool wants_scraping = false;    // the message asks for something to be fetched
  bool urgent = false;            // "asap", "right now", "urgent", …: → priority `urgent`
  std::vector<Request> requests;  // in order of mention, no URL twice, at most kRequestsMax
  std::string missing;            // wants_scraping but nothing to fetch: what is missing, for the reply
                                  // ("place" or "site"); else empty
};

inline constexpr size_t kRequestsMax = 10;

// Reads one message (valid UTF-8, any length the caller allows).
[[nodiscard]] Reading read(std::string_view message, const std::vector<Site>& sites);

}  // namespace sluice::chat
