// Chat rules: which messages ask for scraping, which pages they mean, and how urgent they are.
//
// Deterministic and without state: the same message, sites and clock give the same requests.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::chat {

enum class ScrapeType : unsigned char { hotel, flight, attraction, general };
[[nodiscard]] std::string_view name(ScrapeType type);

// A configured site that can be asked about a place: `url` is a template in which {place}, {from}, {to},
// {query} are replaced by percent-encoded text (`SITES` in the configuration). {place} and {to} are the
// place, for a flight its destination; {from} is a flight's origin; {query} the words of the wish. A template
// is passed over where one of its placeholders has no value ({from} of "flights to Rome"), is unknown, or
// where no valid URL of at most 2,048 bytes comes of it.
struct Site {
  ScrapeType type = ScrapeType::general;
  std::string url;
};

struct Request {
  ScrapeType type = ScrapeType::general;
  std::string url;    // absolute http(s) URL
  std::string place;  // what the person named ("Lisbon"; for a flight its destination); may be empty
  std::string query;  // the words that asked for it, trimmed, at most 200 bytes; may be empty
};

struct Reading {
  bool wants_scraping = false;    // the message asks for something to be fetched
  bool urgent = false;            // "asap", "right now", "urgent", …: → priority `urgent`; false where
                                  // nothing is asked for
  std::vector<Request> requests;  // in order of mention, no URL twice, at most kRequestsMax
  std::string missing;            // wants_scraping but nothing to fetch: what is missing, for the reply
                                  // ("place" or "site"); else empty
};

inline constexpr size_t kRequestsMax = 10;

// Reads one message (UTF-8; malformed bytes do no harm, but may end up in a place's name). Only the first
// 16,384 bytes count; time and memory grow with them linearly.
[[nodiscard]] Reading read(std::string_view message, const std::vector<Site>& sites);

}  // namespace sluice::chat
