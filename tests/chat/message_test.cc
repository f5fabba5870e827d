// What the chat module is handed and what it hands back: bodies, readings, sites.
#include "chat/message.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "chat/sites.h"
#include "core/config.h"
#include "core/limits.h"

namespace {

using nlohmann::json;
using sluice::chat::load_sites;
using sluice::chat::read_message;
using sluice::chat::ScrapeType;
using sluice::chat::Site;

const std::vector<Site>& hotel_sites() {
  static const std::vector<Site> sites = {{ScrapeType::hotel, "https://h.example/{place}"}};
  return sites;
}

std::string configured(const std::string& sites) {
  std::vector<Site> out;
  return load_sites(json({{"vars", {{"SITES", sites}}}}).dump(), out);
}

json vectors() {
  std::ifstream file(std::string(SLUICE_SOURCE_DIR) + "/tests/vectors/chat.json");
  return json::parse(file);
}

std::vector<Site> vector_sites(const json& document) {
  json list = json::array();
  for (const json& site : document["sites"])
    list.push_back({{"scrapeType", site["type"]}, {"url", site["url"]}});
  std::vector<Site> sites;
  REQUIRE(load_sites(json({{"vars", {{"SITES", list.dump()}}}}).dump(), sites).empty());
  return sites;
}

// FNV-1a with 64 bits, in hexadecimal.
class Digest {
 public:
  void add(const std::string& text) {
    for (const char c : text) value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  [[nodiscard]] std::string hex() const {
    char out[17];
    (void)std::snprintf(out, sizeof out, "%016llx", static_cast<unsigned long long>(value_));
    return out;
  }

 private:
  uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace

TEST_CASE("A message's reading says all that the core needs", "[chat][message]") {
  CHECK(read_message(R"({"message":"find a hotel in Rome, asap","userId":"u"})", hotel_sites()) ==
        R"({"wants":true,"urgent":true,"missing":"","requests":[{"scrapeType":"hotel",)"
        R"("url":"https://h.example/Rome","place":"Rome","query":"find a hotel in Rome, asap"}]})");
  CHECK(read_message(R"({"message":"find a hotel"})", hotel_sites()) ==
        R"({"wants":true,"urgent":false,"missing":"place","requests":[]})");
}

TEST_CASE("A body that the core refuses reads like a message that asks for nothing", "[chat][message]") {
  const std::string nothing = R"({"wants":false,"urgent":false,"missing":"","requests":[]})";
  const std::string wish = "find a hotel in Rome";
  const std::string blanks(sluice::limits::kChatBytesMax - wish.size(), ' ');
  const auto body = [](const std::string& message) { return R"({"message":")" + message + "\"}"; };
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("[]"), std::string(R"({"message":7})"),
        std::string(R"({"userId":"u"})"), body(wish + " " + blanks), "\"" + wish + "\"",
        body(wish) + std::string(sluice::limits::kBodyBytesMax, ' ')}) {
    CHECK(read_message(text, hotel_sites()) == nothing);
  }
  CHECK(read_message(body(wish + blanks), hotel_sites()) != nothing);
}

TEST_CASE("Every reading of the labelled messages is one that the core takes", "[chat][message]") {
  sluice::Config config;
  REQUIRE(config.load(R"({"types":[],"vars":{}})").empty());
  const json document = vectors();
  const std::vector<Site> sites = vector_sites(document);
  for (const json& one : document["cases"]) {
    const std::string reading = read_message(json({{"message", one["message"]}}).dump(), sites);
    INFO(reading);
    sluice::json::Document parsed;
    REQUIRE_FALSE(static_cast<bool>(parsed.parse(reading)));
    std::vector<sluice::Fault> faults;
    CHECK(config.reading.validate(parsed.root(), "", faults));
  }
}

// The module must give the same (tests/worker/vectors.test.js). Whoever changes the rules changes the digest.
TEST_CASE("Every labelled message is read as the vectors' digest says, byte for byte", "[chat][message]") {
  const json document = vectors();
  const std::vector<Site> sites = vector_sites(document);
  Digest digest;
  for (const json& one : document["cases"]) {
    digest.add(read_message(json({{"message", one["message"]}}).dump(), sites) + "\n");
  }
  CHECK(digest.hex() == document["readings"].get<std::string>());
}

TEST_CASE("Sites are read, and what is none is refused by name", "[chat][sites]") {
  std::vector<Site> sites;
  REQUIRE(
      load_sites(R"({"vars":{"SITES":"[{\"scrapeType\":\"flight\",\"url\":\"http://a.example/{to}\"}]"}})",
                 sites)
          .empty());
  REQUIRE(sites.size() == 1);
  CHECK(sites[0].type == ScrapeType::flight);
  CHECK(sites[0].url == "http://a.example/{to}");
  for (const char* text :
       {"{}", R"({"vars":{}})", R"({"vars":{"SITES":""}})", R"({"vars":{"SITES":"[]"}})"}) {
    std::vector<Site> none;
    CHECK(load_sites(text, none).empty());
    CHECK(none.empty());
  }
  for (const char* text : {"", "{", "[]", "null"}) {
    std::vector<Site> none;
    CHECK(load_sites(text, none) == "the configuration is not a JSON object");
  }
  for (const char* text : {"{", "{}", "7", "[7]", "[{}]", R"([{"scrapeType":"boat","url":"https://a"}])",
                           R"([{"scrapeType":"hotel","url":"ftp://a"}])", R"([{"url":"https://a"}])"}) {
    INFO(text);
    CHECK(configured(text).find("SITES ") == 0);
  }
}
