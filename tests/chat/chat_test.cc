// The chat rules: the labelled messages with their precision and recall, addresses, places, limits, odd
// input.
#include "chat/chat.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "chat/text.h"
#include "chat/url.h"
#include "core/format.h"

namespace {

using nlohmann::json;
using sluice::chat::absolute_url;
using sluice::chat::find_links;
using sluice::chat::kRequestsMax;
using sluice::chat::kUrlBytesMax;
using sluice::chat::Reading;
using sluice::chat::ScrapeType;
using sluice::chat::Site;
using Strings = std::vector<std::string>;

const json& vectors() {
  static const json document = [] {
    std::ifstream file(std::string(SLUICE_SOURCE_DIR) + "/tests/vectors/chat.json");
    return json::parse(file);
  }();
  return document;
}

ScrapeType type_called(const std::string& text) {
  for (const ScrapeType type : {ScrapeType::hotel, ScrapeType::flight, ScrapeType::attraction}) {
    if (name(type) == text) return type;
  }
  return ScrapeType::general;
}

std::vector<Site> vector_sites() {
  std::vector<Site> sites;
  for (const json& site : vectors()["sites"]) {
    sites.push_back({type_called(site["type"].get<std::string>()), site["url"].get<std::string>()});
  }
  return sites;
}

// Sites whose URLs read like what they stand for.
const std::vector<Site>& short_sites() {
  static const std::vector<Site> sites = {{ScrapeType::hotel, "https://h.example/{place}"},
                                          {ScrapeType::flight, "https://f.example/{from}/{to}"},
                                          {ScrapeType::attraction, "https://a.example/{place}"}};
  return sites;
}

Strings urls_of(std::string_view message, const std::vector<Site>& sites = short_sites()) {
  Strings urls;
  for (const auto& request : read(message, sites).requests) urls.push_back(request.url);
  return urls;
}

Strings places_of(std::string_view message) {
  Strings places;
  for (const auto& request : read(message, short_sites()).requests) places.push_back(request.place);
  return places;
}

json requests_of(const Reading& reading) {
  json requests = json::array();
  for (const auto& request : reading.requests) {
    requests.push_back({{"type", std::string(name(request.type))}, {"url", request.url}});
  }
  return requests;
}

struct Score {
  int right = 0;
  int wrong = 0;   // given, but not expected
  int missed = 0;  // expected, but not given

  [[nodiscard]] double precision() const { return static_cast<double>(right) / (right + wrong); }
  [[nodiscard]] double recall() const { return static_cast<double>(right) / (right + missed); }
};

struct Scores {
  int cases = 0;
  int urgency_wrong = 0;
  int exact = 0;  // cases right in every respect, order included
  Score trigger;
  Score requests;
};

void add(Score& score, bool expected, bool given) {
  score.right += expected && given ? 1 : 0;
  score.wrong += !expected && given ? 1 : 0;
  score.missed += expected && !given ? 1 : 0;
}

bool contains(const json& list, const json& item) {
  for (const json& entry : list) {
    if (entry == item) return true;
  }
  return false;
}

// Scores of all cases, or of one split.
Scores measure(const std::string& split) {
  Scores scores;
  const std::vector<Site> sites = vector_sites();
  for (const json& one : vectors()["cases"]) {
    if (!split.empty() && one["split"] != split) continue;
    const Reading reading = sluice::chat::read(one["message"].get<std::string>(), sites);
    const json given = requests_of(reading);
    ++scores.cases;
    add(scores.trigger, one["wants"].get<bool>(), reading.wants_scraping);
    for (const json& request : given) add(scores.requests, contains(one["requests"], request), true);
    for (const json& request : one["requests"]) scores.requests.missed += contains(given, request) ? 0 : 1;
    const bool urgency = reading.urgent == one["urgent"].get<bool>();
    scores.urgency_wrong += urgency ? 0 : 1;
    const bool exact =
        urgency && reading.wants_scraping == one["wants"].get<bool>() && given == one["requests"];
    scores.exact += exact ? 1 : 0;
  }
  return scores;
}

std::string random_bytes(std::mt19937& generator, size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(generator() & 0xFF));
  return bytes;
}

// Words of real messages in random order: reaches deeper than bytes do.
std::string random_words(std::mt19937& generator, size_t count) {
  static const Strings kWords = {"hotel",
                                 "hotels",
                                 "flight",
                                 "from",
                                 "to",
                                 "in",
                                 "Rome",
                                 "new york",
                                 "and",
                                 ",",
                                 ".",
                                 "?",
                                 "don't",
                                 "find",
                                 "me",
                                 "the",
                                 "things",
                                 "to do",
                                 "one",
                                 "D.C.",
                                 "St.",
                                 "Côte",
                                 "d'Azur",
                                 "(",
                                 ")",
                                 ":",
                                 "-",
                                 "—",
                                 "→",
                                 "BER-FCO",
                                 "between",
                                 "or",
                                 "asap",
                                 "not",
                                 "I",
                                 "stayed",
                                 "my",
                                 "a",
                                 "https://",
                                 "x@y.example",
                                 "\n",
                                 "`",
                                 "```",
                                 "the",
                                 "centre",
                                 "of",
                                 "东京",
                                 "😀",
                                 "fly",
                                 "never",
                                 "mind",
                                 "there",
                                 "https://a.example/b"};
  std::string text;
  for (size_t i = 0; i < count; ++i) text.append(kWords[generator() % kWords.size()]).append(" ");
  return text;
}

}  // namespace

// Reached, as precision and recall. All 634: trigger 0.997 and 0.987, requests 0.996 and 0.981, 623 exact.
// The 222 held out while the rules were tuned: trigger 0.992 and 0.963, requests 0.988 and 0.948, 212 exact.
// The floors lie just below.
TEST_CASE("Labelled messages are read with the stated precision and recall", "[chat]") {
  struct Floor {
    const char* split;
    int cases;
    double trigger_precision, trigger_recall, request_precision, request_recall, exact;
  };
  const Floor floors[] = {
      {"", 634, 0.995, 0.985, 0.995, 0.98, 0.98},
      {"held", 222, 0.99, 0.96, 0.985, 0.945, 0.95},
  };
  for (const Floor& floor : floors) {
    const Scores scores = measure(floor.split);
    CAPTURE(floor.split, scores.cases, scores.urgency_wrong, scores.exact);
    CHECK(scores.cases >= floor.cases);
    CHECK(scores.trigger.precision() >= floor.trigger_precision);
    CHECK(scores.trigger.recall() >= floor.trigger_recall);
    CHECK(scores.requests.precision() >= floor.request_precision);
    CHECK(scores.requests.recall() >= floor.request_recall);
    CHECK(static_cast<double>(scores.exact) / scores.cases >= floor.exact);
    CHECK(scores.urgency_wrong == 0);
  }
}

TEST_CASE("Every URL of the labelled messages is an absolute http(s) URI and given once", "[chat]") {
  const std::vector<Site> sites = vector_sites();
  for (const json& one : vectors()["cases"]) {
    const Strings urls = urls_of(one["message"].get<std::string>(), sites);
    for (size_t i = 0; i < urls.size(); ++i) {
      CAPTURE(urls[i]);
      CHECK(sluice::is_http_uri(urls[i]));
      for (size_t k = 0; k < i; ++k) CHECK(urls[k] != urls[i]);
    }
  }
}

TEST_CASE("An address ends where the sentence around it goes on", "[chat][url]") {
  const char* cases[][2] = {
      {"(https://example.com/a)", "https://example.com/a"},
      {"see https://example.com/a_(b)_c.", "https://example.com/a_(b)_c"},
      {"[x](https://example.com/a?b=c)!", "https://example.com/a?b=c"},
      {"[https://example.com/a](https://example.com/a)", "https://example.com/a"},
      {"<https://example.com/a>", "https://example.com/a"},
      {"\"https://example.com/a\",", "https://example.com/a"},
      {"'https://example.com/a'", "https://example.com/a"},
      {"“https://example.com/a”", "https://example.com/a"},
      {"https://example.com/a…", "https://example.com/a"},
      {"https://example.com/a?!", "https://example.com/a"},
      {"_https://example.com/a_", "https://example.com/a"},
      {"https://example.com/a_", "https://example.com/a_"},
      {"https://example.com's prices", "https://example.com"},
      {"https://example.com/a👍🏽", "https://example.com/a"},
      {"|https://example.com/a|", "https://example.com/a"},
      {"look here.https://example.com/a", "https://example.com/a"},
      {"https://example.com/?q=[1]&r={2}", "https://example.com/?q=%5B1%5D&r=%7B2%7D"},
      {"https://example.com/100%", "https://example.com/100%25"},
      {"https://example.com/a#b#c", "https://example.com/a#b%23c"},
      {"https://example.com/ü", "https://example.com/%C3%BC"},
      {"check www.example.com.", "https://www.example.com"},
      {"check example.com/a.html,", "https://example.com/a.html"},
      {"check example.com:8080/x", "https://example.com:8080/x"},
      {"check münchen.de/hotels", "https://xn--mnchen-3ya.de/hotels"},
  };
  for (const auto& one : cases) {
    CAPTURE(one[0]);
    CHECK(urls_of(one[0]) == Strings{one[1]});
  }
  CHECK(urls_of("https://a.example/1,https://a.example/2") ==
        Strings{"https://a.example/1", "https://a.example/2"});
}

TEST_CASE("Names of files, versions, people and brands are no addresses", "[chat][url]") {
  for (const char* text :
       {"scrape report.pdf", "scrape node.js", "open main.py", "open script.sh", "fetch version 2.10.4",
        "get jane@example.com", "get jane.doe+x@mail.example.co.uk", "open README.md", "open ASP.NET",
        "read e.g. this", "fetch 10.30", "get it.It is nice", "find a hotel.in", "get ftp://example.com/x",
        "get mailto:jane@example.com", "open src/main.rs", "scrape https://", "scrape https://...",
        "open ."}) {
    CAPTURE(text);
    CHECK(urls_of(text).empty());
  }
}

TEST_CASE("absolute_url() makes valid URLs and refuses what cannot be one", "[chat][url]") {
  CHECK(absolute_url("HTTP://ExAmple.COM/Path") == "http://example.com/Path");
  CHECK(absolute_url("https://example.com.") == "https://example.com");
  CHECK(absolute_url("https://example.com:65535") == "https://example.com:65535");
  CHECK(absolute_url("https://example.com?x=1") == "https://example.com?x=1");
  CHECK(absolute_url("https://127.0.0.1:8080/") == "https://127.0.0.1:8080/");
  CHECK(absolute_url("http://localhost/x") == "http://localhost/x");
  CHECK(absolute_url("https://bücher.example") == "https://xn--bcher-kva.example");
  CHECK(absolute_url("https://MÜNCHEN.example") == "https://xn--mnchen-3ya.example");
  CHECK(absolute_url("https://例え.テスト/") == "https://xn--r8jz45g.xn--zckzah/");
  CHECK(absolute_url("https://почта.рф") == "https://xn--80a1acny.xn--p1ai");
  for (const char* address : {"",
                              "example.com",
                              "ftp://example.com",
                              "https://",
                              "https:///x",
                              "https://user:pw@example.com/",
                              "https://me@example.com",
                              "https://example.com:0",
                              "https://example.com:65536",
                              "https://example.com:x",
                              "https://example.com:",
                              "https://-a.example",
                              "https://a-.example",
                              "https://a..b",
                              "https://a b.example",
                              "https://256.1.1.1",
                              "https://1.2.3",
                              "https://1.2.3.4.5",
                              "https://0x7f.1",
                              "https://a.0x1",
                              "https://a%41.example",
                              "https://…",
                              "https://a.123"}) {
    CAPTURE(address);
    CHECK(absolute_url(address).empty());
  }
  const std::string label(63, 'a');
  CHECK(!absolute_url("https://" + label + ".example").empty());
  CHECK(absolute_url("https://" + label + "a.example").empty());
  std::string host;
  while (host.size() + label.size() + 1 < 253) host += label + ".";
  host += std::string(253 - host.size(), 'b');
  CHECK(!absolute_url("https://" + host).empty());
  CHECK(absolute_url("https://" + host + "b").empty());
}

TEST_CASE("A URL has at most 2,048 bytes, after encoding", "[chat][url]") {
  const std::string head = "https://example.com/";
  const std::string longest = head + std::string(kUrlBytesMax - head.size(), 'a');
  CHECK(urls_of(longest) == Strings{longest});
  CHECK(urls_of(longest + "a").empty());
  CHECK(urls_of(longest.substr(0, kUrlBytesMax - 1) + "ü").empty());
  CHECK(urls_of("example.com/" + std::string(kUrlBytesMax, 'a')).empty());
  const std::vector<Site> sites = {{ScrapeType::hotel, longest.substr(0, kUrlBytesMax - 4) + "{place}"}};
  CHECK(urls_of("hotel in Rome", sites).size() == 1);
  CHECK(urls_of("hotel in Paris", sites).empty());
}

TEST_CASE("Places are percent-encoded as UTF-8 into the site's template", "[chat]") {
  const std::vector<Site> sites = {{ScrapeType::hotel, "https://h.example/{place}?q={query}"}};
  const Reading reading = sluice::chat::read("find a hotel in Val d'Isère & more", sites);
  REQUIRE(reading.requests.size() == 1);
  CHECK(reading.requests[0].place == "Val d'Isère");
  CHECK(reading.requests[0].query == "find a hotel in Val d'Isère & more");
  CHECK(reading.requests[0].url ==
        "https://h.example/Val%20d%27Is%C3%A8re?q=find%20a%20hotel%20in%20Val%20d%27Is%C3%A8re%20%26%20more");
  std::string encoded;
  sluice::chat::append_encoded(encoded, "aZ09-._~ /?#[]@!$&'()*+,;=%\"é");
  CHECK(encoded == "aZ09-._~%20%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%25%22%C3%A9");
}

TEST_CASE("A template is used only when every placeholder has a value", "[chat]") {
  const std::vector<Site> sites = {{ScrapeType::flight, "https://f.example/{from}/{to}"},
                                   {ScrapeType::flight, "https://t.example/{place}"},
                                   {ScrapeType::hotel, "https://h.example/{city}"},
                                   {ScrapeType::hotel, "https://h.example/{place"},
                                   {ScrapeType::hotel, "h.example/{place}"},
                                   {ScrapeType::hotel, "https://{place}.example/"}};
  CHECK(urls_of("flights from Oslo to Rome", sites) ==
        Strings{"https://f.example/Oslo/Rome", "https://t.example/Rome"});
  CHECK(urls_of("flights to Rome", sites) == Strings{"https://t.example/Rome"});
  CHECK(urls_of("hotels in Rome", sites) == Strings{"https://rome.example/"});
  CHECK(urls_of("hotels in New York", sites).empty());
}

TEST_CASE("What is missing is named when nothing can be fetched", "[chat]") {
  struct Case {
    const char* message;
    std::vector<Site> sites;
    const char* missing;
  };
  const Case cases[] = {
      {"find me a hotel", short_sites(), "place"},
      {"find me a hotel", {}, "place"},
      {"find me a hotel in Rome", {}, "site"},
      {"find me a hotel in Rome", {{ScrapeType::flight, "https://f.example/{to}"}}, "site"},
      {"flights to Rome", {{ScrapeType::flight, "https://f.example/{from}/{to}"}}, "place"},
      {"flights from Rome", {{ScrapeType::flight, "https://f.example/{to}"}}, "place"},
      {"hotels in Rome", {{ScrapeType::hotel, "no url {place}"}}, "site"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.message, one.missing);
    const Reading reading = sluice::chat::read(one.message, one.sites);
    CHECK(reading.wants_scraping);
    CHECK(reading.requests.empty());
    CHECK(reading.missing == one.missing);
  }
  CHECK(sluice::chat::read("hotels in Rome", short_sites()).missing.empty());
  CHECK(sluice::chat::read("good morning", short_sites()).missing.empty());
}

TEST_CASE("A place's name ends where something else begins", "[chat][place]") {
  const char* cases[][2] = {
      {"hotel in new york next week", "new york"},
      {"hotel in san sebastián for two", "san sebastián"},
      {"hotel in skagen under 100€", "skagen"},
      {"hotel in lake como 12-15 june", "lake como"},
      {"hotel in kuala lumpur with pool", "kuala lumpur"},
      {"hotel in palma de mallorca tomorrow", "palma de mallorca"},
      {"hotel in bad ischl near the river", "bad ischl"},
      {"hotel in the hague please", "the hague"},
      {"hotel in the Algarve in May", "Algarve"},
      {"hotel in The Hague on Friday", "The Hague"},
      {"hotel in Rio de Janeiro during Carnival", "Rio de Janeiro"},
      {"hotel in Frankfurt am Main from Monday", "Frankfurt am Main"},
      {"hotel in Stratford-upon-Avon 🎭", "Stratford-upon-Avon"},
      {"hotel in St. Moritz. Thanks!", "St. Moritz"},
      {"hotel in Washington D.C. for 2", "Washington D.C."},
      {"hotel on the Isle of Skye for 2", "Isle of Skye"},
      {"hotel in the centre of Prague", "Prague"},
      {"hotel near the beach in Nice", "Nice"},
      {"hotel near Heathrow airport tonight", "Heathrow airport"},
      {"hotel in Portland, Oregon, for 2", "Portland, Oregon"},
      {"hotel in Rome, Peter", "Rome"},
      {"hotel in Rome that has a pool", "Rome"},
      {"hotel in ROME", "ROME"},
      {"hotel in  New\tYork", "New York"},
      {"hotel in Val d’Isère", "Val d'Isère"},
      {"hotel in 東京", "東京"},
      {"hotel in Bosnia and Herzegovina", "Bosnia and Herzegovina"},
      {"cheap Lisbon hotels", "Lisbon"},
      {"hotel search: Valencia, 2 adults", "Valencia"},
      {"I'm going to Porto in May. Find me a hotel", "Porto"},
  };
  for (const auto& one : cases) {
    CAPTURE(one[0]);
    CHECK(places_of(one[0]) == Strings{one[1]});
  }
}

TEST_CASE("What no name stands for is no place", "[chat][place]") {
  for (const char* text : {"find a hotel near me", "find a hotel in June", "find a hotel in a quiet area",
                           "find a hotel in town", "find a hotel in 2 weeks", "find a hotel for two",
                           "find a hotel on Monday", "find a hotel by the sea"}) {
    CAPTURE(text);
    const Reading reading = sluice::chat::read(text, short_sites());
    CHECK(reading.requests.empty());
    CHECK(reading.missing == "place");
  }
}

TEST_CASE("Several places make several requests in order of mention", "[chat][place]") {
  CHECK(places_of("hotels in Paris, Rome and Milan") == Strings{"Paris", "Rome", "Milan"});
  CHECK(places_of("hotels in paris or rome") == Strings{"paris", "rome"});
  CHECK(places_of("hotels in Paris, France and Rome, Italy") == Strings{"Paris, France", "Rome, Italy"});
  CHECK(places_of("hotels in rome and breakfast") == Strings{"rome"});
  CHECK(urls_of("what to see in Ulm, also scrape https://example.com/x and find hotels in Ulm").size() == 3);
  CHECK(urls_of("things to do in Ulm and hotels in Kiel") ==
        Strings{"https://a.example/Ulm", "https://h.example/Kiel"});
}

TEST_CASE("Flights take both ends in every usual order", "[chat][place]") {
  for (const char* text : {"flights from Oslo to Rome", "flights to Rome from Oslo", "Oslo to Rome flights",
                           "flight Oslo - Rome", "flights Oslo → Rome", "flights between Oslo and Rome",
                           "I want to fly from Oslo to Rome", "plane tickets from Oslo to Rome",
                           "a ticket from Oslo to Rome by air please", "flight oslo rome"}) {
    CAPTURE(text);
    const Strings urls = urls_of(text);
    REQUIRE(urls.size() == 1);
    CHECK((urls[0] == "https://f.example/Oslo/Rome" || urls[0] == "https://f.example/oslo/rome"));
  }
  CHECK(urls_of("BER-FCO flights") == Strings{"https://f.example/BER/FCO"});
  CHECK(urls_of("flights from Oslo to Rome and from Rome to Bari") ==
        Strings{"https://f.example/Oslo/Rome", "https://f.example/Rome/Bari"});
}

TEST_CASE("Urgency is heard, and its denial too", "[chat]") {
  for (const char* text : {"asap", "ASAP", "urgently", "immediately", "right now", "right away",
                           "it's an emergency", "as soon as possible", "hurry"}) {
    CAPTURE(text);
    CHECK(sluice::chat::read(std::string("find a hotel in Rome, ") + text, short_sites()).urgent);
    CHECK_FALSE(sluice::chat::read(text, short_sites()).urgent);
  }
  for (const char* text : {"no rush", "not urgent", "no hurry", "whenever you have time", "it isn't urgent",
                           "no need to hurry", "for now"}) {
    CAPTURE(text);
    CHECK_FALSE(sluice::chat::read(std::string("find a hotel in Rome, ") + text, short_sites()).urgent);
  }
  CHECK(sluice::chat::read("I need a room in Rome tonight", short_sites()).urgent);
  CHECK_FALSE(sluice::chat::read("what to see in Rome tonight", short_sites()).urgent);
}

TEST_CASE("A later sentence takes back or corrects what was asked", "[chat]") {
  CHECK(urls_of("Find a hotel in Rome. Never mind.").empty());
  CHECK(urls_of("Scrape https://example.com/a. Actually, forget it please").empty());
  CHECK(urls_of("Scrape https://example.com/a. Never mind the typos").size() == 1);
  CHECK(urls_of("Never mind. Find a hotel in Rome") == Strings{"https://h.example/Rome"});
  CHECK(urls_of("Hotels in Rome. No wait, I meant hotels in Bari") == Strings{"https://h.example/Bari"});
}

TEST_CASE("At most ten requests are made of a message, none twice", "[chat]") {
  std::string message = "scrape";
  for (int i = 0; i < 25; ++i) message += " https://example.com/" + std::to_string(i);
  const Strings urls = urls_of(message);
  REQUIRE(urls.size() == kRequestsMax);
  CHECK(urls.front() == "https://example.com/0");
  CHECK(urls.back() == "https://example.com/9");
  CHECK(urls_of("https://example.com https://example.com/ https://example.com/#top").size() == 1);
  CHECK(urls_of("hotels in Rome and Rome. Hotel in Rome?").size() == 1);
}

TEST_CASE("Only the first 16,384 bytes of a message count", "[chat]") {
  const std::string wish = "find a hotel in Rome";
  const size_t limit = sluice::chat::kMessageBytesRead;
  CHECK(urls_of(std::string(limit - wish.size(), '\n') + wish) == Strings{"https://h.example/Rome"});
  CHECK(urls_of(std::string(limit, '\n') + wish).empty());
  const std::string hotels = [] {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += "hotel in ";
    return text;
  }();
  CHECK(urls_of(hotels).empty());
}

TEST_CASE("Any bytes are read without harm, and twice alike", "[chat]") {
  std::mt19937 generator(20240229);
  for (int round = 0; round < 2000; ++round) {
    const size_t size = generator() % 200;
    const std::string message =
        round % 2 == 0 ? random_bytes(generator, size) : random_words(generator, size / 4);
    const Reading first = sluice::chat::read(message, short_sites());
    const Reading second = sluice::chat::read(message, short_sites());
    CHECK(requests_of(first).dump(-1, ' ', false, json::error_handler_t::replace) ==
          requests_of(second).dump(-1, ' ', false, json::error_handler_t::replace));
    CHECK(first.urgent == second.urgent);
    CHECK(first.missing == second.missing);
    CHECK(first.requests.size() <= kRequestsMax);
    CHECK((first.wants_scraping || first.requests.empty()));
    CHECK((first.missing.empty() || first.requests.empty()));
    for (const auto& request : first.requests) CHECK(sluice::is_http_uri(request.url));
  }
}

TEST_CASE("Links lie inside the text, in order and apart", "[chat][url]") {
  std::mt19937 generator(7);
  for (int round = 0; round < 500; ++round) {
    const std::string text = random_words(generator, 40) + random_bytes(generator, 40);
    size_t end = 0;
    for (const auto& link : find_links(text)) {
      CHECK(link.begin >= end);
      CHECK(link.end > link.begin);
      CHECK(link.end <= text.size());
      CHECK(link.url.size() <= kUrlBytesMax);
      end = link.end;
    }
  }
}
